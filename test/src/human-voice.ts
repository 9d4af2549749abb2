import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");
/** Recorded syllables of a human speaker, beside the checkout; never part of the product. */
const tool = join(repository, "../shared/tools/human-say.mjs");
const folder = join(tmpdir(), "sitebox-human-voice");
const TEMPO = "1.35";

/** A wav file in which a human voice says `text`, at 8 kHz as a telephone delivers it (or 16 kHz / 48 kHz for a microphone). */
export async function humanVoice(text: string, rate: 8_000 | 16_000 | 48_000 = 8_000, padSeconds = 0): Promise<string> {
  if (!existsSync(tool)) throw new Error(`the human voice for test callers is missing: expected ${tool}`);
  const file = join(
    folder,
    `${createHash("sha256").update(`${text}|${rate}|${padSeconds}|${TEMPO}`).digest("hex").slice(0, 20)}.wav`,
  );
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  const raw = `${file}.${process.pid}.raw.wav`;
  await run(process.execPath, [tool, text, raw, TEMPO], { cwd: repository });
  const made = `${file}.${process.pid}.wav`;
  await run("sox", [raw, "-r", String(rate), "-c", "1", "-b", "16", made, "pad", "0.1", String(0.1 + padSeconds)]);
  await rename(made, file);
  return file;
}
