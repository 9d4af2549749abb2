import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { programs } from "../programs.ts";
import { type BoxSpeech, openSpeech } from "../speech/index.ts";

const START_WITHIN_MS = 30_000;
const INSTALLED_MODELS = join(import.meta.dirname, "../../../var/models");

/**
 * Speech for a command: every engine ready or known to be out of order. Models come from `--models`, the folder that SITEBOX_MODELS names,
 * or what the set-up installed.
 */
export async function openToolSpeech(models: string | undefined): Promise<BoxSpeech> {
  // biome-ignore lint/style/noProcessEnv: the commands' one look at the environment
  const modelsDir = resolve(models ?? process.env.SITEBOX_MODELS ?? INSTALLED_MODELS);
  const speech = await openSpeech({
    modelsDir,
    nativeProgram: programs.recogniser,
    cacheDir: join(tmpdir(), "sitebox-commands"),
    clock: systemClock,
    log: silentLog,
    cores: 1,
  });
  await speech.settled(AbortSignal.timeout(START_WITHIN_MS));
  return speech;
}
