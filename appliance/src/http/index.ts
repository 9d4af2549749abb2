export type { BoxHttpDeps, CallSettings, CallsReader, SpeechTools } from "./deps.ts";
export { type BoxHttp, openHttp } from "./http.ts";
