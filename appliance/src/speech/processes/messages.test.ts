import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeMessage, MessageReader, payloadSamples, samplesPayload } from "./messages.ts";

test("messages are read the same however the stream is cut", () => {
  const message = fc.record({
    type: fc.constantFrom("A", "R", "v"),
    session: fc.nat(1_000),
    payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(60), { maxLength: 20 }), (messages, cuts) => {
      let rest = Buffer.concat(messages.map(({ type, session, payload }) => encodeMessage(type, session, payload)));
      const reader = new MessageReader();
      const read = [];
      for (const cut of cuts) {
        read.push(...reader.read(rest.subarray(0, cut)));
        rest = rest.subarray(cut);
      }
      read.push(...reader.read(rest));
      expect(read).toEqual(messages);
    }),
  );
});

test("a stream of something else is refused", () => {
  expect(() => new MessageReader().read(Buffer.from("Segmentation fault"))).toThrow(RangeError);
});

test("samples survive a payload at an odd place", () => {
  const samples = Int16Array.of(1, -2, 32_767, -32_768);
  const shifted = Buffer.concat([Buffer.from([9]), samplesPayload(samples)]).subarray(1);
  expect(payloadSamples(shifted)).toEqual(samples);
});
