import type { SrtpKey } from "@sitebox/drivers/line";
import { expect, test } from "vitest";
import { rtpPacket } from "../rtp-packet.ts";
import { Protection } from "./index.ts";

const key = (fill: number): SrtpKey => ({ suite: "AES_CM_128_HMAC_SHA1_80", masterKeyAndSalt: new Uint8Array(30).fill(fill) });

function packet(from: Protection, sequence: number): Buffer {
  const payloadBytes = 160 + from.room;
  const whole = rtpPacket({ payloadType: 8, sequence, timestamp: sequence * 160, ssrc: 9, marker: false, payloadBytes });
  whole.fill(sequence, 12);
  from.sealRtp(whole);
  return whole;
}

const soundOf = (packet: Buffer | undefined) => packet && [packet.length, new Set(packet.subarray(12))];

test("without keys packets pass as they are", () => {
  const plain = new Protection();
  expect(plain.isOn).toBe(false);
  expect(soundOf(plain.openRtp(packet(plain, 5)))).toEqual([172, new Set([5])]);
  expect(plain.sealRtcp(Buffer.from([1]))).toEqual(Buffer.from([1]));
});

test("a key change in mid-call loses no packet: those under way are opened with the former key until the new one is seen", () => {
  const [near, far] = [new Protection(), new Protection()];
  near.use({ local: key(1), remote: key(2) });
  far.use({ local: key(2), remote: key(1) });
  expect(soundOf(near.openRtp(packet(far, 1)))).toEqual([172, new Set([1])]);
  const underWay = [2, 3, 4].map((sequence) => packet(far, sequence));
  near.use({ local: key(1), remote: key(3) });
  far.use({ local: key(3), remote: key(1) });
  const [early, late, tooLate] = underWay;
  expect(soundOf(early && near.openRtp(early))).toEqual([172, new Set([2])]);
  expect(soundOf(late && near.openRtp(late))).toEqual([172, new Set([3])]);
  expect(soundOf(near.openRtp(packet(far, 5)))).toEqual([172, new Set([5])]);
  expect(tooLate && near.openRtp(tooLate)).toBeUndefined();
  expect(near.dropped).toEqual({ forged: 1, replayed: 0 });
});

test("the same keys again change nothing: what was taken is not taken twice", () => {
  const [near, far] = [new Protection(), new Protection()];
  near.use({ local: key(1), remote: key(2) });
  far.use({ local: key(2), remote: key(1) });
  const sent = packet(far, 1);
  const copy = Buffer.from(sent);
  near.openRtp(sent);
  near.use({ local: key(1), remote: key(2) });
  expect(near.openRtp(copy)).toBeUndefined();
  expect(near.dropped).toEqual({ forged: 0, replayed: 1 });
  const report = far.sealRtcp(Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 9]));
  expect(near.openRtcp(Buffer.from(report))?.length).toBe(8);
  expect(near.openRtcp(report)).toBeUndefined();
});
