import { rm } from "node:fs/promises";
import type { AlarmChange, Ticket, TicketDraft } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { afterAll, expect, test } from "vitest";
import { openHotel } from "../tickets/testing/index.ts";
import { Emergencies } from "./index.ts";

const folders = new AsyncDisposableStack();
afterAll(() => folders.disposeAsync());

const fire: TicketDraft = {
  kind: "other",
  intent: "common.emergency",
  priority: "P0",
  place: "806",
  summary: "紧急:806房间,着火",
  channel: "sms",
  callerNumber: "13812345678",
};

/** A hotel whose duty telephone is answered, or not, as the test says. */
async function openSite() {
  await using opening = new AsyncDisposableStack();
  const { clock, tickets, dataDir } = opening.use(await openHotel());
  folders.defer(() => rm(dataDir, { recursive: true }));
  const alarms = new Map<string, AlarmChange>();
  const rung: string[] = [];
  const state = { answers: undefined as string | undefined };
  const emergencies = () =>
    new Emergencies({
      clock,
      log: silentLog,
      tickets,
      raise: (alarm) => void alarms.set(alarm.code, alarm),
      ring: async ({ number }) => {
        rung.push(number);
        return state.answers;
      },
      note: (who) => (who === undefined ? "nobody answered" : `told ${who}`),
    });
  const history = async ({ id }: Ticket) =>
    (await tickets.get(id)).history.map(({ type, note }) => (note === undefined ? type : `${type}: ${note}`));
  const done = async (until: () => Promise<boolean>, stepMs = 0) => {
    while (!(await until())) await clock.advance(stepMs);
  };
  const owned = opening.move();
  return {
    clock,
    tickets,
    alarms,
    rung,
    state,
    emergencies,
    history,
    done,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("an emergency in writing is an alarm at once and rings people until one has heard it; the alarm stays until somebody accepts", async () => {
  await using site = await openSite();
  await using emergencies = site.emergencies();
  await emergencies.start([]);
  const ticket = await site.tickets.open(fire);
  expect([...site.alarms.values()]).toEqual([
    {
      code: `emergency/${ticket.id}`,
      severity: "critical",
      kind: "emergency-at",
      about: { place: "806", ticket: ticket.number },
      text: `an emergency was reported in 806, ticket ${ticket.number}, and nobody has taken it yet`,
      active: true,
    },
  ]);
  await site.done(async () => (await site.history(ticket)).includes("commented: nobody answered"));
  await site.done(async () => site.rung.length >= 3, 1_000);
  site.state.answers = "8001";
  await site.done(async () => (await site.history(ticket)).includes("commented: told 8001"), 1_000);
  const times = site.rung.length;
  await site.clock.advance(3_600_000);
  expect(site.rung).toHaveLength(times);
  expect([...site.alarms.values()].map(({ active }) => active)).toEqual([true]);
  await site.tickets.command(
    ticket.id,
    { action: "accept", commandId: "1" },
    { name: "李师傅", role: "admin", staff: ticket.staff },
  );
  expect([...site.alarms.values()].map(({ active }) => active)).toEqual([false]);
  expect((await site.history(ticket)).filter((line) => line.startsWith("commented"))).toHaveLength(2);
});

test("whoever accepts or closes it is not rung for any more", async () => {
  await using site = await openSite();
  await using emergencies = site.emergencies();
  await emergencies.start([]);
  const ticket = await site.tickets.open(fire);
  await site.done(async () => (await site.history(ticket)).includes("commented: nobody answered"));
  await site.tickets.command(ticket.id, { action: "cancel", commandId: "1" }, { name: "前台", role: "agent" });
  await site.clock.advance(3_600_000);
  expect(site.rung).toHaveLength(1);
});

test("one by telephone is an alarm, and its caller is handed over by the call itself; what is no emergency is neither", async () => {
  await using site = await openSite();
  await using emergencies = site.emergencies();
  await emergencies.start([]);
  const { place: _, ...placeless } = fire;
  await site.tickets.open({ ...placeless, channel: "phone" });
  await site.tickets.open({ ...fire, priority: "P2" });
  expect([...site.alarms.values()].map(({ active, ...told }) => active && "kind" in told && told.kind)).toEqual(["emergency"]);
  expect(site.rung).toEqual([]);
});

test("after a restart what nobody has taken is an alarm and rings again, and alarms of what was taken meanwhile end", async () => {
  await using site = await openSite();
  const ticket = await site.tickets.open(fire);
  await using emergencies = site.emergencies();
  const gone = { code: "emergency/gone", severity: "critical", text: "", active: true, at: 0 } as const;
  await emergencies.start([gone, { ...gone, code: "disk-low" }]);
  expect([...site.alarms.values()].map(({ code, active }) => [code, active])).toEqual([
    [`emergency/${ticket.id}`, true],
    ["emergency/gone", false],
  ]);
  expect(site.rung).toEqual([ticket.number]);
});
