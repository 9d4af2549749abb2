import { createSocket, type Socket } from "node:dgram";
import { on, once } from "node:events";
import { type Log, silentLog } from "@sitebox/core/kernel";
import type { RtpRemote, SrtpKey } from "@sitebox/drivers/line";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formatRtcp, parseRtcp } from "./rtcp-packet.ts";
import { parseRtp, RTP_HEADER_BYTES, rtpPacket } from "./rtp-packet.ts";
import { RtpSocket } from "./rtp-socket.ts";
import { Protection } from "./srtp/index.ts";
import { bindPair, type PortPair } from "./udp.ts";

const LOCAL = "127.0.0.1";

let cleanup: AsyncDisposableStack;
let said: string[];
let now: number;

beforeEach(() => {
  cleanup = new AsyncDisposableStack();
  said = [];
  now = 0;
});
afterEach(() => cleanup.disposeAsync());

async function pair(): Promise<PortPair> {
  for (let port = 41_000; port < 42_000; port += 2) {
    const bound = await bindPair(LOCAL, port);
    if (bound) return bound;
  }
  throw new Error("no free ports");
}

/** A far end of bare sockets. */
async function farEnd(): Promise<PortPair & { readonly remote: RtpRemote }> {
  const ports = await pair();
  cleanup.defer(() => {
    for (const socket of [ports.rtp, ports.rtcp]) socket.close();
  });
  const { port } = ports.rtp.address();
  return { ...ports, remote: { address: LOCAL, port, codec: "PCMA", payloadType: 8, send: true, receive: true } };
}

async function session() {
  const log: Log = {
    ...silentLog,
    warn: (message) => void said.push(message),
    info: (message) => void said.push(message),
  };
  const ports = await pair();
  const events: string[] = [];
  const heardAgain = Promise.withResolvers<void>();
  const rtp = new RtpSocket(ports, {
    log,
    now: () => now,
    onDigit: () => undefined,
    onQuiet: (quietMs, from) => events.push(`quiet ${quietMs} ${from}`),
    onHeardAgain: () => {
      events.push("heard again");
      heardAgain.resolve();
    },
  });
  cleanup.defer(() => rtp.close());
  return { rtp, events, heardAgain: heardAgain.promise, port: ports.rtp.address().port };
}

function voice(sequence: number, room = 0): Buffer {
  const header = { payloadType: 8, sequence, timestamp: sequence * 160, ssrc: 5, marker: false, payloadBytes: 160 + room };
  return rtpPacket(header).fill(0xd5, RTP_HEADER_BYTES);
}

async function next(socket: Socket): Promise<Buffer> {
  for await (const [datagram] of on(socket, "message")) return datagram;
  throw new Error("closed");
}

