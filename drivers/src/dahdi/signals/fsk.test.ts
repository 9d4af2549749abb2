import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { amplitudeOf, keyTone } from "../../sound/index.ts";
import { type CallerNumber, decodeCallerMessage, encodeCallerMessage } from "./caller-message.ts";
import { type FskHeard, FskReceiver, fskSound } from "./fsk.ts";
import { concat, noise, silence } from "./sounds.testing.ts";

const caller: CallerNumber = { number: "13812345678" };
const TIME = "11211530";

function hear(sound: Int16Array, frame = 160): readonly FskHeard[] {
  const receiver = new FskReceiver();
  const heard: FskHeard[] = [];
  for (let at = 0; at < sound.length; at += frame) {
    const one = receiver.hear(sound.subarray(at, at + frame));
    if (one) heard.push(one);
  }
  return heard;
}

const around = (sound: Int16Array, noiseDbm0 = -60, seed = 1) =>
  noise(concat(silence(300), sound, silence(300)), noiseDbm0, seed);

const numbers = fc.record({ number: fc.stringMatching(/^[0-9]{3,20}$/) });
const callers = fc.oneof(
  numbers,
  fc.constantFrom<CallerNumber>({ number: "", withheld: "private" }, { number: "", withheld: "unavailable" }),
);

test("a message says what went into it, in both forms", () => {
  fc.assert(
    fc.property(callers, fc.constantFrom("mdmf" as const, "sdmf" as const), (who, form) => {
      expect(decodeCallerMessage(encodeCallerMessage(who, TIME, form))).toEqual(who);
    }),
  );
});

test("a message as it is printed in the books is read", () => {
  // Bellcore's example of SDMF: 30 September, 12:24, 609-555-1212, checksum 51 hex.
  const bytes = [...Buffer.from("0412303933303132323436303935353531323132", "hex")];
  expect(decodeCallerMessage([...bytes, 0x51])).toEqual({ number: "6095551212" });
  expect(decodeCallerMessage([...bytes, 0x52])).toBeUndefined();
});

test.each(["v23", "bell202"] as const)("a number is heard in %s, in both forms", (standard) => {
  for (const form of ["mdmf", "sdmf"] as const)
    expect(hear(around(fskSound(encodeCallerMessage(caller, TIME, form), { standard })))).toEqual([{ type: "caller", caller }]);
});

test.each([1_188, 1_195, 1_205, 1_212])("at %i baud, a hundredth off, every byte is right", (baud) => {
  for (const standard of ["v23", "bell202"] as const)
    expect(hear(around(fskSound(encodeCallerMessage(caller, TIME), { standard, baud })))).toEqual([{ type: "caller", caller }]);
});

test.each([-5, -13.5, -25, -35])("at %f dBm0 it is heard, with noise 20 dB below", (level) => {
  expect(hear(around(fskSound(encodeCallerMessage(caller, TIME), { level }), level - 20))).toEqual([{ type: "caller", caller }]);
});

test("with noise 14 dB below at least 97 of 100 are heard, and none wrong", () => {
  let right = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const standard = seed & 1 ? "v23" : "bell202";
    const heard = hear(around(fskSound(encodeCallerMessage(caller, TIME), { standard, level: -20 }), -34, seed));
    for (const one of heard) if (one.type === "caller") expect(one.caller).toEqual(caller);
    if (heard.some(({ type }) => type === "caller")) right += 1;
  }
  expect(right).toBeGreaterThanOrEqual(97);
}, 60_000);

test("any number is heard, wherever in the sound a frame begins", () => {
  fc.assert(
    fc.property(callers, fc.integer({ min: 40, max: 330 }), (who, frame) => {
      expect(hear(around(fskSound(encodeCallerMessage(who, TIME))), frame)).toEqual([{ type: "caller", caller: who }]);
    }),
    { numRuns: 15 },
  );
});

test("a short seizure and a short mark are enough", () => {
  expect(hear(around(fskSound(encodeCallerMessage(caller, TIME), { seizureBits: 0, markBits: 40 })))).toEqual([
    { type: "caller", caller },
  ]);
});

test("a message that a click breaks is told as broken, and the next one is heard", () => {
  const sound = fskSound(encodeCallerMessage(caller, TIME));
  const broken = sound.map((sample, at) => (at > 3_600 && at < 3_680 ? 0 : sample));
  const heard = hear(around(concat(broken, silence(200), sound)));
  expect(heard.at(0)).toEqual({ type: "broken" });
  expect(heard.at(-1)).toEqual({ type: "caller", caller });
});

test("noise, keys and tones are no callers", () => {
  const keys = concat(...(["1", "5", "9", "0"] as const).map((key) => concat(keyTone(key, 0, 800), silence(100))));
  const hum = Int16Array.from({ length: 16_000 }, (_, at) => amplitudeOf(-10) * Math.sin((2 * Math.PI * 450 * at) / 8_000));
  const mark = fskSound([], { seizureBits: 300, markBits: 2_000 });
  for (const sound of [noise(silence(5_000), -20, 3), keys, hum, mark]) expect(hear(sound)).toEqual([]);
});

const minimodem = (() => {
  try {
    execFileSync("minimodem", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(minimodem)("an independent receiver (minimodem) reads what we send", () => {
  const folder = mkdtempSync(join(tmpdir(), "fsk-"));
  try {
    const file = join(folder, "caller.wav");
    const sound = concat(silence(200), fskSound(encodeCallerMessage(caller, TIME)), silence(200));
    const raw = Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength);
    execFileSync("sox", ["-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-", "-r", "48000", file], {
      input: raw,
    });
    const said = execFileSync("minimodem", ["--rx", "callerid", "-f", file], { stdio: ["ignore", "pipe", "ignore"] }).toString();
    expect(said).toContain("13812345678");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
