export { type CallsRig, openCallsRig, rigCalls } from "./calls-rig.ts";
export { FakeMedia } from "./fake-media.ts";
export { MemoryRecords } from "./memory-records.ts";
export { miniScript } from "./mini-script.ts";
export { ScriptedSpeech } from "./scripted-speech.ts";
export { type RingingPhone, TestDialler } from "./test-dialler.ts";
export { TestAudio, TestLeg } from "./test-leg.ts";
