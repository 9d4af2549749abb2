import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { samplesOf } from "../../line/index.ts";
import { alaw } from "../../sound/index.ts";
import { type LineSound, LineSounds } from "./line-sounds.ts";
import { clip, concat, noise, randoms, silence, steady } from "./sounds.testing.ts";

/** On and off in turn, ms each. */
const cadence = (pattern: readonly number[], times: number, { hertz = 450, level = -15 } = {}) =>
  concat(
    ...Array.from({ length: times }, () => concat(...pattern.map((ms, at) => (at & 1 ? silence(ms) : steady(hertz, ms, level))))),
  );

function hear(sound: Int16Array, lead = 0): readonly LineSound[] {
  const sounds = new LineSounds();
  const whole = alaw.decode(alaw.encode(concat(silence(100), new Int16Array(lead), sound)));
  const heard: LineSound[] = [];
  for (let at = 0; at + 160 <= whole.length; at += 160) {
    const one = sounds.hear(whole.subarray(at, at + 160));
    if (one) heard.push(one);
  }
  return heard;
}

const busy = (times = 3, options = {}) => cadence([350, 350], times, options);

describe("a hang-up as Chinese exchanges tell it", () => {
  test("is known after three cycles of 0.35 s, wherever a frame begins", () => {
    for (let lead = 0; lead < 160; lead += 13) {
      expect(hear(busy(3), lead)).toEqual(["busy"]);
      expect(hear(busy(2), lead)).toEqual([]);
    }
  });

  test("is known by the 0.7 s of an exchange that has no way", () => {
    for (let lead = 0; lead < 160; lead += 39) expect(hear(cadence([700, 700], 3), lead).at(-1)).toBe("congestion");
  });

  test.each([425, 435, 450, 465, 475])("is known at %i Hz", (hertz) => {
    expect(hear(busy(4, { hertz }))).toContain("busy");
  });

  test.each([380, 400, 500, 550])("is not known at %i Hz", (hertz) => {
    expect(hear(busy(5, { hertz }))).not.toContain("busy");
  });

  test.each([-10, -20, -30, -35])("is known at %i dBm0, with noise 12 dB below", (level) => {
    for (let seed = 1; seed <= 5; seed++) expect(hear(noise(busy(4, { level }), level - 12, seed))).toContain("busy");
  });

  test.each([
    [320, 320],
    [385, 385],
    [340, 370],
  ])("is known where the exchange keeps %i ms on and %i ms off", (on, off) => {
    for (let lead = 0; lead < 160; lead += 39) expect(hear(cadence([on, off], 4), lead)).toContain("busy");
  });

  test("is known when it begins in mid-burst, after talk", () => {
    expect(hear(concat(steady(450, 120, -15), silence(350), busy(3)))).toContain("busy");
  });
});

test("a hang-up is known while a prompt of ours comes back as an echo", () => {
  const echo = noise(silence(7_000), -27, 4).map((sample, at) => sample * (0.6 + 0.4 * Math.sin(at / 900)));
  const tone = busy(10, { level: -15 });
  expect(hear(echo.map((sample, at) => clip(sample + (tone[at] ?? 0))))).toContain("busy");
});

describe("no hang-up", () => {
  test("is ring-back of 1 s and 4 s, which is told burst by burst", () => {
    for (let lead = 0; lead < 160; lead += 39)
      expect(hear(cadence([1_000, 4_000], 3), lead).filter((sound) => sound !== "dial-tone")).toEqual([
        "ring-back",
        "ring-back",
        "ring-back",
      ]);
  });

  test("is a dial tone, steady or stuttered", () => {
    expect(hear(steady(450, 5_000, -15))).toEqual(["dial-tone"]);
    expect(new Set(hear(cadence([400, 40], 8)))).toEqual(new Set(["dial-tone"]));
  });

  test("are bursts of changing strength, as in music", () => {
    const notes = concat(...[-10, -20, -12, -22, -10, -20].map((level) => busy(1, { level })));
    expect(hear(notes)).not.toContain("busy");
  });

  test("is any other cadence", () => {
    const other = fc.tuple(fc.integer({ min: 40, max: 2_000 }), fc.integer({ min: 40, max: 2_000 })).filter(([on, off]) => {
      const near = (ms: number, wanted: number) => Math.abs(ms - wanted) <= wanted * 0.3;
      return !(near(on, 350) && near(off, 350)) && !(near(on, 700) && near(off, 700));
    });
    fc.assert(
      fc.property(other, ([on, off]) => {
        const heard = hear(cadence([on, off], 5));
        expect(heard).not.toContain("busy");
        expect(heard).not.toContain("congestion");
      }),
      { numRuns: 60 },
    );
  });

  test("is people's talk, or tunes of one note after the other around 450 Hz", () => {
    const folder = join(import.meta.dirname, "../../../../../shared/audio");
    const files = ["human-zh", "noise"].flatMap((kind) =>
      readdirSync(join(folder, kind)).flatMap((file) => (file.endsWith(".wav") ? [join(folder, kind, file)] : [])),
    );
    let seconds = 0;
    for (const file of files) {
      const pcm = execFileSync("sox", [file, "-r", "8000", "-c", "1", "-b", "16", "-t", "raw", "-", "norm", "-3"], {
        maxBuffer: 1 << 28,
        stdio: ["ignore", "pipe", "ignore"],
      });
      const sound = samplesOf(pcm);
      expect([file, hear(sound).filter((one) => one !== "voice")]).toEqual([file, []]);
      seconds += sound.length / 8_000;
    }
    expect(seconds).toBeGreaterThan(60);
    const random = randoms(7);
    const tune = concat(
      ...Array.from({ length: 300 }, () => {
        const hertz = 220 * 2 ** (Math.round(random() * 24) / 12);
        const ms = [175, 350, 350, 700][Math.floor(random() * 4)] ?? 350;
        return steady(hertz, ms, -12 - 6 * random()).map((sample, at) => clip(sample * Math.exp(-at / 4_000)));
      }),
    );
    for (const one of ["busy", "congestion", "unobtainable"]) expect(hear(tune)).not.toContain(one);
  });
});

test("a number that nobody has is known by three short bursts and a long one", () => {
  for (let lead = 0; lead < 160; lead += 39)
    expect(hear(cadence([100, 100, 100, 100, 100, 100, 400, 400], 2), lead)).toContain("unobtainable");
});

test("the three tones before a recorded reason are known", () => {
  const special = concat(steady(950, 330, -15), steady(1_400, 330, -15), steady(1_800, 330, -15));
  expect(hear(concat(special, silence(500)))).toContain("unobtainable");
  expect(hear(concat(steady(1_400, 330, -15), steady(950, 330, -15), steady(1_800, 330, -15)))).not.toContain("unobtainable");
});

test("a voice is told once, until what was heard is forgotten", () => {
  const sounds = new LineSounds();
  const talk = noise(silence(2_000), -20);
  const listen = () => {
    const heard: LineSound[] = [];
    for (let at = 0; at < talk.length; at += 160) {
      const one = sounds.hear(talk.subarray(at, at + 160));
      if (one) heard.push(one);
    }
    return heard;
  };
  expect(listen()).toEqual(["voice"]);
  expect(listen()).toEqual([]);
  sounds.reset();
  expect(listen()).toEqual(["voice"]);
});
