export { type EngineDefinition, type EngineDeps, type EngineLink, EngineProcess } from "./engine-process.ts";
export { encodeMessage, type Message, MessageReader, payloadSamples, samplesPayload, textPayload } from "./messages.ts";
