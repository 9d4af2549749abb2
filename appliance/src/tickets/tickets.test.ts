import { StaffId, type SyncBody, type TicketCommand, TicketState } from "@sitebox/core/contract";
import fc from "fast-check";
import { CompiledQuery } from "kysely";
import { expect, test } from "vitest";
import type { Actor } from "./machine.ts";
import { coldAir, hotel, newDataDir, openHotel } from "./testing/index.ts";

const desk: Actor = { name: "前台", role: "agent" };
const [li, wang] = ["li", "wang"].map((id): Actor => ({ name: id, role: "staff", staff: StaffId.parse(id) })) as [Actor, Actor];
let commands = 0;
const command = (action: "accept" | "decline" | "start" | "finish" | "cancel"): TicketCommand => ({
  action,
  commandId: `command-${++commands}`,
});

async function outbox(site: Awaited<ReturnType<typeof openHotel>>) {
  const rows = await site.db.read((db) =>
    db.selectFrom("outbox").selectAll().where("stream", "=", "p1").orderBy("seq").execute(),
  );
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as SyncBody & { type: "ticket.changed" } }));
}

test("a request is a numbered work order with somebody to do it, on disk with its way to headquarters, when open resolves", async () => {
  await using site = await openHotel();
  const ticket = await site.tickets.open(coldAir);
  expect(ticket).toMatchObject({ number: "80001", state: "assigned", staff: "li", staffName: "李师傅", rev: 2 });
  const { history } = await site.tickets.get(ticket.id);
  expect(history.map(({ rev, type, state, actor }) => [rev, type, state, actor])).toEqual([
    [1, "opened", "open", "assistant"],
    [2, "assigned", "assigned", "dispatch"],
  ]);
  const rows = await outbox(site);
  expect(rows.map(({ agg, rev, body }) => [agg, rev, body.change.type, body.ticket.state])).toEqual([
    [`ticket/${ticket.id}`, 1, "opened", "open"],
    [`ticket/${ticket.id}`, 2, "assigned", "assigned"],
  ]);
});

test("a caller's number stays on the site unless it is configured to leave", async () => {
  await using site = await openHotel();
  expect((await site.tickets.open(coldAir)).callerNumber).toBe("13812345678");
  expect(JSON.stringify(await outbox(site))).not.toContain("13812345678");
  await using open = await openHotel({ syncPersonalData: true });
  await open.tickets.open(coldAir);
  expect((await outbox(open))[0]?.body.ticket.callerNumber).toBe("13812345678");
});

test("the field accepts, starts and finishes; every change is told once it is on disk", async () => {
  await using site = await openHotel();
  const told: string[] = [];
  site.tickets.events.on("ticketChanged", (ticket, change) => told.push(`${change.rev} ${change.type} ${ticket.state}`));
  const { id } = await site.tickets.open(coldAir);
  await site.tickets.command(id, command("accept"), li);
  await site.tickets.command(id, command("start"), li);
  const done = await site.tickets.command(id, { action: "finish", commandId: "f", note: "换了滤网" }, li);
  expect(done).toMatchObject({ state: "done", staff: "li" });
  expect(done.history.at(-1)).toMatchObject({ type: "finished", actor: "li", note: "换了滤网" });
  expect(told).toEqual([
    "1 opened open",
    "2 assigned assigned",
    "3 accepted accepted",
    "4 started in-progress",
    "5 finished done",
  ]);
});

test("a command that is repeated changes nothing and answers with the present state", async () => {
  await using site = await openHotel();
  const { id } = await site.tickets.open(coldAir);
  const accept = command("accept");
  const once = await site.tickets.command(id, accept, li);
  expect(await site.tickets.command(id, accept, li)).toEqual(once);
  await site.tickets.command(id, command("start"), li);
  expect((await site.tickets.command(id, accept, li)).state).toBe("in-progress");
  const together = command("finish");
  await Promise.all([1, 2, 3].map(() => site.tickets.command(id, together, li)));
  expect((await site.tickets.get(id)).rev).toBe(5);
});

test("what is not possible is refused with its reason and changes nothing", async () => {
  await using site = await openHotel();
  const { id } = await site.tickets.open(coldAir);
  const refused = (what: TicketCommand, who: Actor) => expect(site.tickets.command(id, what, who)).rejects;
  await refused(command("accept"), wang).toMatchObject({ fault: "not-allowed" });
  await refused(command("cancel"), li).toMatchObject({ fault: "not-allowed" });
  await refused(command("start"), li).toMatchObject({ fault: "wrong-state" });
  await refused({ action: "assign", commandId: "n", staff: StaffId.parse("nobody") }, desk).toMatchObject({ fault: "not-found" });
  await expect(site.tickets.command("no-such-ticket", command("accept"), desk)).rejects.toMatchObject({ fault: "not-found" });
  expect((await site.tickets.get(id)).rev).toBe(2);
});

