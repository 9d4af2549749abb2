import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeAudio, encodeControl, type Frame, FrameReader, ProtocolError } from "./frames.ts";

const word = fc.stringMatching(/^[!-~]{1,12}$/);
const control = fc.record({
  type: fc.constant("control" as const),
  channel: fc.integer({ min: 0, max: 65_535 }),
  words: fc.array(word, { minLength: 1, maxLength: 8 }),
});
const audio = fc.record({
  type: fc.constant("audio" as const),
  channel: fc.integer({ min: 0, max: 65_535 }),
  samples: fc.int16Array({ minLength: 160, maxLength: 160 }),
});

const encode = (frame: Frame) =>
  frame.type === "control" ? encodeControl(frame.channel, frame.words.join(" ")) : encodeAudio(frame.channel, frame.samples);

test("frames come out as they went in, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(control, audio), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 400 })),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(encode));
        const reader = new FrameReader();
        const read: Frame[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          read.push(...reader.read(bytes.subarray(from, from + cut)));
          from += cut;
        }
        expect(read).toEqual(frames);
      },
    ),
  );
});

test("the bytes of a control frame are those of the protocol", () => {
  expect(Buffer.from(encodeControl(258, "hook off")).toString("latin1")).toBe("C\0\x01\x02\0\x08hook off");
});

test("sound that is too short is filled with silence", () => {
  expect(new FrameReader().read(encodeAudio(1, Int16Array.of(-2, 3)))).toEqual([
    { type: "audio", channel: 1, samples: Int16Array.from({ length: 160 }, (_, at) => [-2, 3][at] ?? 0) },
  ]);
});

test.each([
  ["another type", "X\0\0\0\0\0"],
  ["a second byte that is not zero", "C\x01\0\0\0\0"],
  ["a payload that is too long", "C\0\0\0\x04\x01"],
  ["sound of another length", "A\0\0\x01\0\x10"],
])("%s is refused", (_, bytes) => {
  expect(() => new FrameReader().read(Buffer.from(bytes, "latin1"))).toThrow(ProtocolError);
});

test.each(["", " hook", "hook  off", "号", "a\nb", "x".repeat(1_025)])("no control frame is made of %j", (text) => {
  expect(() => encodeControl(1, text)).toThrow(ProtocolError);
});
