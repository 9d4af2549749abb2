import fc from "fast-check";
import { expect, test } from "vitest";
import { LengthGuard } from "./length-guard.ts";

function packet(length: number): Buffer {
  const header = [0x30];
  let rest = length;
  do {
    header.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  // Content that looks like anything, also like the beginning of a packet.
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
}

test("packets up to the limit pass, one byte more does not, however the bytes are cut", () => {
  const streams = fc.tuple(fc.array(fc.nat(400), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }));
  fc.assert(
    fc.property(streams, ([lengths, cuts]) => {
      const bytes = Buffer.concat(lengths.map(packet));
      const guard = new LengthGuard(300);
      let fine = true;
      for (let at = 0, i = 0; at < bytes.length && fine; i++) {
        const cut = cuts[i % cuts.length] ?? 1;
        fine = guard.take(bytes.subarray(at, at + cut));
        at += cut;
      }
      expect(fine).toBe(lengths.every((length) => length <= 300));
    }),
  );
});

test("a length of more than four bytes is none", () => {
  expect(new LengthGuard(2 ** 40).take(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]))).toBe(false);
});
