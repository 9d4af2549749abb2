import { z } from "zod";

/**
 * Callers on a list: a number as it is shown, with ? for any one digit and * for any number of them, or "anonymous" for those who withhold it.
 * The country code 86 may stand there or not.
 */
export const ListedNumberPattern = z
  .string()
  .regex(/^(anonymous|\+?[0-9?*]{1,32})$/, 'write digits, with ? for any one and * for any number of them, or "anonymous"')
  .refine((text) => /[0-9]/.test(text) || text === "anonymous", "write at least one digit: a list for everybody is none");

/** A caller who is refused ("black") or always gets through ("white"). */
export const ListedNumber = z.object({
  id: z.string(),
  list: z.enum(["black", "white"]),
  number: z.string(),
  note: z.string(),
  addedBy: z.string(),
  addedAt: z.number(),
  expiresAt: z.number().optional(),
});
export type ListedNumber = z.infer<typeof ListedNumber>;
export const ListedNumberDraft = z.object({
  list: z.enum(["black", "white"]),
  number: ListedNumberPattern,
  note: z.string().max(200).default(""),
  /** Epoch ms; absent: until it is taken off. */
  expiresAt: z.number().optional(),
});
export type ListedNumberDraft = z.infer<typeof ListedNumberDraft>;

/** What an extension has switched; `followMe` is null where the configuration's holds. */
export const ExtensionSwitches = z.object({
  doNotDisturb: z.boolean(),
  followMe: z.array(z.string()).nullable(),
});
export type ExtensionSwitches = z.infer<typeof ExtensionSwitches>;
/** What is absent stays as it is. */
export const ExtensionSwitchesChange = z.object({
  doNotDisturb: z.boolean().optional(),
  followMe: z.array(z.string().min(1).max(32)).max(10).nullable().optional(),
});
export type ExtensionSwitchesChange = z.infer<typeof ExtensionSwitchesChange>;

/** Who changed what about the way of calls. */
export const PlanChange = z.object({
  at: z.number(),
  /** The name of an account, or an extension. */
  actor: z.string(),
  type: z.enum(["number-listed", "number-unlisted", "do-not-disturb", "follow-me"]),
  /** What it was done to; a caller's number only masked. */
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()).optional(),
});
export type PlanChange = z.infer<typeof PlanChange>;

/** A call that might come: what would happen to it now? Without a line it comes from an extension. */
export const PlanQuestion = z.object({
  caller: z.string().max(64).default(""),
  dialled: z.string().min(1).max(64),
  line: z.string().max(64).optional(),
  channel: z.enum(["phone", "web-call"]).default("phone"),
  language: z.enum(["zh-CN", "en"]).default("zh-CN"),
});
export type PlanQuestion = z.infer<typeof PlanQuestion>;
export const PlanAnswer = z.object({
  action: z.looseObject({ type: z.string() }),
  /** Every rule that led there, in order. */
  because: z.array(z.string()),
});
export type PlanAnswer = z.infer<typeof PlanAnswer>;
