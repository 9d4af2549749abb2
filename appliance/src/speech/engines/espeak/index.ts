export { EspeakVoice } from "./espeak.ts";
