import { createSocket, type Socket } from "node:dgram";
import { on, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, silentLog, systemClock } from "@sitebox/core/kernel";
import type { RtpPort } from "@sitebox/drivers/line";
import { alaw, goertzel, tone, ulaw } from "@sitebox/drivers/sound";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WorkerMedia } from "./open-media.ts";
import { readWav } from "./sound/index.ts";

const LOCAL = "127.0.0.1";
const PCMA = 8;
const EVENTS = 101;

let media: WorkerMedia;
let cleanup: AsyncDisposableStack;
let warnings: string[];

beforeEach(() => {
  warnings = [];
  const log: Log = {
    ...silentLog,
    child: () => log,
    warn: (message) => void warnings.push(message),
  };
  cleanup = new AsyncDisposableStack();
  media = cleanup.use(new WorkerMedia({ clock: systemClock, log }));
});
afterEach(() => cleanup.disposeAsync());

/** A far end that sends just what the test says. */
class Peer implements AsyncDisposable {
  readonly socket: Socket = createSocket("udp4");
  readonly ssrc: number;
  #sequence = 1_000;
  #timestamp = 8_000;

  constructor(ssrc = 77) {
    this.ssrc = ssrc;
  }

  static async open(ssrc?: number): Promise<Peer> {
    const peer = cleanup.use(new Peer(ssrc));
    peer.socket.bind(0, LOCAL);
    await once(peer.socket, "listening");
    return peer;
  }

  get port(): number {
    return (this.socket.address() as AddressInfo).port;
  }