test("who declines is not asked again; the next one is, and nobody left means the desk", async () => {
  await using site = await openHotel();
  const { id } = await site.tickets.open(coldAir);
  const next = await site.tickets.command(id, command("decline"), li);
  expect(next).toMatchObject({ state: "assigned", staff: "wang" });
  const nobody = await site.tickets.command(id, command("decline"), wang);
  expect(nobody.state).toBe("open");
  expect(nobody.staff).toBeUndefined();
  expect(nobody.history.slice(-2).map(({ type, staff }) => [type, staff])).toEqual([
    ["declined", "wang"],
    ["unassignable", undefined],
  ]);
  const { fields } = site.logged.findLast(({ message }) => message.startsWith("nobody to be found")) ?? {};
  expect(fields?.excluded).toEqual([
    { staff: "li", reason: "declined" },
    { staff: "wang", reason: "declined" },
    { staff: "zhao", reason: "no-skill" },
  ]);
  await site.tickets.setShift("li", false, desk);
  await site.tickets.setShift("li", true, desk);
  expect((await site.tickets.get(id)).rev).toBe(nobody.rev);
});

test("with nobody on shift a work order waits at the desk, and goes out when a shift begins", async () => {
  await using site = await openHotel();
  for (const staff of await site.tickets.listStaff()) await site.tickets.setShift(staff.id, false, desk);
  const ticket = await site.tickets.open(coldAir);
  expect(ticket.state).toBe("open");
  expect((await site.tickets.get(ticket.id)).history.at(-1)?.type).toBe("unassignable");
  await site.tickets.setShift("wang", true, desk);
  expect(await site.tickets.get(ticket.id)).toMatchObject({ state: "assigned", staff: "wang" });
});

test("a shift that ends gives away what was not accepted and keeps what was", async () => {
  await using site = await openHotel();
  const kept = await site.tickets.open({ ...coldAir, place: "801" });
  await site.tickets.command(kept.id, { action: "assign", commandId: "k", staff: StaffId.parse("li") }, desk).catch(() => {});
  await site.tickets.command(kept.id, command("accept"), li);
  const given = await site.tickets.open({ ...coldAir, place: "802" });
  await site.tickets.command(given.id, { action: "assign", commandId: "g", staff: StaffId.parse("li") }, desk);
  await site.tickets.setShift("li", false, desk);
  expect(await site.tickets.get(kept.id)).toMatchObject({ state: "accepted", staff: "li" });
  expect(await site.tickets.get(given.id)).toMatchObject({ state: "assigned", staff: "wang" });
});

test("work is shared out: the one with less has the next", async () => {
  await using site = await openHotel();
  const staff = [];
  for (let i = 0; i < 4; i++) {
    staff.push((await site.tickets.open(coldAir)).staff);
    await site.clock.advance(1_000);
  }
  expect(staff).toEqual(["li", "wang", "li", "wang"]);
});

test("messages and requests that were not understood belong to the desk", async () => {
  await using site = await openHotel();
  const message = await site.tickets.open({
    kind: "message",
    intent: "message",
    summary: "留言",
    channel: "phone",
    audioFile: "messages/1.wav",
  });
  expect(message).toMatchObject({ state: "open", hasAudio: true });
  expect(await site.tickets.audioFile(message.id)).toBe(`${site.dataDir}/messages/1.wav`);
  expect((await site.tickets.command(message.id, command("finish"), desk)).state).toBe("done");
});

test("a recording outside the data folder is not given out", async () => {
  await using site = await openHotel();
  const { id } = await site.tickets.open({ ...coldAir, audioFile: "a/../../../etc/passwd" });
  await expect(site.tickets.audioFile(id)).rejects.toMatchObject({ fault: "not-found" });
});

test("what somebody had who left the staff goes to others at the next start, and shifts stay as switched", async () => {
  const dataDir = await newDataDir();
  const first = await openHotel({ dataDir });
  const { id } = await first.tickets.open(coldAir);
  await first.tickets.command(id, command("accept"), li);
  await first.tickets.setShift("zhao", false, desk);
  await first[Symbol.asyncDispose]();
  const staff = [
    { id: "wang", name: "王师傅", skills: ["hvac"] },
    { id: "zhao", name: "赵姐", skills: ["housekeeping"] },
  ];
  await using next = await openHotel({ dataDir, site: hotel(staff) });
  const moved = await next.tickets.get(id);
  expect(moved).toMatchObject({ state: "assigned", staff: "wang" });
  expect(moved.history.map(({ type, staffName }) => [type, staffName]).slice(-2)).toEqual([
    ["unassigned", "李师傅"],
    ["assigned", "王师傅"],
  ]);
  expect((await next.tickets.listStaff()).map(({ id: who, onShift }) => [who, onShift])).toEqual([
    ["wang", true],
    ["zhao", false],
  ]);
});

test("numbers are dense and unique under 200 openings at once, across a restart, and begin anew each day of the site", async () => {
  const dataDir = await newDataDir();
  const first = await openHotel({ dataDir });
  const opened = await Promise.all(Array.from({ length: 200 }, () => first.tickets.open(coldAir)));
  const expected = Array.from({ length: 200 }, (_, i) => `8${String(i + 1).padStart(4, "0")}`);
  expect(opened.map(({ number }) => number).sort()).toEqual(expected);
  await first[Symbol.asyncDispose]();
  await using next = await openHotel({ dataDir });
  expect((await next.tickets.open(coldAir)).number).toBe("80201");
  await next.clock.advance(14 * 3_600_000 - 1);
  expect((await next.tickets.open(coldAir)).number).toBe("80202");
  await next.clock.advance(1);
  expect((await next.tickets.open(coldAir)).number).toBe("80001");
});

