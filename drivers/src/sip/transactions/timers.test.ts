import { expect, test } from "vitest";
import { startClient, stepClient } from "./client.ts";
import { startInviteClient, stepInviteClient } from "./invite-client.ts";
import { startInviteServer, stepInviteServer } from "./invite-server.ts";
import { startServer, stepServer } from "./server.ts";
import type { ClientEvent, ServerEvent, Step, TimerName, TransactionEffect } from "./step.ts";

/** Every timer that a machine starts on its way through these events, with its values in ms. */
function timersOf<State, Event>(
  first: Step<State, TransactionEffect>,
  step: (state: State, event: Event) => Step<State, TransactionEffect>,
  events: readonly Event[],
): Partial<Record<TimerName, readonly number[]>> {
  const started: Partial<Record<TimerName, number[]>> = {};
  let { next, effects } = first;
  for (const event of [undefined, ...events]) {
    if (event !== undefined) ({ next, effects } = step(next, event));
    for (const effect of effects) {
      if (effect.type !== "start") continue;
      const values = started[effect.timer] ?? [];
      started[effect.timer] = [...values, effect.afterMs];
    }
  }
  return started;
}

const response = (status: number): ClientEvent => ({ type: "response", status });
const respond = (status: number): ServerEvent => ({ type: "respond", status });
const timer = (name: TimerName) => ({ type: "timer", timer: name }) as const;
const repeated = (name: TimerName) => Array.from({ length: 5 }, () => timer(name));
const doubled = [500, 1_000, 2_000, 4_000, 8_000, 16_000];
const capped = [500, 1_000, 2_000, 4_000, 4_000, 4_000];

const inviteClient = (reliable: boolean, ...events: ClientEvent[]) =>
  timersOf(startInviteClient(reliable), stepInviteClient, events);
const client = (reliable: boolean, ...events: ClientEvent[]) => timersOf(startClient(reliable), stepClient, events);
const inviteServer = (reliable: boolean, ...events: ServerEvent[]) =>
  timersOf(startInviteServer(reliable), stepInviteServer, events);
const server = (reliable: boolean, ...events: ServerEvent[]) => timersOf(startServer(reliable), stepServer, events);

test.for([
  ["A and B on UDP", inviteClient(false, ...repeated("A")), { A: doubled, B: [32_000] }],
  ["B on TCP", inviteClient(true), { B: [32_000] }],
  ["C, anew with every provisional", inviteClient(true, response(100), response(180)), { B: [32_000], C: [180_000, 180_000] }],
  ["D after C", inviteClient(true, response(180), timer("C")), { B: [32_000], C: [180_000], D: [32_000] }],
  ["D on UDP", inviteClient(false, response(486)), { A: [500], B: [32_000], D: [32_000] }],
  ["no D on TCP", inviteClient(true, response(486)), { B: [32_000] }],
  ["E and F on UDP, E no longer than T2", client(false, ...repeated("E")), { E: capped, F: [32_000] }],
  ["E at T2 once a provisional has come", client(false, response(100), timer("E")), { E: [500, 4_000], F: [32_000] }],
  ["F on TCP", client(true, response(100)), { F: [32_000] }],
  ["K on UDP", client(false, response(200)), { E: [500], F: [32_000], K: [5_000] }],
  ["no K on TCP", client(true, response(200)), { F: [32_000] }],
  [
    "G and H on UDP, G no longer than T2",
    inviteServer(false, respond(486), ...repeated("G")),
    { guard: [300_000], G: capped, H: [32_000] },
  ],
  ["H on TCP", inviteServer(true, respond(486)), { guard: [300_000], H: [32_000] }],
  ["I on UDP", inviteServer(false, respond(486), { type: "ack" }), { guard: [300_000], G: [500], H: [32_000], I: [5_000] }],
  ["no I on TCP", inviteServer(true, respond(486), { type: "ack" }), { guard: [300_000], H: [32_000] }],
  ["J on UDP", server(false, respond(200)), { guard: [32_000], J: [32_000] }],
  ["no J on TCP", server(true, respond(200)), { guard: [32_000] }],
  ["L on UDP", inviteServer(false, respond(200)), { guard: [300_000], L: [32_000] }],
  ["L on TCP", inviteServer(true, respond(200)), { guard: [300_000], L: [32_000] }],
  ["I after H on UDP", inviteServer(false, respond(486), timer("H")), { guard: [300_000], G: [500], H: [32_000], I: [5_000] }],
  ["I after L on UDP", inviteServer(false, respond(200), timer("L")), { guard: [300_000], L: [32_000], I: [5_000] }],
  ["after J on UDP", server(false, respond(200), timer("J")), { guard: [32_000, 5_000], J: [32_000] }],
  ["for a request that nobody answers on UDP", server(false, timer("guard")), { guard: [32_000, 5_000] }],
  ["for a request that nobody answers on TCP", server(true, timer("guard")), { guard: [32_000] }],
  ["M on UDP", inviteClient(false, response(200)), { A: [500], B: [32_000], M: [32_000] }],
  ["M on TCP", inviteClient(true, response(200)), { B: [32_000], M: [32_000] }],
] as const)(
  "timers %s have the values of RFC 3261 table 4 and RFC 6026, and T4 more for late copies",
  ([, started, expected]) => {
    expect(started).toEqual(expected);
  },
);
