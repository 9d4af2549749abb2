export type { HeardFrame, Media, MediaLeg, MediaStats, Pcm8k, Played, PlayOptions, Recording } from "./media.ts";
