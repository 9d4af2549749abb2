import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startClient, stepClient } from "./client.ts";
import { startInviteClient, stepInviteClient } from "./invite-client.ts";
import { startInviteServer, stepInviteServer } from "./invite-server.ts";
import { startServer, stepServer } from "./server.ts";
import type { ClientEvent, ServerEvent, Step, TransactionEffect } from "./step.ts";
import { type TimerEvent, Transaction } from "./transaction.ts";

interface Started<Event> {
  readonly machine: Transaction<{ state: string }, Event>;
  readonly clock: VirtualClock;
  readonly done: string[];
  /** The instants of each effect since the beginning, in ms. */
  readonly at: (effect: string) => number[];
}

function begin<State extends { readonly state: string }, Event>(
  first: Step<State, TransactionEffect>,
  step: (state: State, event: Event | TimerEvent) => Step<State, TransactionEffect>,
): Started<Event> {
  const clock = new VirtualClock(0);
  const log: { effect: string; at: number }[] = [];
  const done: string[] = [];
  const note = (effect: string) => () => {
    log.push({ effect, at: clock.now() });
    done.push(effect);
  };
  const hands = {
    send: note("send"),
    resend: note("resend"),
    acknowledge: note("acknowledge"),
    deliver: note("deliver"),
    fail: (fault: string) => note(fault)(),
    ended: note("ended"),
  };
  const machine = new Transaction<State, Event>({ clock, step, hands, initial: first.next });
  machine.begin(first.effects);
  const at = (effect: string) => log.filter((entry) => entry.effect === effect).map((entry) => entry.at);
  return { machine: machine as unknown as Transaction<{ state: string }, Event>, clock, done, at };
}

const machines = {
  "INVITE client": (reliable: boolean) =>
    begin<never, ClientEvent>(startInviteClient(reliable) as never, stepInviteClient as never),
  client: (reliable: boolean) => begin<never, ClientEvent>(startClient(reliable) as never, stepClient as never),
  "INVITE server": (reliable: boolean) =>
    begin<never, ServerEvent>(startInviteServer(reliable) as never, stepInviteServer as never),
  server: (reliable: boolean) => begin<never, ServerEvent>(startServer(reliable) as never, stepServer as never),
};

describe("INVITE client", () => {
  test("repeats the request at T1 doubled each time until 64 T1, and then fails", async () => {
    const { clock, at, machine } = machines["INVITE client"](false);
    await clock.advance(40_000);
    expect(at("resend")).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect([at("timeout"), machine.state, clock.pending]).toEqual([[32_000], "terminated", 0]);
  });

  test("over TCP nothing is repeated", async () => {
    const { clock, at } = machines["INVITE client"](true);
    await clock.advance(40_000);
    expect([at("resend"), at("timeout")]).toEqual([[], [32_000]]);
  });

  test("a provisional response stops the repeating, and three silent minutes end the ringing", async () => {
    const { clock, at, machine } = machines["INVITE client"](false);
    await clock.advance(600);
    machine.take({ type: "response", status: 180 });
    await clock.advance(179_000);
    machine.take({ type: "response", status: 180 });
    await clock.advance(400_000);
    expect([at("resend"), at("timeout"), clock.pending]).toEqual([[500], [600 + 179_000 + 180_000], 0]);
  });

  test("a refusal is acknowledged as often as it comes, for 32 s on UDP and once on TCP", async () => {
    for (const reliable of [false, true]) {
      const { clock, at, machine } = machines["INVITE client"](reliable);
      machine.take({ type: "response", status: 486 });
      machine.take({ type: "response", status: 486 });
      await clock.advance(33_000);
      expect([at("acknowledge").length, at("deliver").length, machine.state]).toEqual([reliable ? 1 : 2, 1, "terminated"]);
    }
  });

  test("every 2xx reaches the user for 64 T1 (RFC 6026)", async () => {
    const { clock, at, machine } = machines["INVITE client"](true);
    machine.take({ type: "response", status: 200 });
    await clock.advance(31_000);
    machine.take({ type: "response", status: 200 });
    machine.take({ type: "response", status: 486 });
    await clock.advance(2_000);
    machine.take({ type: "response", status: 200 });
    expect([at("deliver"), at("ended"), at("acknowledge")]).toEqual([[0, 31_000], [32_000], []]);
  });
});

