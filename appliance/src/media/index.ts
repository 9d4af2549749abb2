export type { HeardFrame, Media, MediaLeg, MediaStats, Pcm8k, Played, PlayOptions, Recording } from "./media.ts";
export {
  alaw,
  downsampler,
  formatWav,
  goertzel,
  parseWav,
  type Resampler,
  readWav,
  resample8to16,
  resample16to8,
  tone,
  ulaw,
  upsampler,
  type Wav,
  WavError,
  writeWav,
} from "./sound/index.ts";
