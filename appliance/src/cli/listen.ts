import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { ConfigError } from "@sitebox/core/kernel";
import { compileVocabulary, turnGrammar, understand } from "../dialog/index.ts";
import { readWav, WavError } from "../media/index.ts";
import { ACCEPTED, type Grammar, phraseGrammar, type Recognizer, SpeechError } from "../speech/index.ts";
import { type CommandIo, UsageError, writeLine } from "./command.ts";
import { readSite } from "./site-file.ts";
import { openToolSpeech } from "./tool-speech.ts";

const USAGE = "usage: sitebox listen (--site <config> | --phrases <file>) [--models <folder>] <wav>…";

/**
 * With `--site`: one JSON line for each recording, what was heard and what it asks for. With `--phrases`: hears one of that file's lines
 * and tells the rejection score. A recording that cannot be read gets an error in its place and the rest goes on.
 * @returns 0, or 1 where something could not be read or there is no recogniser @throws ConfigError, UsageError
 */
export async function runListen(args: readonly string[], { stdout, stderr }: CommandIo): Promise<number> {
  const { files, models, site, phrases } = options(args);
  const { grammar, tell } = phrases === undefined ? await siteTask(site) : await phraseTask(phrases);
  await using speech = await openToolSpeech(models);
  let bad = 0;
  try {
    await speech.prepare(grammar);
    for (const file of files) {
      const heard = await hear(speech.recognizer, file, grammar);
      if ("error" in heard) bad++;
      await writeLine(stdout, JSON.stringify("error" in heard ? { file, ...heard } : tell(file, heard)));
    }
    return bad === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SpeechError)) throw error;
    await writeLine(stderr, error.message);
    return 1;
  }
}

interface Result {
  readonly text: string;
  readonly confidence: number;
  readonly score: number;
}

interface Task {
  readonly grammar: Grammar;
  readonly tell: (file: string, result: Result) => object;
}

async function siteTask(site: string | undefined): Promise<Task> {
  if (site === undefined) throw new UsageError(USAGE);
  const vocabulary = compileVocabulary(await readSite(site));
  return {
    grammar: turnGrammar(vocabulary, { slot: "anything" }),
    tell: (_, { text, confidence }) => {
      const heard = confidence >= ACCEPTED ? text : "";
      return { ...understand(heard, vocabulary), heard };
    },
  };
}

async function phraseTask(file: string): Promise<Task> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new ConfigError(`${file} cannot be read`, { cause });
  });
  const phrases = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (phrases.length === 0) throw new ConfigError(`${file} holds no phrase`);
  const digest = createHash("sha256").update(phrases.join("\n")).digest("hex").slice(0, 12);
  return {
    grammar: phraseGrammar(`phrases-${digest}`, phrases),
    tell: (wav, { text: heard, confidence, score }) => ({
      file: wav,
      heard,
      // Nothing in the grammar fits at all: there is no score.
      score: Number.isFinite(score) ? rounded(score) : null,
      confidence: rounded(confidence),
      accepted: heard !== "" && confidence >= ACCEPTED,
    }),
  };
}

async function hear(recognizer: Recognizer, file: string, grammar: Grammar): Promise<Result | { readonly error: string }> {
  const wav = await readWav(file).catch((error: unknown) => (error instanceof WavError ? error.message : "cannot be read"));
  if (typeof wav === "string") return { error: wav };
  const { sampleRate, channels } = wav;
  const [samples] = channels;
  if (!samples || channels.length !== 1 || (sampleRate !== 8_000 && sampleRate !== 16_000)) {
    return { error: `${channels.length} channels of ${sampleRate} Hz: one of 8000 or 16000 Hz is needed` };
  }
  return await recognizer.recognize(samples, sampleRate, grammar);
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

function options(args: readonly string[]) {
  const { values, positionals: files } = parse(args);
  if (files.length === 0) throw new UsageError(USAGE);
  return { ...values, files };
}

function parse(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    return parseArgs({ args: [...args], allowPositionals: true, options: { site: text, phrases: text, models: text } });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`, { cause });
  }
}
