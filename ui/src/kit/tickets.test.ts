import { Ticket, TicketState } from "@sitebox/core/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bucketOf,
  compareByUrgency,
  compareForDesk,
  countBuckets,
  filterTickets,
  headline,
  isUnassignable,
  nextAction,
  stateAfter,
  UNASSIGNED_AFTER_MS,
  waitsForDesk,
} from "./index.ts";

const ticket = (changes: Partial<Record<keyof Ticket, unknown>> = {}): Ticket =>
  Ticket.parse({
    id: "t1",
    number: "10001",
    state: "assigned",
    rev: 2,
    channel: "phone",
    kind: "repair",
    intent: "hotel.repair",
    place: "806",
    item: "aircon",
    fault: "warm",
    summary: "806 aircon is warm",
    openedAt: 1_000,
    updatedAt: 1_000,
    ...changes,
  });

const anyTicket = fc
  .record({
    id: fc.uuid(),
    state: fc.constantFrom(...TicketState.options),
    priority: fc.constantFrom("P0", "P1", "P2", "P3"),
    openedAt: fc.integer({ min: 0, max: 1_000 }),
    updatedAt: fc.integer({ min: 0, max: 1_000 }),
  })
  .map(ticket);

describe("the filters of the list", () => {
  it("put every ticket into exactly one of waiting, working and finished", () => {
    fc.assert(
      fc.property(fc.array(anyTicket), (tickets) => {
        const parts = (["waiting", "working", "finished"] as const).map((bucket) => filterTickets(tickets, { bucket, text: "" }));
        expect(parts.flat()).toHaveLength(tickets.length);
        const counts = countBuckets(tickets);
        expect(parts.map(({ length }) => length)).toEqual([counts.waiting, counts.working, counts.finished]);
      }),
    );
  });

  it("find by room, words, person and number, all of them together", () => {
    const tickets = [ticket({ id: "a", staffName: "Li" }), ticket({ id: "b", place: "712", summary: "712 aircon is warm" })];
    const found = (text: string) => filterTickets(tickets, { bucket: "all", text }).map(({ id }) => id);
    expect(found("")).toEqual(["a", "b"]);
    expect(found("806 WARM")).toEqual(["a"]);
    expect(found("li")).toEqual(["a"]);
    expect(found("10001 712")).toEqual(["b"]);
    expect(found("999")).toEqual([]);
  });
});

describe("the order of the list", () => {
  it("has nobody's tickets first and finished ones last, newest of them first", () => {
    const list = [
      ticket({ id: "done-old", state: "done", updatedAt: 1 }),
      ticket({ id: "done-new", state: "done", updatedAt: 2 }),
      ticket({ id: "plain", openedAt: 5 }),
      ticket({ id: "older", openedAt: 4 }),
      ticket({ id: "urgent", priority: "P0", openedAt: 9 }),
      ticket({ id: "open", state: "open" }),
    ];
    expect(list.sort(compareForDesk).map(({ id }) => id)).toEqual(["open", "urgent", "older", "plain", "done-new", "done-old"]);
  });

  it("is the same whatever order the tickets come in", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyTicket, { selector: ({ id }) => id }), (tickets) => {
        const ids = (list: Ticket[]) => list.map(({ id }) => id);
        expect(ids([...tickets].reverse().sort(compareByUrgency))).toEqual(ids([...tickets].sort(compareByUrgency)));
      }),
    );
  });
});

describe("a ticket nobody was found for", () => {
  it("stands out once dispatch has had its time", () => {
    const open = ticket({ state: "open", updatedAt: 0 });
    expect(isUnassignable(open, UNASSIGNED_AFTER_MS - 1)).toBe(false);
    expect(isUnassignable(open, UNASSIGNED_AFTER_MS)).toBe(true);
    expect(isUnassignable(ticket({ state: "assigned" }), 1e9)).toBe(false);
  });

  it("does not where it is a message for the desk, unless that is an emergency", () => {
    for (const kind of ["message", "callback"] as const) {
      expect(isUnassignable(ticket({ state: "open", updatedAt: 0, kind }), 1e9)).toBe(false);
      expect(waitsForDesk(ticket({ state: "open", kind }))).toBe(true);
      expect(waitsForDesk(ticket({ state: "done", kind }))).toBe(false);
      expect(isUnassignable(ticket({ state: "open", updatedAt: 0, kind, priority: "P0" }), 1e9)).toBe(true);
    }
  });
});

describe("the big button", () => {
  it("leads from assigned to done in three presses and then goes away", () => {
    const states: TicketState[] = ["assigned"];
    for (let action = nextAction("assigned"); action; action = nextAction(states.at(-1) ?? "done"))
      states.push(stateAfter(states.at(-1) ?? "done", action));
    expect(states).toEqual(["assigned", "accepted", "in-progress", "done"]);
    expect(nextAction("open")).toBeUndefined();
    expect(nextAction("cancelled")).toBeUndefined();
  });

  it("never moves a finished ticket, whatever is pressed", () => {
    for (const action of ["accept", "decline", "start", "finish", "assign", "comment"] as const)
      for (const state of ["done", "cancelled"] as const) expect(bucketOf(stateAfter(state, action))).toBe("finished");
    expect(stateAfter("done", "cancel")).toBe("done");
    expect(stateAfter("open", "assign")).toBe("assigned");
    expect(stateAfter("in-progress", "cancel")).toBe("cancelled");
    expect(stateAfter("accepted", "decline")).toBe("open");
    expect(stateAfter("in-progress", "decline")).toBe("in-progress");
    expect(stateAfter("open", "accept")).toBe("open");
  });
});

describe("the headline", () => {
  it("is item and fault, or the summary where no item was understood", () => {
    expect(headline(ticket())).toBe("aircon warm");
    expect(headline(ticket({ fault: undefined }))).toBe("aircon");
    expect(headline(ticket({ item: undefined }))).toBe("806 aircon is warm");
  });
});
