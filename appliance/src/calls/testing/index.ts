export { ScriptedSpeech } from "./scripted-speech.ts";
