export { type End, frames, hear, MediaRig, strengths, type TestCall } from "./media-rig.ts";
