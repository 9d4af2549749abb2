import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRtp, RTP_HEADER_BYTES, rtpPacket } from "./rtp-packet.ts";

test("a packet that was built is taken apart again", () => {
  const header = { payloadType: 8, sequence: 65_535, timestamp: 0xffff_fff0, ssrc: 0xdead_beef };
  const packet = rtpPacket({ ...header, marker: true, payloadBytes: 4 });
  packet.set([1, 2, 3, 4], RTP_HEADER_BYTES);
  expect(parseRtp(packet)).toEqual({ ...header, payload: Buffer.from([1, 2, 3, 4]) });
});

test("contributing sources, header extension and padding are stepped over", () => {
  const packet = Buffer.from([
    ...[0xb1, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7],
    ...[0, 0, 0, 9],
    ...[0xbe, 0xde, 0, 1, 1, 2, 3, 4],
    ...[0x55, 0x66, 0, 0, 3],
  ]);
  expect(parseRtp(packet)?.payload).toEqual(Buffer.from([0x55, 0x66]));
});

test.each([
  ["nothing", []],
  ["STUN", [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["RTCP on the same port", [0x80, 200, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0]],
  ["a header extension beyond the end", [0x90, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 255, 255]],
  ["padding longer than the packet", [0xa0, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 200]],
])("%s is no RTP", (_, bytes) => {
  expect(parseRtp(Buffer.from(bytes))).toBeUndefined();
});

test("any datagram is taken apart or refused, never a failure", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const packet = parseRtp(Buffer.from(bytes));
      expect(packet === undefined || packet.payload.length <= bytes.length - RTP_HEADER_BYTES).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
