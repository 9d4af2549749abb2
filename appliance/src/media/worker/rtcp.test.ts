import fc from "fast-check";
import { expect, test } from "vitest";
import { formatRtcp, isRtcp, parseRtcp, type ReportBlock } from "./rtcp-packet.ts";
import { RtcpSession } from "./rtcp-session.ts";

const word = fc.nat(0xffff_ffff);
const block: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: word,
  fractionLost: fc.nat(255),
  cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  highest: word,
  jitter: word,
  lastReport: word,
  delay: word,
});
const sent = fc.record({ seconds: word, fraction: word, timestamp: word, packets: word, octets: word });

test("what is written is read, whatever the length of the name", () => {
  const rtcp = fc.record(
    { ssrc: word, sent, blocks: fc.array(block, { maxLength: 3 }), leaves: fc.boolean() },
    { requiredKeys: ["ssrc", "blocks", "leaves"] },
  );
  fc.assert(
    fc.property(rtcp, fc.string({ maxLength: 20 }), (value, cname) => {
      const bytes = formatRtcp(value, cname);
      expect(bytes.length % 4).toBe(0);
      expect(isRtcp(bytes)).toBe(true);
      expect(parseRtcp(bytes)).toEqual(value);
    }),
  );
});

test("what is cut, no compound packet or of another version is none", () => {
  const whole = formatRtcp({ ssrc: 1, blocks: [], leaves: true }, "box");
  for (let length = 0; length < whole.length; length++)
    if (length !== 8 && length !== 24) expect(parseRtcp(whole.subarray(0, length))).toBeUndefined();
  expect(parseRtcp(Buffer.from([0x81, 202, 0, 1, 0, 0, 0, 1]))).toBeUndefined();
  expect(parseRtcp(Buffer.from([0x40, 201, 0, 1, 0, 0, 0, 1]))).toBeUndefined();
  expect(parseRtcp(Buffer.from([0x81, 201, 0, 1, 0, 0, 0, 1]))).toBeUndefined();
});

const nothingSent = { timestamp: 0, packets: 0, octets: 0 };
const session = (ssrc: number, random = 0.5) => new RtcpSession({ ssrc, cname: "box", random: () => random });

test("reports come 2.5 s after the beginning and every 5 s on, each by half of that sooner or later", () => {
  for (const [random, first, later] of [
    [0, 1_250, 2_500],
    [1, 3_750, 7_500],
  ] as const) {
    const rtcp = session(1, random);
    const compensated = (ms: number) => ms / (Math.E - 1.5);
    expect(rtcp.isDue(1_000)).toBe(false);
    expect(rtcp.isDue(1_000 + compensated(first) - 1)).toBe(false);
    const at = 1_000 + compensated(first) + 1;
    expect(rtcp.isDue(at)).toBe(true);
    rtcp.report(at, nothingSent, undefined);
    expect(rtcp.isDue(at + compensated(later) - 1)).toBe(false);
    expect(rtcp.isDue(at + compensated(later) + 1)).toBe(true);
  }
});

test("the way there and back is told by the reports, whatever clocks the two have", () => {
  const [near, far] = [session(1), session(2)];
  const there = parseRtcp(near.report(100_000, { timestamp: 0, packets: 50, octets: 8_000 }, undefined));
  expect(there?.sent).toMatchObject({ packets: 50, octets: 8_000 });
  if (there) far.take(there, 7_000_030, 0);
  const reception = { ssrc: 1, fractionLost: 26, cumulativeLost: 5, highest: 1_049, jitter: 80 };
  const back = parseRtcp(far.report(7_001_030, nothingSent, reception));
  if (back) near.take(back, 101_070, 1_000);
  expect(near.rttMs).toBeCloseTo(70, 0);
  expect(near.remoteLossPercent).toBeCloseTo(10, 5);
  expect(near.remoteJitterMs).toBe(10);
  expect(far.rttMs).toBeUndefined();
});

test("who has not sent since the report before the last is no sender, and who never did anything does not take leave", () => {
  const rtcp = session(1);
  expect(rtcp.farewell(0, nothingSent, undefined)).toBeUndefined();
  const isSender = (packets: number) =>
    parseRtcp(rtcp.report(0, { timestamp: 0, packets, octets: 0 }, undefined))?.sent !== undefined;
  expect([0, 5, 5, 5, 6].map(isSender)).toEqual([false, true, true, false, true]);
  const farewell = rtcp.farewell(0, { timestamp: 0, packets: 6, octets: 0 }, undefined);
  expect(farewell && parseRtcp(farewell)).toMatchObject({ ssrc: 1, leaves: true });
});

test("reports on somebody else, and impossible times, tell nothing", () => {
  const rtcp = session(1);
  const reported = { fractionLost: 255, cumulativeLost: 100, highest: 200, jitter: 8_000, lastReport: 1, delay: 0xffff_ffff };
  rtcp.take({ ssrc: 2, blocks: [{ ssrc: 99, ...reported }], leaves: false }, 0, 0);
  expect(rtcp.remoteLossPercent).toBeUndefined();
  rtcp.take({ ssrc: 2, blocks: [{ ssrc: 1, ...reported, lastReport: 0x7fff_0000 }], leaves: false }, 0, 0);
  expect(rtcp.rttMs).toBeUndefined();
  expect(rtcp.remoteLossPercent).toBeCloseTo(49.75, 1);
});
