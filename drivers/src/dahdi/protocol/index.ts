export { encodeAudio, encodeControl, type Frame, FrameReader, ProtocolError } from "./frames.ts";
