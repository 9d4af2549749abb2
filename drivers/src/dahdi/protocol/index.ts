export { encodeAudio, encodeControl, type Frame, type FrameBytes, FrameCutter, FrameReader, ProtocolError } from "./frames.ts";
