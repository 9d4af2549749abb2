import type { RtpRemote, SrtpKey } from "@sitebox/drivers/line";
import { describe, expect, test } from "vitest";
import { Reception } from "./reception.ts";
import { formatRtcp, isRtcp, parseRtcp } from "./rtcp-packet.ts";
import { RtcpSession } from "./rtcp-session.ts";
import { parseRtp, rtpPacket } from "./rtp-packet.ts";
import { RtpReceiver } from "./rtp-receiver.ts";
import { SourceLock } from "./source-lock.ts";
import { Protection } from "./srtp/index.ts";

const PACKETS = 100_000;

/** Whole numbers below `end`, the same for a seed. */
function randomOf(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

const far: RtpRemote = { address: "192.0.2.1", port: 9, codec: "G722", payloadType: 9, send: true, receive: true };
const key = (fill: number): SrtpKey => ({ suite: "AES_CM_128_HMAC_SHA1_80", masterKeyAndSalt: new Uint8Array(30).fill(fill) });

function protectedBy(local: number, remote: number): Protection {
  const protection = new Protection();
  protection.use({ local: key(local), remote: key(remote) });
  return protection;
}

/** Packets as peers send them: sound, keys, comfort noise and reports. */
function realPackets(random: (end: number) => number): (() => Buffer)[] {
  let sequence = 0;
  const rtp = (payloadType: number, payloadBytes: number) => {
    sequence += 1;
    const header = { payloadType, sequence, timestamp: sequence * 160, ssrc: 5, marker: random(9) === 0, payloadBytes };
    const packet = rtpPacket(header);
    for (let at = 12; at < packet.length; at++) packet.writeUInt8(random(256), at);
    return packet;
  };
  const block = { ssrc: 1, fractionLost: 1, cumulativeLost: 2, highest: 3, jitter: 4, lastReport: 5, delay: 6 };
  const sent = { seconds: 1, fraction: 2, timestamp: 3, packets: 4, octets: 5 };
  return [
    () => rtp(8, 160),
    () => rtp(0, 80 * random(7)),
    () => rtp(9, 160),
    () => rtp(101, 4),
    () => rtp(13, 1 + random(8)),
    () => formatRtcp({ ssrc: 5, sent, blocks: [block], leaves: random(2) === 0 }, "box"),
    () => formatRtcp({ ssrc: 5, blocks: [block, block], leaves: false }, "a".repeat(random(60))),
  ];
}

/** Bytes by chance, or a real packet with some of its bytes changed, cut, or made longer. */
function* damaged(seed: number, seal: (packet: Buffer) => Buffer = (packet) => packet): Generator<Buffer> {
  const random = randomOf(seed);
  const real = realPackets(random);
  for (let n = 0; n < PACKETS; n++) {
    if (random(4) === 0) {
      yield Buffer.from(Uint8Array.from({ length: random(120) }, () => random(256)));
      continue;
    }
    const packet = seal(real[random(real.length)]?.() ?? Buffer.alloc(0));
    for (let changes = random(4); changes > 0 && packet.length > 0; changes--)
      packet.writeUInt8(random(256), random(random(2) === 0 ? Math.min(16, packet.length) : packet.length));
    const cut = random(5) === 0 ? packet.subarray(0, random(packet.length + 1)) : packet;
    yield random(9) === 0 ? Buffer.concat([cut, Buffer.alloc(random(40), random(256))]) : cut;
  }
}

/** All that is done with a datagram once it is here. */
function session(protection: Protection) {
  const receiver = new RtpReceiver(() => undefined);
  const reception = new Reception();
  const lock = new SourceLock();
  const rtcp = new RtcpSession({ ssrc: 1, cname: "box", random: () => 0.5 });
  receiver.use(far);
  lock.agree(far);
  let now = 0;
  return (datagram: Buffer, remote: RtpRemote): "rtp" | "rtcp" | "nothing" => {
    now += 4;
    if (now % 20 === 0) expect(receiver.hear(0).length).toBe(160);
    if (isRtcp(datagram)) {
      const plain = protection.openRtcp(datagram);
      const report = plain && parseRtcp(plain);
      if (report) rtcp.take(report, now, 0);
      return report ? "rtcp" : "nothing";
    }
    const plain = protection.openRtp(datagram);
    const packet = plain && parseRtp(plain);
    if (!packet) return "nothing";
    lock.judge({ address: "192.0.2.9", port: packet.ssrc & 0xffff }, { ...packet, authentic: protection.isOn }, now);
    if (reception.count(packet, now)) receiver.restart();
    receiver.take(packet, remote);
    return "rtp";
  };
}

describe(`of ${PACKETS} damaged packets of each kind none throws, and sound goes on`, () => {
  test.each([far, { ...far, telephoneEvent: 101 }])("RTP and RTCP", (remote) => {
    const take = session(new Protection());
    const taken = { rtp: 0, rtcp: 0, nothing: 0 };
    for (const datagram of damaged(1, undefined)) taken[take(datagram, remote)]++;
    expect(taken.rtp).toBeGreaterThan(PACKETS / 5);
    expect(taken.rtcp).toBeGreaterThan(PACKETS / 50);
  });

  test("SRTP and SRTCP", () => {
    const peer = protectedBy(2, 1);
    const seal = (packet: Buffer) => {
      if (isRtcp(packet)) return peer.sealRtcp(packet);
      const roomy = Buffer.concat([packet, Buffer.alloc(peer.room)]);
      peer.sealRtp(roomy);
      return roomy;
    };
    const ours = protectedBy(1, 2);
    const take = session(ours);
    const taken = { rtp: 0, rtcp: 0, nothing: 0 };
    for (const datagram of damaged(2, seal)) taken[take(datagram, far)]++;
    expect(taken.rtp).toBeGreaterThan(PACKETS / 20);
    expect(taken.rtcp).toBeGreaterThan(PACKETS / 100);
    expect(ours.dropped.forged).toBeGreaterThan(PACKETS / 4);
  });
});
