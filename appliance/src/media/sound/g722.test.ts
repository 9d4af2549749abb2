import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { goertzel, tone } from "@sitebox/drivers/sound";
import { expect, test } from "vitest";
import { decodeWide, encodeWide } from "./g722.testing.ts";
import { G722Decoder, G722Encoder } from "./g722.ts";
import { resample8to16, resample16to8 } from "./resample.ts";
import { parseWav } from "./wav.ts";

function ffmpeg(args: readonly string[], input: Uint8Array): Buffer {
  return execFileSync("ffmpeg", ["-v", "error", ...args], { input, maxBuffer: 1 << 24, stdio: ["pipe", "pipe", "ignore"] });
}

const bytesOf = (samples: Int16Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
const samplesOf = (bytes: Buffer) => Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i));

const byFfmpeg = {
  encode: (samples: Int16Array): Uint8Array =>
    ffmpeg(["-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "-", "-c:a", "g722", "-f", "g722", "-"], bytesOf(samples)),
  decode: (codes: Uint8Array): Int16Array => samplesOf(ffmpeg(["-f", "g722", "-i", "-", "-f", "s16le", "-"], codes)),
};

/** Noise that swells and fades, up to full scale: every step size is passed through. */
function noise(length: number): Int16Array {
  let seed = 7;
  return Int16Array.from({ length }, (_, i) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (seed / 2 ** 31 - 1) * 32_767 * Math.sin((Math.PI * i) / length) ** 4;
  });
}

function voice(): Int16Array {
  const file = join(import.meta.dirname, "../../../../../shared/audio/human-zh/aishell1_724_121.wav");
  return existsSync(file) ? (parseWav(readFileSync(file)).channels[0] ?? new Int16Array(0)) : new Int16Array(0);
}

const even = (samples: Int16Array) => samples.subarray(0, samples.length - (samples.length % 320));

const sounds: [name: string, samples: Int16Array][] = [
  ["noise", noise(64_000)],
  ["a tone", tone(1_000, 1_000, 8_000, 16_000)],
  ["a high tone", tone(6_000, 1_000, 20_000, 16_000)],
  ["silence", new Int16Array(3_200)],
  ["a human voice", even(voice())],
];

/** Whether two byte strings are the same; a comparison of arrays would print them. */
const areSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

test.each(sounds)("%s is encoded bit by bit as ffmpeg does", (_, samples) => {
  expect(areSame(encodeWide(samples), byFfmpeg.encode(samples).subarray(0, samples.length >> 1))).toBe(true);
});

test.each(sounds)("%s is decoded sample by sample as ffmpeg does", (_, samples) => {
  const codes = encodeWide(samples);
  expect(areSame(bytesOf(decodeWide(codes)), bytesOf(byFfmpeg.decode(codes)))).toBe(true);
});

test("any bytes are decoded as ffmpeg does", () => {
  let seed = 3;
  const codes = Uint8Array.from({ length: 16_000 }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed >>> 24;
  });
  expect(areSame(bytesOf(decodeWide(codes)), bytesOf(byFfmpeg.decode(codes)))).toBe(true);
});

/** How much stronger the sound is than what is wrong about it, in dB, at the shift where that is most. */
function clarity(sound: Int16Array, heard: Int16Array): number {
  const at = (shift: number) => {
    let [signal, error] = [0, 0];
    for (let i = 400; i + 40 < sound.length; i++) {
      const sample = sound[i] ?? 0;
      signal += sample * sample;
      error += (sample - (heard[i + shift] ?? 0)) ** 2;
    }
    return 10 * Math.log10(signal / error);
  };
  return Math.max(...Array.from({ length: 40 }, (_, n) => at(n - 20)));
}

/** A voice of the telephone's band. */
const telephone = () => resample16to8(resample8to16(resample16to8(even(voice()))));

test("the telephone's sound reaches a wideband phone, and a wideband phone's sound the telephone", () => {
  const sound = telephone();
  const codes = new Uint8Array(sound.length);
  const encoder = new G722Encoder();
  for (let at = 0; at < sound.length; at += 160) encoder.encodeInto(sound.subarray(at, at + 160), codes, at);
  expect(clarity(sound, resample16to8(byFfmpeg.decode(codes)))).toBeGreaterThan(17);
  const theirs = byFfmpeg.encode(resample8to16(sound));
  expect(clarity(sound, new G722Decoder().decode(theirs))).toBeGreaterThan(17);
  expect(clarity(sound, new G722Decoder().decode(codes))).toBeGreaterThan(17);
});

/** The mirror filter alone weakens the image of a tone: by 40 dB below 2 kHz, and by 20 at 3 kHz, where the telephone has little. */
test.each([
  [300, 80],
  [1_000, 80],
  [2_000, 80],
  [3_000, 800],
])("a tone of %i Hz keeps its strength, and its image in the upper band is weak", (hertz, mostImage) => {
  const codes = new Uint8Array(8_000);
  new G722Encoder().encodeInto(tone(hertz, 1_000), codes, 0);
  const wide = byFfmpeg.decode(codes).subarray(4_000);
  expect(Math.abs(goertzel(wide, hertz, 16_000) - 8_000)).toBeLessThan(400);
  expect(goertzel(wide, 8_000 - hertz, 16_000)).toBeLessThan(mostImage);
  expect(Math.abs(goertzel(new G722Decoder().decode(codes).subarray(2_000), hertz) - 8_000)).toBeLessThan(400);
});
