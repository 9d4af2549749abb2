import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Channel, silentLog, systemClock } from "@sitebox/core/kernel";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type HeardFrame, resample8to16 } from "../media/index.ts";
import { PocketSphinx } from "./engines/pocketsphinx/index.ts";
import { type BoxSpeech, type EngineState, type Heard, openSpeech, phraseGrammar } from "./index.ts";
import { frames, haveVoices, nativeProgram, PHRASES, spoken, testModels } from "./testing/index.ts";

const grammar = phraseGrammar("hotel-phrases", PHRASES);
const listening = {
  signal: new AbortController().signal,
  grammar: () => grammar,
  profile: () => ({ endpointMs: 400, maxMs: 12_000 }),
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-faults-"));
});
afterAll(() => rm(folder, { recursive: true }));

let modelsDir = "";
let count = 0;
/** Every test may damage its models: links to the real ones, replaced where it wants. */
beforeEach(async () => {
  modelsDir = join(folder, String(count++));
  await mkdir(modelsDir);
  for (const name of ["pocketsphinx-zh", "silero"]) await symlink(join(testModels(), name), join(modelsDir, name));
});

async function open(): Promise<BoxSpeech> {
  const speech = await openSpeech({
    modelsDir,
    nativeProgram,
    cacheDir: modelsDir,
    clock: systemClock,
    log: silentLog,
    cores: 1,
  });
  await speech.settled(AbortSignal.timeout(20_000));
  return speech;
}

function engine(speech: BoxSpeech, name: string): EngineState {
  const found = speech.state().find((one) => one.name === name);
  if (!found) throw new Error(`there is no engine ${name}`);
  return found;
}

function kill(speech: BoxSpeech, name: string): void {
  const { pid } = engine(speech, name);
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, "SIGKILL");
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(10, AbortSignal.timeout(15_000));
}

async function collected(turns: AsyncIterable<Heard>): Promise<Heard[]> {
  const all: Heard[] = [];
  for await (const one of turns) all.push(one);
  return all;
}

describe.skipIf(!haveVoices)("a recogniser that is killed", { timeout: 30_000 }, () => {
  test("in the middle of a turn tells the listener, comes back, and hears the next turn", async () => {
    await using speech = await open();
    const sound = await spoken("请转人工");
    const leg = new Channel<HeardFrame>();
    const turns = speech.recognizer.listen(leg, listening)[Symbol.asyncIterator]();
    const cut = [...frames([sound], 0)];
    for (const frame of cut.slice(0, cut.length / 2)) leg.push(frame);
    expect((await turns.next()).value).toMatchObject({ type: "speech-started" });
    kill(speech, "pocketsphinx");
    await expect(turns.next()).rejects.toMatchObject({ name: "SpeechError", fault: "engine-died" });
    await until(() => speech.canListen);
    const again = new Channel<HeardFrame>();
    for (const frame of frames([sound])) again.push(frame);
    again.close();
    const heard = await collected(speech.recognizer.listen(again, listening));
    expect(heard).toContainEqual(expect.objectContaining({ type: "heard", text: "请转人工" }));
  });

  test("between turns costs nothing: what is said meanwhile is kept until it is back", async () => {
    await using speech = await open();
    kill(speech, "pocketsphinx");
    await until(() => !speech.canListen);
    const leg = new Channel<HeardFrame>();
    for (const frame of frames([await spoken("请转人工")])) leg.push(frame);
    leg.close();
    const heard = await collected(speech.recognizer.listen(leg, listening));
    expect(heard).toContainEqual(expect.objectContaining({ type: "heard", text: "请转人工" }));
  });
});

test.skipIf(!haveVoices)("without the voice detector turns are found by loudness, and it comes back", async () => {
  await using speech = await open();
  const leg = new Channel<HeardFrame>();
  const heard = collected(speech.recognizer.listen(leg, listening));
  const sound = await spoken("请转人工");
  kill(speech, "silero-vad");
  await until(() => engine(speech, "silero-vad").state !== "ready");
  for (const frame of frames([new Int16Array(4_000), sound], 700)) leg.push(frame);
  await until(() => engine(speech, "silero-vad").state === "ready");
  leg.close();
  expect(await heard).toContainEqual(expect.objectContaining({ type: "heard", text: "请转人工" }));
});

test("without a model the box cannot listen, says why, and speaks", async () => {
  await rm(join(modelsDir, "pocketsphinx-zh"));
  await using speech = await open();
  expect(speech.canListen).toBe(false);
  expect(speech.canSpeak).toBe(true);
  expect(engine(speech, "pocketsphinx")).toMatchObject({
    state: "absent",
    reason: expect.stringContaining("feat.params is missing"),
  });
  await expect(speech.recognizer.recognize(new Int16Array(8_000), 8_000, grammar)).rejects.toMatchObject({ fault: "no-engine" });
  await expect(
    speech.recognizer.listen(new Channel<HeardFrame>(), listening)[Symbol.asyncIterator]().next(),
  ).rejects.toMatchObject({
    fault: "no-engine",
  });
  await speech.prepare(grammar);
});

