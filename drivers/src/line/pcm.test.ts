import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, Framer, putSamples, samplesOf } from "./pcm.ts";

test("frames are the same however the bytes are cut", () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(cuts, fc.integer({ min: 0, max: 1_600 }), (lengths, count) => {
      const samples = Int16Array.from({ length: count }, (_, at) => (at * 7_919) % 65_536);
      const bytes = new Uint8Array(count * 2);
      putSamples(samples, bytes, 0);
      const framer = new Framer();
      const heard: number[] = [];
      for (let from = 0, n = 0; from < bytes.length; n++) {
        const length = lengths[n % lengths.length] ?? 1;
        for (const frame of framer.cut(bytes.subarray(from, from + length))) heard.push(...frame);
        from += length;
      }
      expect(heard).toEqual([...samples.subarray(0, count - (count % 160))]);
    }),
  );
});

test("samples come back from their bytes, low byte first", () => {
  const samples = Int16Array.of(0, 1, -1, 32_767, -32_768);
  expect([...bytesOf(samples).subarray(0, 6)]).toEqual([0, 0, 1, 0, 255, 255]);
  expect(samplesOf(bytesOf(samples))).toEqual(samples);
});
