import type { ModelFile } from "../../seams/index.ts";
import { DICTIONARY_FILE, MODEL_FOLDER } from "./dictionary.ts";

/** The CMU Mandarin model (mandarin_ptm3_notone_3s_8k) as its authors published it, below `modelsDir`. */
export const MODEL_FILES: readonly ModelFile[] = [
  acoustic("feat.params", "e7331b66c95f21d76febb99134527287ef8df62b541497c19452cfe69865868e"),
  acoustic("mdef", "5f9e7508ddfabb9a7ff53c68ac86ca981f241a5ad1fba277b437583068d4ba51"),
  acoustic("means", "3958c96fa24e2c23d4d65301b97a3669797df95815f1303a2137b36619f7fafd"),
  acoustic("noisedict", "5fa071647f771803feccbe31dc7fb6d8f2e468f97186792db26dad429e59732f"),
  acoustic("sendump", "1d579017fcf80f94079070ff80ca68018b839ac0b92a8c7866a5493bd0ba8da6"),
  acoustic("transition_matrices", "0f149d64ce92a71a8b916bfe7370b0e3a1fd729dfeb3531953bd5cba8326becb"),
  acoustic("variances", "74f5a61c5b20d83138686d16f6b1cffbce895c4589b7f8832b80c3ee36b9fb6b"),
  { path: DICTIONARY_FILE, sha256: "35db87512760602b5849dd5e8b34302e5fc56110159a6bca1dd901a4ecc390ef" },
];

function acoustic(name: string, sha256: string): ModelFile {
  return { path: `${MODEL_FOLDER}/${name}`, sha256 };
}
