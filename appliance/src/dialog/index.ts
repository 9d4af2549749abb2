export type { DialogEffect, DialogEvent, KeyPlan, Prompt } from "./dialog.ts";
export { turnGrammar } from "./grammar/index.ts";
export { step } from "./machine.ts";
export { fixedPrompts, type Language, promptSegments, renderPrompt } from "./prompts/index.ts";
export type { Draft } from "./requests.ts";
export { type DialogState, type DialogStep, type DialogStepResult, initialState } from "./state.ts";
export { type Analysis, analyse, type Expecting, understand } from "./understanding/index.ts";
export { compileVocabulary, type Vocabulary } from "./vocabulary/index.ts";
export { readWritten, type Written } from "./written.ts";
