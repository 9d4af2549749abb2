import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type ModelFile, SpeechError, verifyModel } from "../../seams/index.ts";

const File = z.object({
  /** Below the folder of the manifest. */
  path: z.string().regex(/^(?!.*\.\.)[\w./-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A streaming recogniser of the sherpa-onnx releases (`asr-models`). */
export const RecogniserManifest = z.object({
  name: z.string().min(1),
  model: z.discriminatedUnion("type", [
    z.object({ type: z.literal("transducer"), encoder: File, decoder: File, joiner: File, tokens: File }),
    z.object({ type: z.literal("zipformer2-ctc"), model: File, tokens: File }),
    z.object({ type: z.literal("paraformer"), encoder: File, decoder: File, tokens: File }),
  ]),
});
export type RecogniserManifest = z.infer<typeof RecogniserManifest>;

/** A Mandarin voice of the sherpa-onnx releases (`tts-models`). */
export const VoiceManifest = z.object({
  name: z.string().min(1),
  model: z.discriminatedUnion("type", [
    z.object({ type: z.literal("vits"), model: File, lexicon: File, tokens: File }),
    z.object({ type: z.literal("matcha"), acousticModel: File, vocoder: File, lexicon: File, tokens: File }),
  ]),
  /** Text normalisation (numbers, dates) as finite-state transducers. */
  rules: z.array(File).default([]),
  speaker: z.int().min(0).default(0),
  speed: z.number().min(0.5).max(2).default(1),
});
export type VoiceManifest = z.infer<typeof VoiceManifest>;

export const MANIFEST_FILE = "manifest.json";

/**
 * Reads the manifest of an installed model and checks every file it names: a wrong one would end the process that loads it.
 * @throws SpeechError `no-engine` when nothing is installed, `bad-model` when the manifest is wrong or a file is damaged or missing
 */
export async function checkedManifest<T extends RecogniserManifest | VoiceManifest>(
  folder: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const file = join(folder, MANIFEST_FILE);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new SpeechError("no-engine", `no model is installed in ${folder}`, { cause });
  });
  const manifest = parseManifest(text, file, schema);
  await verifyModel(folder, filesOf(manifest)).catch((cause: unknown) => {
    if (!(cause instanceof SpeechError)) throw cause;
    throw new SpeechError("bad-model", cause.message, { cause });
  });
  return manifest;
}

/** @throws SpeechError `bad-model` naming what is wrong */
export function parseManifest<T>(text: string, file: string, schema: z.ZodType<T>): T {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    data = undefined;
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new SpeechError("bad-model", `the model description ${file} is wrong: ${z.prettifyError(parsed.error)}`);
}

function filesOf(manifest: RecogniserManifest | VoiceManifest): ModelFile[] {
  const named = Object.values(manifest.model).filter((value) => typeof value === "object");
  return "rules" in manifest ? [...named, ...manifest.rules] : named;
}
