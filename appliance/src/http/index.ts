export type { BoxHttpDeps, CallSettings, CallsReader, LineDesk, SpeechTools, TextDesk } from "./deps.ts";
export { type BoxHttp, openHttp } from "./http.ts";
