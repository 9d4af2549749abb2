export { amplitudeOf, COLUMNS, KEYPAD, keyTone, ROWS } from "./dtmf.ts";
export { alaw, type Law, PCMA, PCMU, ulaw } from "./g711.ts";
export { KeyDetector } from "./key-detector.ts";
export { goertzel, tone } from "./tone.ts";