test("a damaged model is not loaded, and its file is named", async () => {
  await rm(join(modelsDir, "pocketsphinx-zh"));
  await cp(join(testModels(), "pocketsphinx-zh"), join(modelsDir, "pocketsphinx-zh"), { recursive: true });
  const [acoustic = ""] = (await readdir(join(modelsDir, "pocketsphinx-zh"))).filter((name) => name.startsWith("mandarin_ptm"));
  const means = join(modelsDir, "pocketsphinx-zh", acoustic, "means");
  await rm(means);
  await writeFile(means, "nonsense");
  await using speech = await open();
  expect(engine(speech, "pocketsphinx")).toMatchObject({
    state: "failed",
    reason: expect.stringMatching(/means is damaged.*install/),
  });
  await expect(speech.recognizer.recognize(new Int16Array(8_000), 8_000, grammar)).rejects.toMatchObject({ fault: "bad-model" });
});

test("a grammar that is none is refused by name, and others go on", async () => {
  await using speech = await open();
  const wrong = { id: "wrong", jsgf: "#JSGF V1.0;\ngrammar g;\npublic <a> = ( 你好 ;\n", hotwords: [] };
  await expect(speech.prepare(wrong)).rejects.toMatchObject({ fault: "bad-model", message: expect.stringContaining("wrong") });
  const unsayable = phraseGrammar("unsayable", ["λόγος"]);
  await expect(speech.prepare(unsayable)).rejects.toMatchObject({ fault: "bad-model" });
  await speech.prepare(grammar);
  expect(speech.canListen).toBe(true);
});

describe("an installed sherpa-onnx model", { timeout: 30_000 }, () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

  async function install(kind: "sherpa-asr" | "sherpa-tts", model: Record<string, string>, type: string): Promise<string> {
    const target = join(modelsDir, kind);
    await mkdir(target);
    const files: Record<string, { path: string; sha256: string }> = {};
    for (const [role, text] of Object.entries(model)) {
      await writeFile(join(target, role), text);
      files[role] = { path: role, sha256: sha256(text) };
    }
    await writeFile(join(target, "manifest.json"), JSON.stringify({ name: "test", model: { type, ...files } }));
    return target;
  }

  const transducer = { encoder: "no network", decoder: "no network", joiner: "no network", tokens: "<blk> 0\n" };

  test("with a damaged file is not loaded, and the other engine listens", async () => {
    const target = await install("sherpa-asr", transducer, "transducer");
    await truncate(join(target, "joiner"), 3);
    await using speech = await open();
    expect(engine(speech, "sherpa-asr")).toMatchObject({ state: "failed", reason: expect.stringContaining("joiner is damaged") });
    expect(speech.canListen).toBe(true);
  });

  test("with a file missing or a wrong description says which", async () => {
    await rm(join(await install("sherpa-asr", transducer, "transducer"), "encoder"));
    await install("sherpa-tts", { model: "no network" }, "vits");
    await using speech = await open();
    expect(engine(speech, "sherpa-asr")).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("encoder is missing"),
    });
    expect(engine(speech, "sherpa-tts")).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(/manifest\.json is wrong.*lexicon/s),
    });
    expect(speech.canSpeak).toBe(true);
  });

  test("that ends its process when loaded is given up, and the box listens and speaks with what it has", async () => {
    await install("sherpa-asr", transducer, "transducer");
    await install("sherpa-tts", { model: "no network", lexicon: "", tokens: "" }, "vits");
    await using speech = await open();
    expect(engine(speech, "sherpa-asr")).toMatchObject({ state: "failed", reason: expect.stringContaining("sherpa-asr ended") });
    expect(engine(speech, "sherpa-tts")).toMatchObject({ state: "failed", reason: expect.stringContaining("sherpa-tts ended") });
    expect(speech.canListen).toBe(true);
    expect((await speech.synthesizer.speak("您好", { language: "zh-CN" })).length).toBeGreaterThan(1_000);
  });
});

test.skipIf(!haveVoices)("the late result of a turn that was given up is not taken for the next one's", async () => {
  const engine = new PocketSphinx({ program: nativeProgram, modelsDir, sessions: 1, clock: systemClock, log: silentLog });
  await using _ = engine;
  await engine.prepare(grammar);
  const wide = async (text: string) => resample8to16(await spoken(text));
  const first = engine.open(grammar, {});
  first.feed(await wide("八零六房间空调不制冷"));
  await expect(first.finish(0)).rejects.toMatchObject({ fault: "timeout" });
  const second = engine.open(grammar, {});
  second.feed(await wide("马桶堵了"));
  expect(await second.finish()).toMatchObject({ text: "马桶堵了" });
});
