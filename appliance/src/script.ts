import type { Script } from "./calls/index.ts";
import { type DialogState, initialState, promptSegments, step, turnGrammar, type Vocabulary } from "./dialog/index.ts";

/** The site's dialog as calls carry it out, in the language of its callers. */
export const dialogScript = (vocabulary: Vocabulary): Script<DialogState> => ({
  initial: initialState(vocabulary),
  step,
  segments: (prompt) => promptSegments(prompt, "zh-CN", vocabulary.site),
  opening: { grammar: turnGrammar(vocabulary, { slot: "anything" }), profile: { endpointMs: 450, maxMs: 15_000 } },
});
