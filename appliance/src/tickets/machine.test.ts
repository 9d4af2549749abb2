import { StaffId } from "@sitebox/core/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Actor, eventOf, mayCommand, step, type TicketEvent, type TicketPhase } from "./machine.ts";

const [li, wang] = [StaffId.parse("li"), StaffId.parse("wang")];
const staff = fc.constantFrom(li, wang);
const event: fc.Arbitrary<TicketEvent> = fc.oneof(
  fc.record({ type: fc.constant("assign" as const), staff }),
  fc.record({ type: fc.constant("accept" as const), staff: fc.option(staff, { nil: undefined }) }),
  fc.record({ type: fc.constant("finish" as const), byDesk: fc.boolean() }),
  fc.record({ type: fc.constantFrom("decline", "start", "cancel", "comment", "unassign", "find-nobody") }),
);
const open: TicketPhase = { state: "open", unassignable: false };
const run = (events: readonly TicketEvent[], from: TicketPhase = open): TicketPhase =>
  events.reduce((phase, each) => step(phase, each)?.next ?? phase, from);

test("a finished or cancelled work order never comes back to life", () => {
  fc.assert(
    fc.property(
      fc.array(event),
      fc.constantFrom<TicketEvent>({ type: "finish", byDesk: true }, { type: "cancel" }),
      fc.array(event),
      (before, end, after) => {
        const over = run([...before, end]);
        expect(["done", "cancelled"]).toContain(over.state);
        expect(run(after, over)).toEqual(over);
      },
    ),
  );
});

test("a work order has somebody exactly while it is with somebody", () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const phase = run(events);
      if (phase.state === "open") expect(phase).not.toHaveProperty("staff");
      else if (phase.state !== "done" && phase.state !== "cancelled") expect(phase.staff).toBeDefined();
    }),
  );
});

test("the ordinary way: assigned, accepted, started, finished", () => {
  const events: TicketEvent[] = [
    { type: "assign", staff: li },
    { type: "accept", staff: undefined },
    { type: "start" },
    { type: "finish", byDesk: false },
  ];
  const changes: string[] = [];
  let phase: TicketPhase = open;
  for (const each of events) {
    const move = step(phase, each);
    if (!move) throw new Error(`${each.type} was refused`);
    changes.push(`${move.change}: ${move.next.state} ${move.staff}`);
    phase = move.next;
  }
  expect(changes).toEqual(["assigned: assigned li", "accepted: accepted li", "started: in-progress li", "finished: done li"]);
});

test("what makes no sense in a state is refused", () => {
  const assigned: TicketPhase = { state: "assigned", staff: li };
  const accepted: TicketPhase = { state: "accepted", staff: li };
  const working: TicketPhase = { state: "in-progress", staff: li };
  const refused: [TicketPhase, TicketEvent][] = [
    [open, { type: "accept", staff: undefined }],
    [open, { type: "decline" }],
    [open, { type: "start" }],
    [open, { type: "finish", byDesk: false }],
    [open, { type: "unassign" }],
    [assigned, { type: "assign", staff: li }],
    [assigned, { type: "start" }],
    [assigned, { type: "finish", byDesk: false }],
    [assigned, { type: "find-nobody" }],
    [accepted, { type: "accept", staff: li }],
    [working, { type: "decline" }],
    [working, { type: "start" }],
  ];
  for (const [phase, each] of refused) expect(step(phase, each), `${each.type} in ${phase.state}`).toBeUndefined();
});

test("nobody to be found is said once, until something else happens", () => {
  const lonely = step(open, { type: "find-nobody" });
  expect(lonely).toMatchObject({ change: "unassignable", next: { state: "open", unassignable: true } });
  expect(step(lonely?.next ?? open, { type: "find-nobody" })).toBeUndefined();
  expect(run([{ type: "find-nobody" }, { type: "assign", staff: li }, { type: "decline" }])).toEqual(open);
});

test("somebody may take what nobody has, but what is assigned stays the assignee's when accepted", () => {
  expect(run([{ type: "accept", staff: wang }])).toEqual({ state: "accepted", staff: wang });
  expect(
    run([
      { type: "assign", staff: li },
      { type: "accept", staff: wang },
    ]),
  ).toEqual({ state: "accepted", staff: li });
});

test("the desk may close what never reached the field", () => {
  expect(run([{ type: "finish", byDesk: true }])).toEqual({ state: "done", staff: undefined });
  expect(run([{ type: "assign", staff: li }, { type: "cancel" }])).toEqual({ state: "cancelled", staff: li });
});

test("the desk may do all, staff what is theirs, headquarters nothing", () => {
  const mine: TicketPhase = { state: "assigned", staff: li };
  const may = (role: Actor["role"], phase: TicketPhase, staff?: StaffId) =>
    (["assign", "accept", "decline", "start", "finish", "cancel", "comment"] as const).filter((action) =>
      mayCommand({ name: "x", role, staff }, phase, action),
    );
  expect(may("admin", mine)).toHaveLength(7);
  expect(may("agent", open)).toHaveLength(7);
  expect(may("operator", mine)).toEqual([]);
  expect(may("staff", mine)).toEqual([]);
  expect(may("staff", mine, li)).toEqual(["accept", "decline", "start", "finish", "comment"]);
  expect(may("staff", mine, wang)).toEqual([]);
  expect(may("staff", open, wang)).toEqual(["accept"]);
});

test("commands become the events that they stand for", () => {
  const commandId = "1";
  const person: Actor = { name: "x", role: "staff", staff: li };
  const desk: Actor = { name: "y", role: "agent" };
  expect(eventOf({ action: "assign", commandId, staff: wang }, desk)).toEqual({ type: "assign", staff: wang });
  expect(eventOf({ action: "accept", commandId }, person)).toEqual({ type: "accept", staff: li });
  expect(eventOf({ action: "finish", commandId }, person)).toEqual({ type: "finish", byDesk: false });
  expect(eventOf({ action: "finish", commandId }, desk)).toEqual({ type: "finish", byDesk: true });
  for (const action of ["decline", "start", "cancel"] as const)
    expect(eventOf({ action, commandId }, desk)).toEqual({ type: action });
  expect(eventOf({ action: "comment", commandId, note: "?" }, desk)).toEqual({ type: "comment" });
});
