export { type CallerMessageForm, type CallerNumber, encodeCallerMessage } from "./caller-message.ts";
export { DtmfCaller } from "./dtmf-caller.ts";
export { FskReceiver, fskSound } from "./fsk.ts";
export { type LineSound, LineSounds } from "./line-sounds.ts";
