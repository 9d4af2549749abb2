import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FarLinks } from "./far-links.ts";
import { MediaWorker } from "./media-worker.ts";
import type { FromWorker } from "./protocol.ts";

const LOCAL = "127.0.0.1";

let clock: VirtualClock;
let worker: MediaWorker;
let told: FromWorker[];
let peer: ReturnType<typeof createSocket>;

beforeEach(async () => {
  clock = new VirtualClock();
  told = [];
  const socket = createSocket("udp4");
  socket.bind(0, LOCAL);
  peer = createSocket("udp4");
  peer.bind(0, LOCAL);
  await Promise.all([once(socket, "listening"), once(peer, "listening")]);
  const send = (message: FromWorker) => void told.push(structuredClone(message));
  worker = new MediaWorker({ clock, log: silentLog, far: new FarLinks(socket, new Uint8Array(16)), send, offer: send });
});
afterEach(async () => {
  await worker.close();
  peer.close();
});

/** Lets time pass; the worker takes a turn each second, as one that slept does. */
async function seconds(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await clock.advance(1_000);
    await turnOfTheLoop();
  }
}

async function openLeg(leg: number): Promise<number> {
  // A port that the system gave and that is free again.
  for (;;) {
    const probe = createSocket("udp4");
    probe.bind(0, LOCAL);
    await once(probe, "listening");
    const { port } = probe.address();
    probe.close();
    await worker.handle({ type: "ask", id: leg, what: "openRtp", args: { leg, address: LOCAL, port: port & ~1 } });
    const answer = told.find((message) => message.type === "answer" && message.id === leg);
    if (answer?.type === "answer" && answer.answer !== null && "bound" in answer.answer && answer.answer.bound) return port & ~1;
    told = told.filter((message) => message !== answer);
  }
}

const connect = (leg: number, direction: { send: boolean; receive: boolean }) =>
  worker.handle({
    type: "connect",
    leg,
    remote: { address: LOCAL, port: peer.address().port, codec: "PCMA", payloadType: 8, ...direction },
  });

const events = () => told.flatMap((message) => (message.type === "event" ? [message.event] : []));

test("a peer that sends nothing is told after 30 s and again every 15 s, and that it is heard at last", async () => {
  const port = await openLeg(1);
  await connect(1, { send: true, receive: true });
  await seconds(29);
  expect(events()).toEqual([]);
  await seconds(2);
  expect(events()).toMatchObject([{ type: "quiet", from: `${LOCAL}:${peer.address().port}` }]);
  await seconds(15);
  expect(events().map(({ type }) => type)).toEqual(["quiet", "quiet"]);
  const packet = Buffer.alloc(172, 0xd5);
  packet.set([0x80, 8, 0, 1]);
  peer.send(packet, port, LOCAL);
  while (events().length < 3) await turnOfTheLoop();
  expect(events().at(-1)).toEqual({ type: "heard-again" });
  await seconds(14);
  expect(events().length).toBe(3);
  await seconds(2);
  expect(events().at(-1)).toMatchObject({ type: "quiet" });
});

test("nobody is missed while the leg is on hold", async () => {
  await openLeg(1);
  await connect(1, { send: true, receive: false });
  await seconds(120);
  expect(events()).toEqual([]);
});

test("what concerns a leg that is closed is no fault, and a question about it is refused", async () => {
  await openLeg(1);
  await worker.handle({ type: "ask", id: 90, what: "close", args: { leg: 1 } });
  await worker.handle({ type: "write", leg: 1, samples: new Int16Array(160) });
  await worker.handle({ type: "ask", id: 91, what: "stats", args: { leg: 1 } });
  expect(told.at(-1)).toEqual({ type: "refused", id: 91, message: "the leg is closed" });
});

test("a ping is answered", async () => {
  await worker.handle({ type: "ping" });
  expect(told).toEqual([{ type: "pong" }]);
});
