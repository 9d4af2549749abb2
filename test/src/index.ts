export { ApiClient } from "./api-client.ts";
export { converse, type Line, nextCall, pressThrough, prompts } from "./conversation.ts";
export { repository } from "./environment.ts";
export { humanVoice } from "./human-voice.ts";
export { Baresip, Browser, logIn } from "./peers/index.ts";
export { childrenOf, keepKilling } from "./processes.ts";
export { World } from "./world.ts";
