import type { Digit } from "@sitebox/drivers/line";
import { goertzel } from "@sitebox/drivers/sound";
import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyPresses } from "./key-presses.ts";
import { TelephoneEvents } from "./telephone-event.ts";

function pressed(digits: readonly Digit[]): KeyPresses {
  const keys = new KeyPresses();
  keys.press(digits);
  return keys;
}

test("a key as an event: 100 ms growing by the slot, the end three times with one time stamp, then a pause", () => {
  const keys = pressed(["5", "#"]);
  const said = Array.from({ length: 16 }, (_, slot) => keys.next(100 + slot, "event"));
  const shown = said.map((one) => {
    if (one?.type !== "event") return one?.type;
    const [key, flags = 0, high = 0, low = 0] = one.payload;
    return `${key} ${one.startSlot} ${high * 256 + low}${flags & 0x80 ? " end" : ""}${one.first ? " first" : ""}`;
  });
  const key = (code: number, start: number) => [
    `${code} ${start} 160 first`,
    ...[320, 480, 640].map((duration) => `${code} ${start} ${duration}`),
    ...Array(3).fill(`${code} ${start} 800 end`),
    "pause",
  ];
  expect(shown).toEqual([...key(5, 100), ...key(11, 108)]);
  expect(keys.next(116, "event")).toBeUndefined();
  expect(keys.isBusy).toBe(false);
});

test("whatever slots are slept through, each key is heard once and ended three times", () => {
  const digits = fc.array(fc.constantFrom<Digit>("0", "1", "9", "*", "#", "D"), { maxLength: 12 });
  fc.assert(
    fc.property(digits, fc.array(fc.nat(9), { maxLength: 80 }), (wanted, gaps) => {
      const keys = pressed(wanted);
      const events = new TelephoneEvents();
      const heard: Digit[] = [];
      let ends = 0;
      for (let slot = 0, turn = 0; keys.isBusy; slot += 1 + (gaps[turn++] ?? 0)) {
        const one = keys.next(slot, "event");
        if (one?.type !== "event") continue;
        if ((one.payload[1] ?? 0) & 0x80) ends++;
        const digit = events.accept(one.startSlot * 160, one.payload);
        if (digit !== undefined) heard.push(digit);
      }
      expect(heard).toEqual(wanted);
      expect(ends).toBe(3 * wanted.length);
    }),
  );
});

test("a key as tones: both for 100 ms, then 60 ms of silence", () => {
  const keys = pressed(["8"]);
  const frames = Array.from({ length: 9 }, (_, slot) => keys.next(slot * 3, "tone"));
  const sounds = frames.map((one) => (one?.type === "tone" ? one.samples : new Int16Array(0)));
  const down = Int16Array.from(sounds.slice(0, 5).flatMap((samples) => [...samples]));
  expect(goertzel(down, 852)).toBeGreaterThan(7_000);
  expect(goertzel(down, 1_336)).toBeGreaterThan(9_000);
  expect(goertzel(down, 1_209)).toBeLessThan(500);
  expect(sounds.slice(5, 8).every((samples) => samples.length === 160 && samples.every((sample) => sample === 0))).toBe(true);
  expect(frames[8]).toBeUndefined();
});

test("more keys than anybody dials are told as dropped", () => {
  expect(new KeyPresses().press(Array(300).fill("1"))).toBe(44);
});
