/** The speech models of a plain installation: what they are, where they come from, and how to know that they are whole. */

export interface ModelFile {
  /** Below the models folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Where it is published, tried in this order. */
  readonly origins: readonly string[];
}

const sphinx = "https://raw.githubusercontent.com/skerit/cmusphinx/01f79d8bf76f94318b4b9f37ab28fbbe9e78d4bf";
const acoustic = "mandarin_ptm3_notone_3s_8k.cd_ptm_5000";
const silero = "silero_vad_16k_op15.onnx";
const sileroCommit = "806dcba3f0b5";

function acousticFile(name: string, bytes: number, sha256: string): ModelFile {
  const origins = [`${sphinx}/pocketsphinx-extra/model/hmm/zh/${acoustic}/${name}`];
  return { path: `pocketsphinx-zh/${acoustic}/${name}`, bytes, sha256, origins };
}

/** Mandarin acoustic model and dictionary (CMU Sphinx, BSD style) and voice activity (Silero, MIT); 14.5 MB together. */
export const manifest: readonly ModelFile[] = [
  acousticFile("feat.params", 169, "e7331b66c95f21d76febb99134527287ef8df62b541497c19452cfe69865868e"),
  acousticFile("mdef", 1_401_724, "5f9e7508ddfabb9a7ff53c68ac86ca981f241a5ad1fba277b437583068d4ba51"),
  acousticFile("means", 2_795_596, "3958c96fa24e2c23d4d65301b97a3669797df95815f1303a2137b36619f7fafd"),
  acousticFile("noisedict", 116, "5fa071647f771803feccbe31dc7fb6d8f2e468f97186792db26dad429e59732f"),
  acousticFile("sendump", 4_001_920, "1d579017fcf80f94079070ff80ca68018b839ac0b92a8c7866a5493bd0ba8da6"),
  acousticFile("transition_matrices", 3_424, "0f149d64ce92a71a8b916bfe7370b0e3a1fd729dfeb3531953bd5cba8326becb"),
  acousticFile("variances", 2_795_596, "74f5a61c5b20d83138686d16f6b1cffbce895c4589b7f8832b80c3ee36b9fb6b"),
  {
    path: "pocketsphinx-zh/mandarin_notone.dic",
    bytes: 2_162_561,
    sha256: "35db87512760602b5849dd5e8b34302e5fc56110159a6bca1dd901a4ecc390ef",
    origins: [`${sphinx}/pocketsphinx/model/lm/zh_CN/mandarin_notone.dic`],
  },
  {
    path: `silero/${silero}`,
    bytes: 1_289_603,
    sha256: "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
    origins: [
      `https://raw.githubusercontent.com/snakers4/silero-vad/${sileroCommit}/src/silero_vad/data/${silero}`,
      `https://github.com/snakers4/silero-vad/raw/${sileroCommit}/src/silero_vad/data/${silero}`,
    ],
  },
];

/** The licence texts that go with the models wherever they go: file in `licences/` → path below the models folder. */
export const licences: readonly { readonly from: string; readonly path: string }[] = [
  { from: "pocketsphinx-zh.txt", path: "pocketsphinx-zh/COPYING" },
  { from: "silero.txt", path: "silero/LICENSE" },
];
