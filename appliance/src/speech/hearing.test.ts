import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { hotelTemplate } from "@sitebox/provisioning";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileVocabulary, turnGrammar, understand } from "../dialog/index.ts";
import { ACCEPTED, type BoxSpeech, type Heard, openSpeech, phraseGrammar, type TurnProfile } from "./index.ts";
import { frames, haveVoices, nativeProgram, PHRASES, report, SAID, spoken, strangers, testModels } from "./testing/index.ts";

const grammar = phraseGrammar("hotel-phrases", PHRASES);
const profile: TurnProfile = { endpointMs: 400, maxMs: 12_000 };
const always = new AbortController().signal;

describe.skipIf(!haveVoices)("human voices over the telephone", { timeout: 60_000 }, () => {
  let folder = "";
  let speech: BoxSpeech;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sitebox-hearing-"));
    const options = { modelsDir: testModels(), nativeProgram, cacheDir: folder, clock: systemClock, log: silentLog };
    speech = await openSpeech(options);
    await speech.settled(AbortSignal.timeout(30_000));
    await speech.prepare(grammar);
  }, 40_000);
  afterAll(async () => {
    await speech[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const listen = (sounds: readonly Int16Array[], pauseMs?: number) =>
    collected(
      speech.recognizer.listen(later(frames(sounds, pauseMs)), {
        signal: always,
        grammar: () => grammar,
        profile: () => profile,
      }),
    );

  test("eleven of twelve sentences are told apart from two hundred others", async () => {
    expect(PHRASES.length).toBeGreaterThan(200);
    const results = await Promise.all(
      SAID.map(async (text) => ({
        text,
        ...(await speech.recognizer.recognize(await spoken(text), 8_000, grammar).then(heardAs)),
      })),
    );
    const right = results.filter(({ text, heard }) => text === heard);
    report(`${right.length}/${SAID.length} right among ${PHRASES.length} phrases; scores ${scores(results)}`);
    expect(right.length).toBeGreaterThanOrEqual(11);
    expect(right.filter(({ accepted }) => accepted).length).toBeGreaterThanOrEqual(right.length - 1);
  });

  test("what is not in the grammar is turned away", async () => {
    const results = await Promise.all(
      (await strangers()).map(async ({ samples }) => heardAs(await speech.recognizer.recognize(samples, 8_000, grammar))),
    );
    const refused = results.filter(({ accepted }) => !accepted);
    report(`${refused.length}/${results.length} strangers refused; scores ${scores(results)}`);
    expect(refused.length).toBeGreaterThanOrEqual(results.length - 1);
    // One that the loop of syllables had no score for would lie far below: then right phrases would be turned away too.
    expect(Math.min(...results.map(({ score }) => score))).toBeGreaterThan(-60);
  });

  test("rooms of a hotel with 390 rooms are heard right", async () => {
    const vocabulary = compileVocabulary(hotelTemplate);
    const site = turnGrammar(vocabulary, { slot: "anything" });
    const sentences = [
      "八零六房间空调不制冷",
      "三一八的电视没信号",
      "请送两条毛巾到六零五",
      "帮我送一双拖鞋到一五一五",
      "我要一瓶矿泉水",
      "转人工",
    ];
    const results = await Promise.all(
      sentences.map(async (text) => ({ text, ...heardAs(await speech.recognizer.recognize(await spoken(text), 8_000, site)) })),
    );
    const wanted = (text: string) =>
      JSON.stringify(understand(text, vocabulary).intents.map(({ intent, slots }) => ({ intent, slots })));
    const right = results.filter(({ text, heard }) => wanted(text) === wanted(heard));
    report(`${right.length}/${sentences.length} understood; heard ${results.map(({ heard }) => heard).join(" · ")}`);
    expect(right.length).toBeGreaterThanOrEqual(sentences.length - 1);
  });

  test("turns come one after another, each started before it is heard", async () => {
    const heard = await listen([await spoken("请转人工"), await spoken("马桶堵了")]);
    expect(heard.flatMap((one) => (one.type === "heard" ? [one.text] : []))).toEqual(["请转人工", "马桶堵了"]);
    expect(heard[0]?.type).toBe("speech-started");
    expect(pairs(heard)).toHaveLength(2);
    for (const [started, turn] of pairs(heard)) expect(started.atMs).toBe(turn.startedAtMs);
  });

  test("a turn ends where the voice ends", async () => {
    const sound = await spoken("房间的网络连不上");
    const [, turn] = await listen([new Int16Array(8_000), sound], 700);
    if (turn?.type !== "heard") throw new Error("nothing was heard");
    const spokenFromMs = 1_700;
    expect(Math.abs(turn.startedAtMs - spokenFromMs)).toBeLessThan(150);
    expect(Math.abs(turn.endedAtMs - (spokenFromMs + sound.length / 8))).toBeLessThan(200);
  });

  test("a voice that says none of it is a turn without words", async () => {
    const [stranger] = await strangers();
    const heard = await listen([stranger?.samples ?? new Int16Array()]);
    expect(heard.filter((one) => one.type === "heard").map(({ text }) => text)).toContain("");
    expect(heard.filter((one) => one.type === "heard" && one.text !== "")).toEqual([]);
  });

  test("noise too short to be a word ends nothing: whoever speaks on is heard", async () => {
    for (const { samples } of (await strangers()).slice(0, 3))
      await expect(listen([new Int16Array(2_400), samples])).resolves.toContainEqual(expect.objectContaining({ type: "heard" }));
  });

  test("silence is no turn", async () => {
    expect(await listen([new Int16Array(16_000)])).toEqual([]);
  });

  test("listening stops when it is told to, with frames still coming", async () => {
    const stop = new AbortController();
    const never = new Promise<never>(() => {});
    async function* stalled() {
      yield* frames([new Int16Array(1_600)]);
      stop.abort();
      await never;
    }
    const options = { signal: stop.signal, grammar: () => grammar, profile: () => profile };
    expect(await collected(speech.recognizer.listen(stalled(), options))).toEqual([]);
  });

  test("a result follows the end of a turn at once", async () => {
    const sound = await spoken("八零六房间空调不制冷");
    let saidAt = 0;
    let handedOverMs = 0;
    async function* live() {
      const startedAt = systemClock.monotonic();
      for (const frame of frames([sound], 800)) {
        await systemClock.sleep(Math.max(0, startedAt + frame.atMs - systemClock.monotonic()));
        saidAt = systemClock.monotonic();
        handedOverMs = frame.atMs + 20;
        yield frame;
      }
    }
    const options = { signal: always, grammar: () => grammar, profile: () => profile };
    for await (const heard of speech.recognizer.listen(live(), options)) {
      if (heard.type !== "heard") continue;
      const lateMs = systemClock.monotonic() - saidAt + (handedOverMs - heard.endedAtMs - profile.endpointMs);
      report(`result ${Math.round(lateMs)} ms after the endpoint`);
      expect(heard.text).toBe("八零六房间空调不制冷");
      expect(lateMs).toBeLessThan(250);
    }
  });
});

interface HeardAs {
  readonly heard: string;
  readonly score: number;
  readonly accepted: boolean;
}

function heardAs({ text, score, confidence }: { text: string; score: number; confidence: number }): HeardAs {
  return { heard: text, score, accepted: confidence >= ACCEPTED && text !== "" };
}

function scores(results: readonly HeardAs[]): string {
  return results
    .map(({ score }) => score)
    .sort((a, b) => b - a)
    .map((score) => (Number.isFinite(score) ? score.toFixed(0) : "none"))
    .join(" ");
}

async function collected(turns: AsyncIterable<Heard>): Promise<Heard[]> {
  const all: Heard[] = [];
  for await (const one of turns) all.push(one);
  return all;
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

function pairs(heard: readonly Heard[]) {
  const started = heard.filter((one) => one.type === "speech-started");
  const turns = heard.filter((one) => one.type === "heard");
  return started.flatMap((one, index) => {
    const turn = turns[index];
    return turn ? [[one, turn] as const] : [];
  });
}
