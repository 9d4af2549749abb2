export { G722, G722Decoder, G722Encoder } from "./g722.ts";
export { musicOnHold } from "./music-on-hold.ts";
export { downsampler, type Resampler, resample8to16, resample16to8, upsampler } from "./resample.ts";
export {
  beep,
  busyTone,
  callWaitingTone,
  congestionTone,
  dialTone,
  ringBackTone,
  specialInformationTone,
} from "./tones.ts";
export { formatWav, parseWav, readWav, WAV_HEADER_BYTES, type Wav, WavError, wavHeader, writeWav } from "./wav.ts";