/** Waits until the session has taken in so much. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe("when no RTP comes", () => {
  test("it is told with where it should come from, again every 15 s, and once more when it is back", async () => {
    const { rtp, events, heardAgain, port } = await session();
    const { rtp: peer, remote } = await farEnd();
    rtp.connect(remote);
    for (; now <= 50_000; now += 1_000) rtp.hear(0);
    const from = `${LOCAL}:${remote.port}`;
    expect(events.splice(0)).toEqual([`quiet 30000 ${from}`, `quiet 45000 ${from}`]);
    peer.send(voice(1), port, LOCAL);
    await heardAgain;
    for (const until = now + 20_000; now <= until; now += 1_000) rtp.hear(0);
    expect(events).toEqual(["heard again", `quiet 15000 ${from}`]);
    expect(rtp.stats()).toMatchObject({ receivedPackets: 1, lostPackets: 0, quietMs: 21_000, remote: from, codec: "PCMA" });
  });

  test("on hold it is not missed, and the time begins anew after it", async () => {
    const { rtp, events } = await session();
    const { remote } = await farEnd();
    rtp.connect({ ...remote, receive: false });
    for (; now < 100_000; now += 1_000) rtp.hear(0);
    rtp.connect({ ...remote, address: "0.0.0.0" });
    for (; now < 200_000; now += 1_000) rtp.hear(0);
    expect(rtp.stats().quietMs).toBeUndefined();
    rtp.connect(remote);
    for (; now < 229_000; now += 1_000) rtp.hear(0);
    expect(events).toEqual([]);
    expect(rtp.stats().quietMs).toBe(29_000);
  });
});

describe("reports", () => {
  test("go to the next port, tell what was sent and received, and end with a farewell", async () => {
    const { rtp, port } = await session();
    const { rtp: peer, rtcp, remote } = await farEnd();
    rtp.connect(remote);
    for (const sequence of [1, 2, 4]) peer.send(voice(sequence), port, LOCAL);
    await until(() => rtp.stats().receivedPackets === 3);
    for (let slot = 0; slot < 3; slot++) rtp.send(slot, undefined);
    rtp.hear(0);
    now += 10_000;
    const coming = next(rtcp);
    rtp.hear(0);
    const report = parseRtcp(await coming);
    expect(report).toMatchObject({
      ssrc: rtp.ssrc,
      sent: { packets: 3, octets: 480 },
      blocks: [{ ssrc: 5, cumulativeLost: 1, fractionLost: 64, highest: 4 }],
      leaves: false,
    });
    const leaving = next(rtcp);
    await rtp.close();
    expect(parseRtcp(await leaving)).toMatchObject({ ssrc: rtp.ssrc, leaves: true });
  });

  test("share the port of the sound where that was agreed", async () => {
    const { rtp, port } = await session();
    const { rtp: peer, remote } = await farEnd();
    rtp.connect({ ...remote, rtcp: "muxed" });
    rtp.hear(0);
    now += 10_000;
    const coming = next(peer);
    rtp.hear(0);
    expect(parseRtcp(await coming)).toMatchObject({ ssrc: rtp.ssrc });
    const reception = { fractionLost: 0, cumulativeLost: 0, highest: 0, jitter: 0, lastReport: 0, delay: 0 };
    peer.send(
      formatRtcp(
        { ssrc: 5, blocks: [{ ssrc: rtp.ssrc, ...reception, highest: 0xf_ffff, cumulativeLost: 0 }], leaves: false },
        "far",
      ),
      port,
      LOCAL,
    );
    await until(() => rtp.stats().remoteLossPercent !== undefined);
    expect(rtp.stats()).toMatchObject({ remoteLossPercent: 0, receivedPackets: 0 });
  });

  test("tell how long the way there and back is, and how much was lost there", async () => {
    const { rtp, port } = await session();
    const { rtp: peer, rtcp, remote } = await farEnd();
    rtp.connect(remote);
    const sound = next(peer);
    rtp.send(0, undefined);
    const first = parseRtp(await sound)?.sequence ?? 0;
    rtp.hear(0);
    now += 10_000;
    const coming = next(rtcp);
    rtp.hear(0);
    const sent = parseRtcp(await coming)?.sent;
    const lastReport = (((sent?.seconds ?? 0) & 0xffff) * 65_536 + ((sent?.fraction ?? 0) >>> 16)) >>> 0;
    now += 80;
    const block = { ssrc: rtp.ssrc, fractionLost: 0, cumulativeLost: 1, highest: first + 3, jitter: 0, lastReport, delay: 0 };
    rtcp.send(formatRtcp({ ssrc: 5, blocks: [block], leaves: false }, "far"), port + 1, LOCAL);
    await until(() => rtp.stats().rttMs !== undefined);
    expect(rtp.stats().rttMs).toBeCloseTo(80, 0);
    expect(rtp.stats().remoteLossPercent).toBe(25);
  });
});

describe("SRTP", () => {
  const key = (fill: number): SrtpKey => ({ suite: "AES_CM_128_HMAC_SHA1_80", masterKeyAndSalt: new Uint8Array(30).fill(fill) });
  const keys = { local: key(1), remote: key(2) };

  function far(local: SrtpKey, remote: SrtpKey): Protection {
    const protection = new Protection();
    protection.use({ local, remote });
    return protection;
  }

  function sealed(protection: Protection, sequence: number): Buffer {
    const packet = voice(sequence, protection.room);
    protection.sealRtp(packet);
    return packet;
  }

  test("sound and reports are encrypted both ways, and what is not made with the key is dropped", async () => {
    const { rtp, port } = await session();
    const { rtp: peer, rtcp, remote } = await farEnd();
    const protection = far(key(2), key(1));
    rtp.connect({ ...remote, srtp: keys });
    const sound = next(peer);
    rtp.send(0, undefined);
    const packet = protection.openRtp(await sound);
    expect(packet && parseRtp(packet)?.payload).toEqual(Buffer.alloc(160, 0xd5));
    peer.send(voice(1), port, LOCAL);
    peer.send(sealed(far(key(9), key(1)), 2), port, LOCAL);
    peer.send(sealed(protection, 3), port, LOCAL);
    await until(() => rtp.stats().receivedPackets > 0);
    expect(rtp.stats()).toMatchObject({ receivedPackets: 1, strangerPackets: 0, secure: true });
    expect(said.filter((message) => message.includes("not made with the agreed key")).length).toBe(1);
    rtp.hear(0);
    now += 10_000;
    const coming = next(rtcp);
    rtp.hear(0);
    const report = protection.openRtcp(await coming);
    expect(report && parseRtcp(report)).toMatchObject({ ssrc: rtp.ssrc });
  });

  test("whoever has the key is heard and sent to at once, wherever he is", async () => {
    const { rtp, port } = await session();
    const { remote } = await farEnd();
    const moved = createSocket("udp4").bind(0, LOCAL);
    await once(moved, "listening");
    cleanup.defer(() => void moved.close());
    rtp.connect({ ...remote, srtp: keys });
    moved.send(sealed(far(key(2), key(1)), 3), port, LOCAL);
    await until(() => rtp.stats().receivedPackets > 0);
    const sound = next(moved);
    rtp.send(0, undefined);
    await sound;
  });

  test("keys of a wrong length silence the session and harm nothing else", async () => {
    const { rtp, port } = await session();
    const { rtp: peer, remote } = await farEnd();
    const short = { ...key(1), masterKeyAndSalt: new Uint8Array(16) };
    rtp.connect({ ...remote, srtp: { local: short, remote: short } });
    expect(rtp.maySend).toBe(false);
    peer.send(voice(1), port, LOCAL);
    rtp.connect({ ...remote, srtp: keys });
    peer.send(sealed(far(key(2), key(1)), 3), port, LOCAL);
    await until(() => rtp.stats().receivedPackets > 0);
    expect(rtp.maySend).toBe(true);
  });
});

test("a pair of which one port is taken is not taken in halves", async () => {
  const taken = await farEnd();
  const { port } = taken.rtcp.address();
  expect(await bindPair(LOCAL, port - 1)).toBeUndefined();
  expect(await bindPair(LOCAL, port)).toBeUndefined();
  await expect(bindPair("203.0.113.1", 41_990)).rejects.toThrow();
});