describe("client", () => {
  test("repeats at T1 doubled up to T2, and fails after 64 T1", async () => {
    const { clock, at } = machines.client(false);
    await clock.advance(40_000);
    expect(at("resend")).toEqual([500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(at("timeout")).toEqual([32_000]);
  });

  test("a peer that only ever says Trying does not hold it", async () => {
    const { clock, at, machine } = machines.client(false);
    await clock.advance(100);
    machine.take({ type: "response", status: 100 });
    await clock.advance(40_000);
    expect([at("resend").slice(0, 3), at("timeout")]).toEqual([[500, 4_500, 8_500], [32_000]]);
  });

  test("absorbs repetitions of the final response for T4, on TCP not at all", async () => {
    for (const reliable of [false, true]) {
      const { clock, at, machine } = machines.client(reliable);
      machine.take({ type: "response", status: 200 });
      machine.take({ type: "response", status: 200 });
      await clock.advance(10_000);
      expect([at("deliver").length, at("ended")]).toEqual([1, [reliable ? 0 : 5_000]]);
    }
  });
});

describe("INVITE server", () => {
  test("repeats a refusal at T1 doubled up to T2 until the ACK, and absorbs late ACKs for T4", async () => {
    const { clock, at, machine } = machines["INVITE server"](false);
    machine.take({ type: "respond", status: 486 });
    await clock.advance(8_000);
    machine.take({ type: "ack" });
    machine.take({ type: "ack" });
    await clock.advance(60_000);
    expect([at("resend"), at("ended")]).toEqual([[500, 1_500, 3_500, 7_500], [13_000]]);
  });

  test("a refusal that is never acknowledged ends after 64 T1", async () => {
    const { clock, at, machine } = machines["INVITE server"](true);
    machine.take({ type: "respond", status: 486 });
    await clock.advance(60_000);
    expect([at("resend"), at("timeout"), clock.pending]).toEqual([[], [32_000], 0]);
  });

  test("a repeated INVITE gets the last response again, and after a 2xx nothing (RFC 6026)", async () => {
    const { at, machine } = machines["INVITE server"](false);
    machine.take({ type: "request" });
    machine.take({ type: "respond", status: 180 });
    machine.take({ type: "request" });
    machine.take({ type: "respond", status: 200 });
    machine.take({ type: "request" });
    machine.take({ type: "respond", status: 200 });
    machine.take({ type: "respond", status: 486 });
    expect([at("resend").length, at("send").length]).toEqual([1, 3]);
  });

  test("reminds its user of an INVITE that is still open after five minutes", async () => {
    const { clock, at } = machines["INVITE server"](false);
    await clock.advance(600_000);
    expect(at("timeout")).toEqual([300_000, 600_000]);
  });
});

describe("server", () => {
  test("repeats its answer to a repeated request for 64 T1 and absorbs late ones for T4, on TCP not at all", async () => {
    for (const reliable of [false, true]) {
      const { clock, at, machine } = machines.server(reliable);
      machine.take({ type: "request" });
      machine.take({ type: "respond", status: 200 });
      machine.take({ type: "request" });
      machine.take({ type: "respond", status: 500 });
      await clock.advance(60_000);
      expect([at("resend").length, at("send").length, at("ended")]).toEqual([reliable ? 0 : 1, 1, [reliable ? 0 : 37_000]]);
    }
  });

  test("drops a request that nobody answered in time", async () => {
    const { clock, at } = machines.server(false);
    await clock.advance(60_000);
    expect([at("timeout"), clock.pending]).toEqual([[32_000], 0]);
  });
});

const wait = fc.record({ waitMs: fc.integer({ min: 0, max: 70_000 }) });
const clientEvent: fc.Arbitrary<ClientEvent> = fc.oneof(
  fc.record({ type: fc.constant("response" as const), status: fc.constantFrom(100, 180, 200, 302, 486, 603) }),
  fc.constant({ type: "transport-failed" as const }),
);
const serverEvent: fc.Arbitrary<ServerEvent> = fc.oneof(
  fc.record({ type: fc.constant("respond" as const), status: fc.constantFrom(100, 180, 200, 302, 486, 603) }),
  fc.constantFrom({ type: "request" as const }, { type: "ack" as const }, { type: "transport-failed" as const }),
);

/** Whatever happens, a machine that lives has a timer, and one that has ended has none and does nothing more. */
function neverLeaks<Event extends object>(start: (reliable: boolean) => Started<Event>, event: fc.Arbitrary<Event>, last: Event) {
  return fc.asyncProperty(fc.boolean(), fc.array(fc.oneof(wait, event), { maxLength: 12 }), async (reliable, happenings) => {
    const { machine, clock, done } = start(reliable);
    let ended = 0;
    for (const happening of happenings) {
      if ("waitMs" in happening) await clock.advance(happening.waitMs);
      else machine.take(happening as Event);
      expect(clock.pending > 0).toBe(machine.state !== "terminated");
      if (ended > 0) expect(done.length).toBe(ended);
      if (machine.state === "terminated") ended = done.length;
    }
    machine.take(last);
    await clock.advance(400_000);
    expect([machine.state, clock.pending, done.filter((effect) => effect === "ended").length]).toEqual(["terminated", 0, 1]);
  });
}

describe("no state without a timer, and no leak after any sequence of events", () => {
  const refusal = { type: "respond", status: 486 } as const;
  test("INVITE client", () => fc.assert(neverLeaks(machines["INVITE client"], clientEvent, { type: "response", status: 180 })));
  test("client", () => fc.assert(neverLeaks(machines.client, clientEvent, { type: "response", status: 100 })));
  test("INVITE server", () => fc.assert(neverLeaks(machines["INVITE server"], serverEvent, refusal)));
  test("server", () => fc.assert(neverLeaks(machines.server, serverEvent, { type: "request" })));
});
