export { SileroDetector } from "./silero.ts";
