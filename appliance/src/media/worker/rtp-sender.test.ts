import type { RtpRemote } from "@sitebox/drivers/line";
import { alaw, tone } from "@sitebox/drivers/sound";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRtp, type RtpPacket } from "./rtp-packet.ts";
import { RtpSender } from "./rtp-sender.ts";

const far: RtpRemote = { address: "192.0.2.1", port: 4_000, codec: "PCMA", payloadType: 8, send: true, receive: true };

function sending(remote: RtpRemote = far) {
  const packets: (RtpPacket & { marker: boolean })[] = [];
  const emit = (datagram: Buffer) => {
    const packet = parseRtp(datagram);
    if (packet) packets.push({ ...packet, marker: datagram.readUInt8(1) >= 0x80 });
  };
  const sender = new RtpSender({ emit, room: () => 0 });
  sender.use(remote);
  return { sender, packets };
}

/** The packets as [ms since the first one, ms of sound]. */
const shape = (packets: readonly RtpPacket[]) =>
  packets.map(({ timestamp, payload }) => [((timestamp - (packets[0]?.timestamp ?? 0)) | 0) / 8, payload.length / 8]);

test.each([10, 20, 30, 40, 50, 60])(
  "packets of %i ms follow one another without a gap, and carry all of the sound",
  (packetMs) => {
    const { sender, packets } = sending({ ...far, packetMs });
    const sound = tone(440, 600);
    for (let slot = 0; slot < 30; slot++) sender.send(slot, sound.slice(slot * 160, slot * 160 + 160), { ...far, packetMs });
    expect(shape(packets)).toEqual(packets.map((_, n) => [n * packetMs, packetMs]));
    expect(packets.length).toBe(Math.floor(600 / packetMs));
    const heard = Buffer.concat(packets.map(({ payload }) => payload));
    expect(heard).toEqual(Buffer.from(alaw.encode(sound)).subarray(0, heard.length));
    expect(packets.map(({ marker }) => marker)).toEqual(packets.map((_, n) => n === 0));
  },
);

test("a slot that was slept through is a gap in time, and what was gathered before it is a shorter packet", () => {
  const remote = { ...far, packetMs: 60 };
  const { sender, packets } = sending(remote);
  for (const slot of [0, 1, 5, 6, 7]) sender.send(slot, undefined, remote);
  expect(shape(packets)).toEqual([
    [0, 40],
    [100, 60],
  ]);
});

test("sound pauses for a key and goes on in its time, marked as beginning anew", () => {
  const remote = { ...far, telephoneEvent: 101 };
  const { sender, packets } = sending(remote);
  sender.send(0, undefined, remote);
  expect(sender.press(["4"])).toBe(0);
  for (let slot = 1; slot < 11; slot++) sender.send(slot, undefined, remote);
  const first = packets[0]?.timestamp ?? 0;
  expect(packets.map((packet) => [packet.payloadType, ((packet.timestamp - first) | 0) / 160, packet.marker])).toEqual([
    [8, 0, true],
    [101, 1, true],
    ...Array(6).fill([101, 1, false]),
    [8, 9, true],
    [8, 10, false],
  ]);
  expect(packets.map(({ sequence }) => (sequence - (packets[0]?.sequence ?? 0)) & 0xffff)).toEqual(packets.map((_, n) => n));
});

test("whatever is pressed and slept through, time never goes back but to the beginning of a key", () => {
  const turn = fc.record({ slept: fc.nat(3), press: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(turn, { maxLength: 60 }),
      fc.constantFrom(10, 20, 30, 40, 60),
      fc.boolean(),
      (turns, packetMs, events) => {
        const remote: RtpRemote = { ...far, packetMs, ...(events && { telephoneEvent: 101 }) };
        const { sender, packets } = sending(remote);
        let slot = 0;
        for (const { slept, press } of turns) {
          slot += 1 + slept;
          if (press) sender.press(["1"]);
          sender.send(slot, undefined, remote);
        }
        const sound = packets.filter(({ payloadType }) => payloadType === 8);
        for (let n = 1; n < sound.length; n++) {
          const [before, now] = [sound[n - 1], sound[n]];
          expect(((now?.timestamp ?? 0) - (before?.timestamp ?? 0)) | 0).toBeGreaterThanOrEqual(before?.payload.length ?? 0);
        }
      },
    ),
  );
});