  send(to: RtpPort, payload: Uint8Array, { payloadType = PCMA, timestamp = this.#timestamp } = {}): void {
    const header = Buffer.alloc(12);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(payloadType, 1);
    header.writeUInt16BE(this.#sequence++ & 0xffff, 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(this.ssrc, 8);
    this.socket.send(Buffer.concat([header, payload]), to.localPort, LOCAL);
    if (timestamp === this.#timestamp) this.#timestamp += 160;
  }

  /** All six packets of a key press, or those of it that are not lost. */
  press(to: RtpPort, key: number, kept = [0, 1, 2, 3, 4, 5]): void {
    const timestamp = this.#timestamp;
    this.#timestamp += 800;
    [160, 320, 480, 640, 640, 640].forEach((duration, n) => {
      const payload = Uint8Array.of(key, n > 2 ? 0x8a : 0x0a, duration >> 8, duration & 255);
      if (kept.includes(n)) this.send(to, payload, { payloadType: EVENTS, timestamp });
    });
  }

  /** The next packets that come here. */
  async received(count: number): Promise<Buffer[]> {
    const packets: Buffer[] = [];
    for await (const [datagram] of on(this.socket, "message")) {
      packets.push(datagram);
      if (packets.length === count) break;
    }
    return packets;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }
}

const remote = (port: number) =>
  ({ address: LOCAL, port, codec: "PCMA", payloadType: PCMA, telephoneEvent: EVENTS, send: true, receive: true }) as const;

async function connected(): Promise<{ port: RtpPort; peer: Peer }> {
  const port = cleanup.use(await media.rtp.open(LOCAL));
  const peer = await Peer.open();
  port.connect(remote(peer.port));
  return { port, peer };
}

/** Sends a tone, one packet for each that comes from the port, until the work is done. */
async function speaking<T>(
  peer: Peer,
  to: RtpPort,
  frequency: number,
  work: Promise<T>,
  encode = alaw.encode,
  payloadType: number = PCMA,
): Promise<T> {
  const sound = tone(frequency, 20_000);
  let n = 0;
  const answer = () => peer.send(to, encode(sound.slice(n * 160, ++n * 160)), { payloadType });
  peer.socket.on("message", answer);
  try {
    return await work;
  } finally {
    peer.socket.off("message", answer);
  }
}

async function hears(port: RtpPort, frequency: number, frames = 10): Promise<void> {
  let running = 0;
  for await (const frame of port.frames) {
    running = goertzel(frame, frequency) > 6_000 ? running + 1 : 0;
    if (running === frames) return;
  }
}

test("what is sent bears the stated SSRC, one sequence, and a time of 160 a slot", async () => {
  const { port, peer } = await connected();
  const packets = await peer.received(50);
  const first = packets[0];
  expect(port.localPort % 2).toBe(0);
  expect((first?.readUInt8(1) ?? 0) & 0x80).toBe(0x80);
  packets.forEach((packet, n) => {
    expect(packet.length).toBe(172);
    expect(packet.readUInt8(1) & 0x7f).toBe(PCMA);
    expect(packet.readUInt32BE(8)).toBe(port.ssrc);
    expect(packet.readUInt16BE(2)).toBe(((first?.readUInt16BE(2) ?? 0) + n) & 0xffff);
    expect(((packet.readUInt32BE(4) - (first?.readUInt32BE(4) ?? 0)) >>> 0) % 160).toBe(0);
    expect(packet.subarray(12).every((code) => code === 0xd5)).toBe(true);
  });
});

test("frames that are written leave in their order", async () => {
  const { port, peer } = await connected();
  for (let n = 1; n <= 30; n++) port.write(new Int16Array(160).fill(n * 256 + 128));
  const levels: number[] = [];
  for await (const [packet] of on(peer.socket, "message") as AsyncIterable<[Buffer]>) {
    const level = alaw.decode(packet.subarray(12))[0] ?? 0;
    if (Math.abs(level) > 100) levels.push(level);
    if (levels.length === 30) break;
  }
  expect(levels).toEqual(levels.toSorted((a, b) => a - b));
});

test.each([
  ["PCMA", alaw, 8],
  ["PCMU", ulaw, 0],
] as const)("%s is understood, whichever was agreed", async (_, law, payloadType) => {
  const { port, peer } = await connected();
  await speaking(peer, port, 700, hears(port, 700), law.encode, payloadType);
});

test("PCMU is sent where it was agreed", async () => {
  const port = cleanup.use(await media.rtp.open(LOCAL));
  const peer = await Peer.open();
  port.connect({ ...remote(peer.port), codec: "PCMU", payloadType: 0 });
  const [packet] = await peer.received(1);
  expect((packet?.readUInt8(1) ?? 0xff) & 0x7f).toBe(0);
  expect(packet?.subarray(12).every((code) => code === 0xff)).toBe(true);
});

test("after a flush not one packet of the sound leaves: as many have come as it says were played", async () => {
  const { port, peer } = await connected();
  const leg = media.attach(port);
  let voiced = 0;
  const begun = Promise.withResolvers<void>();
  peer.socket.on("message", (packet: Buffer) => {
    if (packet.subarray(12).every((code) => code === 0xd5)) return;
    if (++voiced === 10) begun.resolve();
  });
  const played = leg.play(tone(500, 10_000));
  await begun.promise;
  await leg.flush();
  await peer.received(5);
  expect(voiced).toBe((await played).playedMs / 20);
});

test("in the recording an echo follows what it echoes, by the time of the way", async () => {
  const { port, peer } = await connected();
  const leg = media.attach(port);
  peer.socket.on("message", (packet: Buffer) => peer.send(port, packet.subarray(12)));
  const folder = await mkdtemp(join(tmpdir(), "echo-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const recording = await leg.record(join(folder, "echo.wav"));
  for (let burst = 0; burst < 3; burst++) {
    await leg.play(tone(500, 100));
    await leg.play(new Int16Array(4_000));
  }
  await recording.stop();
  const [left, right] = (await readWav(recording.file)).channels;
  const bursts = (samples: Int16Array = new Int16Array(0)) => {
    const slots = Array.from(
      { length: samples.length / 160 },
      (_, n) => goertzel(samples.slice(n * 160, n * 160 + 160), 500) > 6_000,
    );
    return slots.flatMap((on, n) => (on && !slots[n - 1] ? [n] : []));
  };
  const [spoken, echoed] = [bursts(right), bursts(left)];
  expect(spoken.length).toBe(3);
  expect(echoed.length).toBe(3);
  spoken.forEach((slot, n) => {
    const laterBy = (echoed[n] ?? 0) - slot;
    expect(laterBy).toBeGreaterThanOrEqual(1);
    expect(laterBy).toBeLessThanOrEqual(12);
  });
});

test("a stranger's packets are dropped, counted, and told once", async () => {
  const { port, peer } = await connected();
  const leg = media.attach(port);
  await speaking(peer, port, 700, hears(port, 700));
  const stranger = await Peer.open(99);
  const invading = speaking(peer, port, 700, hears(port, 700, 40));
  for (let n = 0; n < 20; n++) stranger.send(port, alaw.encode(tone(1_500, 20)));
  await invading;
  const stats = await leg.stats();
  expect(stats.strangerPackets).toBe(20);
  expect(stats.receivedPackets).toBeGreaterThan(40);
  expect(stats.quietMs).toBeDefined();
  expect(warnings.filter((message) => message.includes("stranger")).length).toBe(1);
});

test("behind a NAT the real source is learnt, heard and sent to", async () => {
  const port = cleanup.use(await media.rtp.open(LOCAL));
  const stated = await Peer.open();
  const real = await Peer.open();
  port.connect(remote(stated.port));
  for (let n = 0; n < 4; n++) real.send(port, alaw.encode(tone(900, 20)));
  await real.received(1);
  await speaking(real, port, 900, hears(port, 900));
});

test("each key is told once, whatever packets of it were lost", async () => {
  const { port, peer } = await connected();
  peer.press(port, 1);
  peer.press(port, 1, [0]);
  peer.press(port, 10, [1, 2]);
  peer.press(port, 11, [5]);
  peer.press(port, 0);
  const digits: string[] = [];
  for await (const digit of port.digits) {
    digits.push(digit);
    if (digits.length === 5) break;
  }
  expect(digits).toEqual(["1", "1", "*", "#", "0"]);
});

test("keys are told while two legs are bridged", async () => {
  const [a, b] = [await connected(), await connected()];
  await media.attach(a.port).bridge(media.attach(b.port));
  await speaking(a.peer, a.port, 700, b.peer.received(20));
  a.peer.press(a.port, 7);
  for await (const digit of a.port.digits) {
    expect(digit).toBe("7");
    break;
  }
});

test("on hold nothing is sent and nothing heard, and a sound goes on where it was", async () => {
  const { port, peer } = await connected();
  const leg = media.attach(port);
  await peer.received(2);
  port.connect({ ...remote(peer.port), send: false, receive: false });
  const held = leg.play(tone(500, 100));
  const { sentPackets } = await leg.stats();
  const frames: Int16Array[] = [];
  for (let n = 0; n < 10; n++) peer.send(port, alaw.encode(tone(500, 20)));
  for await (const { samples } of leg.listen(new AbortController().signal)) {
    frames.push(samples);
    if (frames.length === 20) break;
  }
  expect(frames.slice(5).every((frame) => goertzel(frame, 500) < 100)).toBe(true);
  expect((await leg.stats()).sentPackets).toBe(sentPackets);
  port.connect(remote(peer.port));
  expect(await held).toEqual({ outcome: "finished", playedMs: 100 });
});

test("a refused stream and an address of nowhere are not sent to, and the leg lives on", async () => {
  const { port, peer } = await connected();
  const leg = media.attach(port);
  await peer.received(1);
  port.connect({ ...remote(0), port: 0 });
  port.connect({ ...remote(peer.port), address: "0.0.0.0" });
  const { sentPackets } = await leg.stats();
  let frames = 0;
  for await (const _ of port.frames) if (++frames === 5) break;
  expect((await leg.stats()).sentPackets).toBe(sentPackets);
  port.connect(remote(peer.port));
  await peer.received(1);
});

test("noise that is no RTP harms nothing", async () => {
  const { port, peer } = await connected();
  for (const bytes of [[], [0x80], [0, 1, 2, 3], Array(1_400).fill(0xff), [0x90, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 9, 9]])
    peer.socket.send(Buffer.from(bytes), port.localPort, LOCAL);
  await speaking(peer, port, 700, hears(port, 700));
});

test("closing frees the port and ends its streams; an address that is not ours is refused", async () => {
  const port = await media.rtp.open(LOCAL);
  const peer = await Peer.open();
  port.connect(remote(peer.port));
  const ending = (async () => {
    for await (const _ of port.frames);
    for await (const _ of port.digits);
  })();
  await peer.received(2);
  await port[Symbol.asyncDispose]();
  await port[Symbol.asyncDispose]();
  await ending;
  const socket = createSocket("udp4").bind(port.localPort, LOCAL);
  await once(socket, "listening");
  socket.close();
  await expect(media.rtp.open("203.0.113.1")).rejects.toMatchObject({ name: "MediaError", fault: "refused" });
});

test("a port that somebody else has is stepped over, and a range that is full says so", async () => {
  const taken = cleanup.use(await media.rtp.open(LOCAL)).localPort;
  await using full = new WorkerMedia({ clock: systemClock, log: silentLog, rtpPortRange: { first: taken, last: taken + 1 } });
  await expect(full.rtp.open(LOCAL)).rejects.toMatchObject({ fault: "no-port" });
  await using wider = new WorkerMedia({ clock: systemClock, log: silentLog, rtpPortRange: { first: taken, last: taken + 40 } });
  for (let n = 0; n < 3; n++) {
    await using port = await wider.rtp.open(LOCAL);
    expect(port.localPort).not.toBe(taken);
  }
});
