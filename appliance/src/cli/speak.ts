import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { formatWav } from "../media/index.ts";
import { SpeechError } from "../speech/index.ts";
import { type CommandIo, UsageError, writeLine } from "./command.ts";
import { openToolSpeech } from "./tool-speech.ts";

const USAGE = "usage: sitebox speak [--language zh-CN|en] [--models <folder>] <text> <wav>";
const SAMPLE_RATE = 8_000;

/** Writes what the box would say as 8 kHz mono. @returns 0, or 1 where there is no voice or no room @throws UsageError */
export async function runSpeak(args: readonly string[], { stdout, stderr }: CommandIo): Promise<number> {
  const { text, file, language, models } = options(args);
  await using speech = await openToolSpeech(models);
  try {
    const samples = await speech.synthesizer.speak(text, { language });
    await writeFile(file, formatWav({ sampleRate: SAMPLE_RATE, channels: [samples] }));
    await writeLine(stdout, JSON.stringify({ file, durationMs: Math.round((samples.length * 1_000) / SAMPLE_RATE) }));
    return 0;
  } catch (error) {
    const expected = error instanceof SpeechError || (error instanceof Error && "code" in error);
    if (!expected) throw error;
    await writeLine(stderr, error.message);
    return 1;
  }
}

function options(args: readonly string[]) {
  const { values, positionals } = parse(args);
  const [text, file, ...more] = positionals;
  const { language = "zh-CN", models } = values;
  if (!text || !file || more.length > 0 || (language !== "zh-CN" && language !== "en")) throw new UsageError(USAGE);
  return { text, file, language, models } as const;
}

function parse(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    return parseArgs({ args: [...args], allowPositionals: true, options: { language: text, models: text } });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`, { cause });
  }
}
