import { modelManifest } from "@sitebox/provisioning";
import type { ModelFile } from "../../seams/index.ts";

/** The CMU Mandarin model (mandarin_ptm3_notone_3s_8k) as its authors published it, below `modelsDir`. */
export const MODEL_FILES: readonly ModelFile[] = modelManifest.filter(({ path }) => path.startsWith("pocketsphinx-zh/"));
