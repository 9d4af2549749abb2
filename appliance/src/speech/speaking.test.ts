import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Pcm8k } from "../media/index.ts";
import { CachedSynthesizer } from "./cached-synthesizer.ts";
import { EspeakVoice } from "./engines/espeak/index.ts";
import { SpeechError } from "./index.ts";
import type { VoiceEngine } from "./seams/index.ts";
import { report } from "./testing/index.ts";
import { VoiceCache } from "./voice-cache.ts";

const never = new AbortController().signal;
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-speaking-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function espeak(): Promise<EspeakVoice> {
  const voice = new EspeakVoice({ clock: systemClock, log: silentLog });
  await voice.open(never);
  return voice;
}

const cache = () => new VoiceCache({ folder, log: silentLog });

/** A voice that counts what it renders, and fails when told to. */
function counting(name: string, sound: Pcm8k): VoiceEngine & { rendered: string[]; broken: boolean } {
  const engine = {
    state: { name, state: "ready" as const },
    voice: name,
    rendered: [] as string[],
    broken: false,
    async render(text: string) {
      engine.rendered.push(text);
      if (engine.broken) throw new SpeechError("engine-died", `${name} is gone`);
      return sound;
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return engine;
}

test("a sentence is spoken in a moment, at the loudness of the line", async () => {
  await using voice = await espeak();
  const startedAt = systemClock.monotonic();
  const sound = await voice.render("您好，请问有什么可以帮您？", "zh-CN", never);
  const tookMs = systemClock.monotonic() - startedAt;
  report(`${Math.round(sound.length / 8)} ms of speech in ${Math.round(tookMs)} ms`);
  expect(sound.length / 8).toBeGreaterThan(1_500);
  const loud = sound.filter((sample) => Math.abs(sample) > 300);
  const rms = Math.sqrt(loud.reduce((sum, sample) => sum + sample * sample, 0) / loud.length);
  expect(rms).toBeGreaterThan(1_800);
  expect(Math.max(...sound)).toBeLessThan(32_767);
});

test("digits, Latin words and English are spoken too", async () => {
  await using voice = await espeak();
  const digits = await voice.render("806", "zh-CN", never);
  const characters = await voice.render("八零六", "zh-CN", never);
  expect(Math.abs(digits.length - characters.length)).toBeLessThan(800);
  expect((await voice.render("WiFi密码", "zh-CN", never)).length).toBeGreaterThan(
    (await voice.render("密码", "zh-CN", never)).length,
  );
  expect((await voice.render("Good evening & welcome <back>", "en", never)).length).toBeGreaterThan(8_000);
});

test("many texts at once are all rendered", async () => {
  await using voice = await espeak();
  const sounds = await Promise.all(Array.from({ length: 20 }, (_, index) => voice.render(`工单${index}`, "zh-CN", never)));
  expect(sounds.every((sound) => sound.length > 1_000)).toBe(true);
});

test("a text nobody waits for any more is not rendered", async () => {
  await using voice = await espeak();
  await expect(voice.render("您好", "zh-CN", AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
});

test("a fixed text is rendered once and for good", async () => {
  const voice = counting("a", Int16Array.of(1, 2, 3));
  const first = new CachedSynthesizer([voice], cache());
  await first.warm(["您好", "再见", "您好"], "zh-CN");
  expect(voice.rendered).toEqual(["您好", "再见"]);
  expect(await readdir(folder)).toHaveLength(2);
  const later = new CachedSynthesizer([voice], cache());
  expect(await later.speak("您好", { language: "zh-CN" })).toEqual(Int16Array.of(1, 2, 3));
  expect(voice.rendered).toHaveLength(2);
});

test("what is spoken live does not stay on the disk", async () => {
  const voice = counting("a", Int16Array.of(1));
  const synthesizer = new CachedSynthesizer([voice], cache());
  await synthesizer.speak("王女士您好", { language: "zh-CN" });
  await synthesizer.speak("王女士您好", { language: "zh-CN" });
  expect(voice.rendered).toHaveLength(1);
  expect(await readdir(folder)).toEqual([]);
});

test("when the better voice dies the other one speaks", async () => {
  const better = counting("better", Int16Array.of(1));
  const other = counting("other", Int16Array.of(2));
  better.broken = true;
  const synthesizer = new CachedSynthesizer([better, other], cache());
  expect(await synthesizer.speak("您好", { language: "zh-CN" })).toEqual(Int16Array.of(2));
  other.broken = true;
  await expect(synthesizer.speak("再见", { language: "zh-CN" })).rejects.toMatchObject({ fault: "engine-died" });
  await expect(new CachedSynthesizer([], cache()).speak("您好", { language: "zh-CN" })).rejects.toMatchObject({
    fault: "no-engine",
  });
});

test("a cache that cannot be written costs nothing but the next rendering", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  const voice = counting("a", Int16Array.of(1));
  const synthesizer = new CachedSynthesizer([voice], new VoiceCache({ folder: join(file, "below"), log: silentLog }));
  await synthesizer.warm(["您好"], "zh-CN");
  expect(await synthesizer.speak("您好", { language: "zh-CN" })).toEqual(Int16Array.of(1));
  expect(voice.rendered).toHaveLength(1);
});
