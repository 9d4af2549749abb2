import { type Books, choose, noCredits, offline, type Sender, type SenderEvent, stepSender } from "@sitebox/appliance/sync";
import { type Received, receive } from "@sitebox/cloud/inbox";
import type { SyncClass } from "@sitebox/core/contract";
import fc from "fast-check";
import { expect, test } from "vitest";

const streams = ["p0", "p1", "p3"] as const;
type Up = { type: "hello" } | { type: "batch"; stream: SyncClass; items: { from: number; to: number }[] };
type Down = { type: "cursors"; cursors: Record<string, number> } | { type: "ack"; stream: SyncClass; upto: number };

/** Both machines with their tables, and between them two lines that do to messages what they like. */
class World {
  sender: Sender = offline;
  readonly outbox = new Map<SyncClass, Map<number, { from: number; to: number }>>();
  readonly book: Record<SyncClass, { last: number; acked: number }> = {
    p0: { last: 0, acked: 0 },
    p1: { last: 0, acked: 0 },
    p2: { last: 0, acked: 0 },
    p3: { last: 0, acked: 0 },
    p4: { last: 0, acked: 0 },
  };
  up: Up[] = [];
  down: Down[] = [];
  readonly received = new Map<SyncClass, Received>();
  readonly inbox = new Map<SyncClass, Map<number, { from: number; to: number }>>();
  readonly applied = new Map<SyncClass, number[]>();

  books(): Books {
    return structuredClone(this.book);
  }
  rows(stream: SyncClass) {
    const found = this.outbox.get(stream) ?? new Map<number, { from: number; to: number }>();
    this.outbox.set(stream, found);
    return found;
  }
  append(stream: SyncClass) {
    const seq = ++this.book[stream].last;
    this.rows(stream).set(seq, { from: seq, to: seq });
  }
  take(event: SenderEvent) {
    const { next, effects } = stepSender(this.sender, event);
    this.sender = next;
    for (const effect of effects) {
      switch (effect.type) {
        case "hello":
          this.up.push({ type: "hello" });
          break;
        case "forget":
          for (const seq of [...this.rows(effect.stream).keys()]) if (seq <= effect.upto) this.rows(effect.stream).delete(seq);
          this.book[effect.stream].acked = Math.max(this.book[effect.stream].acked, effect.upto);
          break;
        case "mourn":
          this.rows(effect.stream).set(effect.to, { from: effect.from, to: effect.to });
          break;
        case "begin-epoch":
          throw new Error("headquarters knows numbers that were never given out");
      }
    }
    this.fill();
  }
  fill() {
    let credits = noCredits;
    for (;;) {
      const chosen = choose(this.sender, this.books(), credits);
      if (!chosen || this.sender.state !== "sending") return;
      credits = chosen.credits;
      const { stream } = chosen;
      const { sent } = this.sender.streams[stream];
      const items = [...this.rows(stream).values()]
        .filter(({ to }) => to > sent)
        .sort((a, b) => a.to - b.to)
        .slice(0, 3);
      const last = items.at(-1);
      if (!last) return;
      this.up.push({ type: "batch", stream, items });
      this.sender = stepSender(this.sender, { type: "sent", stream, to: last.to }).next;
    }
  }
  arrive(message: Up) {
    if (message.type === "hello") {
      const cursors = Object.fromEntries([...this.received].map(([stream, { upto }]) => [stream, upto]));
      this.down.push({ type: "cursors", cursors });
      return;
    }
    const { stream, items } = message;
    const { next, fresh } = receive(this.received.get(stream) ?? { upto: 0, held: [] }, items);
    this.received.set(stream, next);
    const inbox = this.inbox.get(stream) ?? new Map<number, { from: number; to: number }>();
    this.inbox.set(stream, inbox);
    for (const span of fresh) if (!inbox.has(span.to)) inbox.set(span.to, span);
    const ready = [...inbox.keys()].filter((seq) => seq <= next.upto).sort((a, b) => a - b);
    for (const seq of ready) {
      inbox.delete(seq);
      this.applied.set(stream, [...(this.applied.get(stream) ?? []), seq]);
    }
    this.down.push({ type: "ack", stream, upto: next.upto });
  }
  hear(message: Down) {
    this.take(message.type === "cursors" ? { ...message, books: this.books() } : message);
  }
}

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), stream: fc.constantFrom(...streams) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("deliver-up" as const, "deliver-down" as const), at: fc.nat(9) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("lose-up" as const, "lose-down" as const, "double-up" as const, "double-down" as const),
      at: fc.nat(9),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("connect" as const, "disconnect" as const, "stall" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart-box" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resend" as const), stream: fc.constantFrom(...streams) }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function pick<T>(queue: T[], at: number, keep: boolean): T | undefined {
  const i = at % Math.max(1, queue.length);
  return keep ? queue[i] : queue.splice(i, 1)[0];
}

function act(world: World, what: Action): void {
  switch (what.do) {
    case "append":
      world.append(what.stream);
      world.fill();
      break;
    case "deliver-up":
    case "double-up": {
      const message = pick(world.up, what.at, what.do === "double-up");
      if (message) world.arrive(message);
      break;
    }
    case "deliver-down":
    case "double-down": {
      const message = pick(world.down, what.at, what.do === "double-down");
      if (message) world.hear(message);
      break;
    }
    case "lose-up":
      pick(world.up, what.at, false);
      break;
    case "lose-down":
      pick(world.down, what.at, false);
      break;
    case "connect":
      world.take({ type: "connected" });
      break;
    case "disconnect":
      // What headquarters had already read may still be worked on; what it said is gone.
      world.down = [];
      world.take({ type: "disconnected" });
      break;
    case "stall":
      world.take({ type: "stalled" });
      break;
    case "restart-box":
      world.down = [];
      world.sender = offline;
      break;
    case "resend":
      world.take({ type: "resend", stream: what.stream, from: (world.received.get(what.stream)?.upto ?? 0) + 1 });
      break;
  }
}

test("whatever is lost, doubled, overtaken or restarted, each item arrives exactly once and in order", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200, size: "max" }), (actions) => {
      const world = new World();
      world.take({ type: "connected" });
      for (const what of actions) act(world, what);
      // Then the line is good for a while.
      world.up = [];
      world.down = [];
      world.take({ type: "disconnected" });
      world.take({ type: "connected" });
      for (let turn = 0; turn < 1_000 && (world.up.length > 0 || world.down.length > 0); turn++) {
        for (const message of world.up.splice(0)) world.arrive(message);
        for (const message of world.down.splice(0)) world.hear(message);
      }
      for (const stream of streams) {
        const all = Array.from({ length: world.book[stream].last }, (_, i) => i + 1);
        expect(world.applied.get(stream) ?? []).toEqual(all);
        expect([...world.rows(stream).keys()]).toEqual([]);
      }
    }),
    { numRuns: 2_000 },
  );
});
