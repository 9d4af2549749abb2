import type { SyncClass } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { type Books, choose, classes, noCredits, offline, type Sender, type SenderEvent, step, windowSize } from "./machine.ts";

const books = (last: Partial<Record<SyncClass, number>>, acked: Partial<Record<SyncClass, number>> = {}): Books =>
  Object.fromEntries(classes.map((stream) => [stream, { last: last[stream] ?? 0, acked: acked[stream] ?? 0 }])) as Books;
const run = (events: readonly SenderEvent[], from: Sender = offline): Sender =>
  events.reduce((sender, event) => step(sender, event).next, from);
const greeted = (last: Partial<Record<SyncClass, number>>, cursors = {}, acked = {}): SenderEvent[] => [
  { type: "connected" },
  { type: "cursors", cursors, books: books(last, acked) },
];

test("a box that comes online asks where headquarters stands before it sends anything", () => {
  const { next, effects } = step(offline, { type: "connected" });
  expect(effects).toEqual([{ type: "hello" }]);
  expect(choose(next, books({ p1: 5 }), noCredits)).toBeUndefined();
});

test("what headquarters has is forgotten, what it has not is sent from there on", () => {
  const events = greeted({ p1: 9 }, { p1: 4 });
  const { next, effects } = step(run(events.slice(0, 1)), events[1] as SenderEvent);
  expect(effects).toEqual([{ type: "forget", stream: "p1", upto: 4 }]);
  expect(next).toMatchObject({ state: "sending", streams: { p1: { acked: 4, sent: 4 } } });
});

test("a headquarters that lost what it acknowledged is told what is gone", () => {
  const events = greeted({ p1: 9 }, { p1: 2 }, { p1: 6 });
  expect(step(run(events.slice(0, 1)), events[1] as SenderEvent).effects).toEqual([
    { type: "mourn", stream: "p1", from: 3, to: 6 },
  ]);
});

test("a headquarters that has exactly what it acknowledged needs nothing, and nothing older stays behind", () => {
  const events = greeted({ p1: 6, p2: 3 }, { p1: 6 }, { p1: 6 });
  const { next, effects } = step(run(events.slice(0, 1)), events[1] as SenderEvent);
  expect(effects).toEqual([{ type: "forget", stream: "p1", upto: 6 }]);
  expect(choose(next, books({ p1: 6 }), noCredits)).toBeUndefined();
});

test("a headquarters that knows more than the box makes the box number anew", () => {
  const events = greeted({ p1: 9 }, { p1: 12 });
  const { next, effects } = step(run(events.slice(0, 1)), events[1] as SenderEvent);
  expect(effects).toEqual([{ type: "begin-epoch" }]);
  expect(next.state).toBe("greeting");
});

test("alarms go before everything, the others share by weight, and nobody starves", () => {
  let sender = run(greeted({ p0: 1, p1: 1_000, p2: 1_000, p3: 1_000, p4: 1_000 }));
  let credits = noCredits;
  const sent: SyncClass[] = [];
  for (let i = 0; i < 31; i++) {
    const chosen = choose(sender, books({ p0: 1, p1: 1_000, p2: 1_000, p3: 1_000, p4: 1_000 }), credits);
    if (!chosen) throw new Error("nothing chosen");
    credits = chosen.credits;
    sent.push(chosen.stream);
    const to = (sender.state === "sending" ? sender.streams[chosen.stream].sent : 0) + 1;
    sender = run(
      [
        { type: "sent", stream: chosen.stream, to },
        { type: "ack", stream: chosen.stream, upto: to },
      ],
      sender,
    );
  }
  expect(sent[0]).toBe("p0");
  const count = (stream: SyncClass) => sent.filter((one) => one === stream).length;
  expect([count("p1"), count("p2"), count("p3"), count("p4")]).toEqual([16, 8, 4, 2]);
});

test("no more than a window is on its way, and one acknowledgement frees all that it covers", () => {
  let sender = run(greeted({ p1: 100 }));
  for (let to = 1; to <= windowSize; to++) sender = run([{ type: "sent", stream: "p1", to }], sender);
  expect(choose(sender, books({ p1: 100 }), noCredits)).toBeUndefined();
  sender = run([{ type: "ack", stream: "p1", upto: 3 }], sender);
  expect(sender).toMatchObject({ flights: [{ stream: "p1", to: 4 }] });
  expect(choose(sender, books({ p1: 100 }), noCredits)?.stream).toBe("p1");
  expect(choose(sender, books({ p1: 4 }), noCredits)).toBeUndefined();
});

test("acknowledgements that are old, or for more than was sent, change nothing", () => {
  const sender = run([...greeted({ p1: 9 }), { type: "sent", stream: "p1", to: 5 }, { type: "ack", stream: "p1", upto: 3 }]);
  for (const upto of [2, 3, 6]) expect(step(sender, { type: "ack", stream: "p1", upto })).toEqual({ next: sender, effects: [] });
});

test("a resend goes back to what was asked for, never behind what is acknowledged", () => {
  const sender = run([
    ...greeted({ p1: 9, p2: 9 }),
    { type: "sent", stream: "p2", to: 2 },
    { type: "sent", stream: "p1", to: 4 },
    { type: "sent", stream: "p1", to: 8 },
    { type: "ack", stream: "p1", upto: 3 },
  ]);
  const back = (from: number) => run([{ type: "resend", stream: "p1", from }], sender);
  expect(back(5)).toMatchObject({
    streams: { p1: { acked: 3, sent: 4 } },
    flights: [
      { stream: "p2", to: 2 },
      { stream: "p1", to: 4 },
    ],
  });
  expect(back(1)).toMatchObject({ streams: { p1: { acked: 3, sent: 3 } }, flights: [{ stream: "p2", to: 2 }] });
  expect(back(9)).toBe(sender);
});

test("silence leads to another question, and a late answer to the first one is ignored once all is under way", () => {
  const sending = run([...greeted({ p1: 9 }), { type: "sent", stream: "p1", to: 5 }]);
  expect(step(sending, { type: "stalled" })).toEqual({ next: { state: "greeting" }, effects: [{ type: "hello" }] });
  expect(step(sending, { type: "cursors", cursors: {}, books: books({ p1: 9 }) })).toEqual({ next: sending, effects: [] });
});

test("while offline nothing that comes late means anything", () => {
  const late: SenderEvent[] = [
    { type: "stalled" },
    { type: "cursors", cursors: { p1: 3 }, books: books({}) },
    { type: "sent", stream: "p1", to: 1 },
    { type: "ack", stream: "p1", upto: 1 },
    { type: "resend", stream: "p1", from: 1 },
  ];
  for (const event of late) expect(step(offline, event)).toEqual({ next: offline, effects: [] });
  expect(run([...greeted({ p1: 9 }), { type: "disconnected" }])).toEqual(offline);
});
