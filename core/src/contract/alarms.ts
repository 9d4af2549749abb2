import { z } from "zod";
import { About, type AboutArgs, filled } from "./telling.ts";

/** Something that is wrong with a box and wants somebody. */
export const Alarm = z.object({
  /** What is on or off, e.g. "line-down/mobile-1". */
  code: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  /** In English, for logs and callers of the API. */
  text: z.string(),
  active: z.boolean(),
  at: z.number(),
  /** One of {@link alarmKinds}, by which pages say it in their user's language. Older boxes tell the text only. */
  kind: z.string().optional(),
  about: About.optional(),
});
export type Alarm = z.infer<typeof Alarm>;

/** Every alarm and its sentence. Pages have words for each; a test sees to it. */
export const alarmKinds = {
  "disk-low": "less than {megabytes} MB of disk space are free",
  storage: "the box cannot write to its disk",
  emergency: "an emergency was reported, ticket {ticket}, and nobody has taken it yet",
  "emergency-at": "an emergency was reported in {place}, ticket {ticket}, and nobody has taken it yet",
  "line-down": "the line {line} is down: {fault}",
  "last-line-down": "the line {line} is down: {fault}; no other line is up",
  "line-balance": "the balance of the line {line} is low: {yuan} yuan are left",
  "line-texts-full": "the line {line} has hardly any room for texts: delete old texts and drafts on its SIM in a telephone",
  "line-not-rung": "calls to the line {line} do not come in: {by} called it, and it did not ring",
  "line-not-connected": "calls to the line {line} ring, but cannot be answered: {by} called it",
  "line-silent-in": "the line {line} hears nothing of who calls it: {by} did",
  "line-silent-out": "who calls the line {line} hears nothing: {by} did",
  "line-silent": "nothing is heard in either direction by the line {line}: {by} called it",
} as const;
export type AlarmKind = keyof typeof alarmKinds;

/** What an alarm says. */
export type AlarmTold = Pick<Alarm, "text" | "kind" | "about"> & { readonly kind: AlarmKind };
/** An alarm that goes on says what it is by its kind; one that goes off says why in words for the log. */
export type AlarmChange = Pick<Alarm, "code" | "severity"> & (({ active: true } & AlarmTold) | { active: false; text: string });

export function alarmOf<Kind extends AlarmKind>(kind: Kind, ...[about]: AboutArgs<(typeof alarmKinds)[Kind]>): AlarmTold {
  return { kind, text: filled(alarmKinds[kind], about), ...(about && { about }) };
}

/** Every way in which a part of the box can be unwell: why and, where people can do something, what. Pages have words for each; a test sees to it. */
export const troubles = {
  "disk-low": ["{megabytes} MB of disk space are free", "shorten retention.recordingsDays or put in a larger disk"],
  storage: ["the box cannot write to its disk: {why}", "free disk space or replace the disk; calls go to people until then"],
  "lines-down": ["down: {lines}", "the page of the lines says what each of them wants"],
  "engine-absent": ["not installed: {why}"],
  "engine-failed": ["it does not run: {why}"],
  "uplink-down": ["{uplink}: {why}"],
} as const satisfies Record<string, readonly [reason: string] | readonly [reason: string, fix: string]>;
export type TroubleCode = keyof typeof troubles;

/** Why a part is unwell and what to do, as a part's health has them. */
export function troubleOf<Code extends TroubleCode>(code: Code, ...[about]: AboutArgs<(typeof troubles)[Code][0]>) {
  const [reason, fix]: readonly [string, string?] = troubles[code];
  return { code, reason: filled(reason, about), ...(fix !== undefined && { fix }), ...(about && { about }) };
}
