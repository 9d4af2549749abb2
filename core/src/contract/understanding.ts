import { z } from "zod";

/** Act at once, ask back, or hand over to a person. */
export const Band = z.enum(["act", "ask", "hand-over"]);
export type Band = z.infer<typeof Band>;

export const UnderstoodIntent = z.object({
  intent: z.string(),
  slots: z.record(z.string(), z.string()),
  confidence: z.number().min(0).max(1),
});
export type UnderstoodIntent = z.infer<typeof UnderstoodIntent>;

export const Understanding = z.object({ text: z.string(), intents: z.array(UnderstoodIntent), band: Band });
export type Understanding = z.infer<typeof Understanding>;

export const UnderstandRequest = z.object({ text: z.string().max(2_000) });
export const Listened = Understanding.extend({ heard: z.string() });
export type Listened = z.infer<typeof Listened>;
export const SpeakRequest = z.object({ text: z.string().min(1).max(500), language: z.enum(["zh-CN", "en"]).default("zh-CN") });