test("a full disk keeps nothing of the work order and says so; with room again it goes on without a gap", async () => {
  await using site = await openHotel();
  await site.tickets.open(coldAir);
  const { page_count: pages } = await pragma(site, "page_count");
  await pragma(site, `max_page_count = ${pages}`);
  const faults: string[] = [];
  for (let i = 0; i < 50; i++)
    await site.tickets
      .open({ ...coldAir, summary: "满".repeat(300) })
      .catch((error: { fault: string }) => faults.push(error.fault));
  expect(new Set(faults)).toEqual(new Set(["storage"]));
  const kept = await site.tickets.list();
  expect(kept).toHaveLength(51 - faults.length);
  await pragma(site, "max_page_count = 1000000");
  expect((await site.tickets.open(coldAir)).number).toBe(`8${String(kept.length + 1).padStart(4, "0")}`);
  expect((await outbox(site)).map(({ seq }) => seq)).toEqual(Array.from({ length: (kept.length + 1) * 2 }, (_, i) => i + 1));
});

test("a listener that fails does not undo what is on disk", async () => {
  await using site = await openHotel();
  site.tickets.events.on("ticketChanged", () => {
    throw new Error("no");
  });
  expect((await site.tickets.open(coldAir)).number).toBe("80001");
});

test("active work orders are listed most urgent and oldest first, others newest first", async () => {
  await using site = await openHotel();
  const normal = await site.tickets.open(coldAir);
  await site.clock.advance(1_000);
  const urgent = await site.tickets.open({ ...coldAir, priority: "P0" });
  await site.clock.advance(1_000);
  const later = await site.tickets.open(coldAir);
  const numbers = async (filter: Parameters<typeof site.tickets.list>[0]) =>
    (await site.tickets.list(filter)).map(({ number }) => number);
  expect(await numbers({ active: true })).toEqual([urgent.number, normal.number, later.number]);
  expect(await numbers({})).toEqual([later.number, urgent.number, normal.number]);
  await site.tickets.command(urgent.id, command("cancel"), desk);
  expect(await numbers({ active: false })).toEqual([urgent.number]);
  const lis = await numbers({ active: true, staff: StaffId.parse("li"), withOpen: true });
  expect(lis).toEqual(
    (await site.tickets.list({ active: true })).filter(({ staff }) => staff === "li").map(({ number }) => number),
  );
});

test("whatever people do, history is dense, equals the states, and is what headquarters is told", async () => {
  const actors = [desk, li, wang];
  const anything = fc.record({
    action: fc.constantFrom("assign", "accept", "decline", "start", "finish", "cancel", "comment"),
    who: fc.nat(2),
    staff: fc.constantFrom("li", "wang", "zhao").map((id) => StaffId.parse(id)),
    commandId: fc.nat(8).map(String),
    shift: fc.option(fc.boolean(), { freq: 3 }),
  });
  await using site = await openHotel();
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 15 }), async (steps) => {
      const { id } = await site.tickets.open(coldAir);
      for (const { action, who, staff, commandId, shift } of steps) {
        if (shift !== null) await site.tickets.setShift(staff, shift, desk);
        const asked = { action, commandId, note: "x", staff } as TicketCommand;
        const result = await site.tickets
          .command(id, asked, actors[who] ?? desk)
          .catch((error: Error & { fault: string }) => error);
        if (result instanceof Error) expect(["not-allowed", "wrong-state"]).toContain(result.fault);
      }
      const ticket = await site.tickets.get(id);
      expect(ticket.history.map(({ rev }) => rev)).toEqual(Array.from({ length: ticket.rev }, (_, i) => i + 1));
      expect(ticket.history.at(-1)?.state).toBe(ticket.state);
      const over = ticket.history.findIndex(({ state }) => state === "done" || state === "cancelled");
      if (over >= 0) for (const { state } of ticket.history.slice(over)) expect(state).toBe(ticket.state);
      if (ticket.state === "open")
        expect(ticket.history.filter(({ type }) => type !== "commented").at(-1)?.type).toBe("unassignable");
      else if (TicketState.exclude(["done", "cancelled"]).safeParse(ticket.state).success) expect(ticket.staff).toBeDefined();
      const told = (await outbox(site)).filter(({ agg }) => agg === `ticket/${id}`);
      expect(told.map(({ body }) => body.change)).toEqual(JSON.parse(JSON.stringify(ticket.history)));
    }),
    { numRuns: 30 },
  );
}, 60_000);

async function pragma(site: Awaited<ReturnType<typeof openHotel>>, text: string): Promise<Record<string, number>> {
  return site.db.transact(async (tx) => {
    const { rows } = await tx.executeQuery(CompiledQuery.raw(`pragma ${text}`));
    return (rows[0] ?? {}) as Record<string, number>;
  });
}
