import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alaw } from "@sitebox/drivers/sound";
import { type HeardFrame, parseWav, resample16to8 } from "../../media/index.ts";

const repository = join(import.meta.dirname, "../../../..");
const shared = join(repository, "../shared");
const tool = join(shared, "tools/human-say.mjs");
const recordings = join(shared, "audio/human-zh");

/** Whether the human voices lie beside the checkout. */
export const haveVoices = existsSync(tool) && existsSync(recordings);

/** The models: a folder named by SITEBOX_MODELS, the one beside the checkout, or what the set-up installed. */
export function testModels(): string {
  // biome-ignore lint/style/noProcessEnv: the tests' one look at the environment
  const named = process.env.SITEBOX_MODELS;
  const beside = join(shared, "models");
  return named ?? (existsSync(beside) ? beside : join(repository, "var/models"));
}

export const nativeProgram = join(repository, ".cache/native/sitebox-pocketsphinx");

/** A sentence of human syllables as a 16 kHz wav file. */
export async function spokenFile(text: string, tempo = "1.35"): Promise<string> {
  const name = createHash("sha1").update(`${text} ${tempo}`).digest("hex").slice(0, 16);
  const file = join(tmpdir(), `sitebox-spoken-${name}.wav`);
  if (!existsSync(file)) {
    const unfinished = `${file}.${process.pid}.wav`;
    execFileSync(process.execPath, [tool, text, unfinished, tempo], { cwd: repository, stdio: "ignore" });
    await rename(unfinished, file);
  }
  return file;
}

/** The same as it comes over the telephone: 8 kHz through A-law. */
export async function spoken(text: string, tempo?: string): Promise<Int16Array> {
  return overTheLine(await spokenFile(text, tempo));
}

/** A figure that somebody reading the tests' output wants to see. */
export function report(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** As much of each as a guest says at once. */
const STRANGER_SAMPLES = 4 * 8_000;

/** Ten people who say nothing a hotel is asked for. */
export async function strangers(): Promise<{ name: string; samples: Int16Array }[]> {
  const table = await readFile(join(recordings, "transcripts.tsv"), "utf8");
  const names = table
    .trim()
    .split("\n")
    .map((line) => line.split("\t")[0] ?? "");
  return Promise.all(
    names.map(async (name) => ({
      name,
      samples: (await overTheLine(join(recordings, `${name}.wav`))).subarray(0, STRANGER_SAMPLES),
    })),
  );
}

async function overTheLine(file: string): Promise<Int16Array> {
  const [samples = new Int16Array()] = parseWav(await readFile(file)).channels;
  return alaw.decode(alaw.encode(resample16to8(samples)));
}

export const FRAME_SAMPLES = 160;
const FRAME_MS = 20;

/** Cuts sounds into the frames of a leg, each followed by `pauseMs` of silence; `atMs` runs from 0. */
export function* frames(sounds: readonly Int16Array[], pauseMs = 700): Generator<HeardFrame> {
  let atMs = 0;
  for (const sound of sounds) {
    const padded = new Int16Array(FRAME_SAMPLES * Math.ceil((sound.length + pauseMs * 8) / FRAME_SAMPLES));
    padded.set(sound);
    for (let at = 0; at < padded.length; at += FRAME_SAMPLES, atMs += FRAME_MS) {
      yield { samples: padded.slice(at, at + FRAME_SAMPLES), atMs };
    }
  }
}
