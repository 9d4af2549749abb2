import fc from "fast-check";
import { expect, test } from "vitest";
import { TelephoneEvents } from "./telephone-event.ts";

/** The packets of one key press: three updates and the end three times (RFC 4733 §2.5.1). */
const press = (key: number, timestamp: number) =>
  [160, 320, 480, 640, 640, 640].map((duration, n) => ({
    timestamp,
    payload: Uint8Array.of(key, n >= 3 ? 0x8a : 0x0a, duration >> 8, duration & 255),
  }));

const heard = (packets: ReturnType<typeof press>) => {
  const events = new TelephoneEvents();
  return packets.flatMap(({ timestamp, payload }) => events.accept(timestamp >>> 0, payload) ?? []);
};

test("each key is told once, in order, whichever packets of it are lost as long as one comes", () => {
  const keys = fc.array(fc.record({ key: fc.nat(15), kept: fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }) }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(keys, fc.nat(0xffff_ffff), (pressed, first) => {
      const packets = pressed.flatMap(({ key, kept }, n) => press(key, first + n * 1_600).filter((_, i) => kept.includes(i)));
      expect(heard(packets)).toEqual(pressed.map(({ key }) => [..."0123456789*#ABCD"][key]));
    }),
  );
});

test("a packet of an earlier key that comes late is not a key", () => {
  const [one, two] = [press(1, 1_000), press(2, 3_000)];
  const late = one[5];
  expect(late && heard([...one, ...two, late])).toEqual(["1", "2"]);
});

test("flash and what is too short are no keys", () => {
  expect(heard([{ timestamp: 1, payload: Uint8Array.of(16, 0, 0, 160) }])).toEqual([]);
  expect(heard([{ timestamp: 2, payload: Uint8Array.of(5) }])).toEqual([]);
  expect(heard([{ timestamp: 3, payload: new Uint8Array(0) }])).toEqual([]);
});
