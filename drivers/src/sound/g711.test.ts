import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { samplesOf } from "../line/index.ts";
import { alaw, type Law, ulaw } from "./g711.ts";

const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const everyCode = Uint8Array.from({ length: 256 }, (_, code) => code);

/** The positive decision values of G.711 tables 1a and 2a in 16-bit units: between two of them all samples share a code. */
const decisionValues = {
  alaw: [0, 1, 2, 3, 4, 5, 6, 7].flatMap((segment) =>
    Array.from({ length: 16 }, (_, step) => (segment === 0 ? step * 16 : (16 + step) * (16 << (segment - 1)))),
  ),
  ulaw: [0, 1, 2, 3, 4, 5, 6, 7].flatMap((segment) =>
    Array.from({ length: 16 }, (_, step) => ((16 + step) * (2 << segment) - 33 + (segment === 0 && step === 0 ? 1 : 0)) * 4),
  ),
};

function run(command: string, args: string[], input: Uint8Array): Buffer {
  return execFileSync(command, args, { input, maxBuffer: 1 << 20, stdio: ["pipe", "pipe", "ignore"] });
}

const laws: [name: "alaw" | "ulaw", law: Law, ffmpeg: string, sox: string][] = [
  ["alaw", alaw, "alaw", "a-law"],
  ["ulaw", ulaw, "mulaw", "u-law"],
];

test.each(laws)("%s decodes each code as ffmpeg does", (_, law, ffmpeg) => {
  const theirs = run(
    "ffmpeg",
    ["-v", "error", "-f", ffmpeg, "-ar", "8000", "-ac", "1", "-i", "-", "-f", "s16le", "-"],
    everyCode,
  );
  expect(law.decode(everyCode)).toEqual(samplesOf(theirs));
});

test.each(laws)("%s encodes each sample as sox does, but for sox's rounding beside a decision value", (name, law, _, sox) => {
  const format = ["-r", "8000", "-c", "1"];
  const raw = Buffer.from(everySample.buffer);
  const theirs = run(
    "sox",
    ["-D", "-t", "raw", "-e", "signed", "-b", "16", ...format, "-", "-t", "raw", "-e", sox, ...format, "-"],
    raw,
  );
  const ours = law.encode(everySample);
  const nearADecision = (sample: number) => decisionValues[name].some((value) => Math.abs(Math.abs(sample) - value) <= 4);
  const differing = everySample.filter((sample, i) => ours[i] !== theirs[i] && !nearADecision(sample) && sample < 32_764);
  expect([...differing]).toEqual([]);
});

test.each(laws)("%s changes its code exactly at the decision values of the recommendation", (name, law) => {
  const codes = law.encode(everySample);
  const changes = everySample.filter((sample, i) => sample > 0 && codes[i] !== codes[i - 1]);
  const stated = decisionValues[name].filter((value) => value > 0 && value < 32_768);
  expect([...changes]).toEqual(stated);
});

test.each(laws)("%s gives back each code it decoded", (_, law) => {
  const codes = law.encode(law.decode(everyCode));
  const differing = everyCode.filter((code) => codes[code] !== code);
  // µ-law has two zeros: the negative one (0x7F) is spoken as the positive one.
  expect([...differing]).toEqual(law === ulaw ? [0x7f] : []);
});
