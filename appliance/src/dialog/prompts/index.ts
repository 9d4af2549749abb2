export { type Language, locales, type PromptId } from "./locales/index.ts";
export { fixedPrompts, prompt, promptSegments, renderPrompt } from "./render.ts";
export { type Spelling, spell } from "./spell.ts";
