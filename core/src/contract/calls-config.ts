import { z } from "zod";

const number = z.string().regex(/^[0-9A-Za-z_.+*#-]{1,32}$/);
const pattern = z.string().min(1).meta({ description: "A regular expression over the whole number, e.g. 0[1-9]\\d{9,10}" });
const timeOfDay = z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/, 'write a time as "08:30"');
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'write a date as "2026-10-01"');

/** Where a call goes. "number" is whatever the box can dial: an extension, a group, an outside number. */
export const Destination = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("assistant") }),
  z.strictObject({ type: z.literal("number"), number }),
  /** Says the notice, records a message, opens a ticket with its sound; for an extension, its mailbox. */
  z.strictObject({ type: z.literal("message"), mailbox: number.optional() }),
  /** Refuses without answering. */
  z.strictObject({ type: z.literal("refuse"), as: z.enum(["busy", "rejected"]).default("busy") }),
]);
export type Destination = z.infer<typeof Destination>;

/** Several extensions behind one number. */
export const RingGroup = z.strictObject({
  number,
  name: z.string().min(1),
  members: z.array(number).min(1),
  /** All at once, one after the other from the first, or one after the other beginning behind the one that was rung last. */
  strategy: z.enum(["all", "in-turn", "round-robin"]).default("all"),
  ringSeconds: z.int().min(5).max(300).default(25),
  /** Where the call goes when nobody answers. */
  otherwise: Destination.default({ type: "assistant" }),
  /** Dialling this number instead speaks to all members at once through their loudspeakers. */
  pagingNumber: number.optional(),
});
export type RingGroup = z.infer<typeof RingGroup>;

/** What an extension wants done with its calls. */
export const ExtensionCalls = z.strictObject({
  /** Rung after the extension itself, each in turn; outside numbers too. */
  followMe: z.array(number).default([]),
  ringSeconds: z.int().min(5).max(300).default(25),
  whenBusy: Destination.optional(),
  whenUnanswered: Destination.optional(),
  /** Extensions of the same group may take each other's calls by the pick-up code. */
  pickupGroup: z.string().default("all"),
  /** The kinds of outside number it may dial; emergency numbers always. */
  mayDial: z.array(z.string()).optional().meta({ description: "Names of outgoing routes; absent: all" }),
});
export type ExtensionCalls = z.infer<typeof ExtensionCalls>;

/** Hours of a week, and what holidays do to them. */
export const Schedule = z.strictObject({
  name: z.string().min(1),
  /** Days as ISO weekdays, 1 is Monday. A `to` before `from` runs past midnight. */
  hours: z.array(z.strictObject({ days: z.array(z.int().min(1).max(7)).min(1), from: timeOfDay, to: timeOfDay })),
  /** "closed": on public holidays it does not apply, and on working weekends it applies as on a working day. */
  holidays: z.enum(["closed", "open"]).default("closed"),
});
export type Schedule = z.infer<typeof Schedule>;

/** Days that differ from the week: the site's own, over those of the State Council that the box knows. */
export const CalendarDay = z.strictObject({ date, kind: z.enum(["holiday", "workday"]), name: z.string().default("") });
export type CalendarDay = z.infer<typeof CalendarDay>;

/** Who answers calls of a kind; the first rule that fits decides. Where none does, the number that was dialled does. */
export const IncomingRule = z.strictObject({
  /** Lines to the outside by name; absent: every line, not extensions. */
  lines: z.array(z.string()).optional(),
  dialled: pattern.optional(),
  caller: pattern.optional(),
  /** Only while this schedule applies, or only while it does not. */
  during: z.string().optional(),
  outside: z.string().optional(),
  to: Destination,
});
export type IncomingRule = z.infer<typeof IncomingRule>;

/** How outside numbers of a kind are dialled. */
export const OutgoingRoute = z.strictObject({
  name: z.string().min(1),
  dialled: pattern,
  /** Digits of the front that are taken off, and what is put there instead: a 0 or 9 for an outside line. */
  strip: z.int().min(0).max(10).default(0),
  prepend: z.string().default(""),
  /** Lines in the order in which they are tried; the next one when one is down, full or refuses. Absent: all lines. */
  lines: z.array(z.string()).optional(),
  /** "cheapest": by the lines' prices for the number, in the order of the list where they are the same. */
  order: z.enum(["listed", "cheapest"]).default("listed"),
});
export type OutgoingRoute = z.infer<typeof OutgoingRoute>;

/** Codes dialled at an extension. */
export const FeatureCodes = z.strictObject({
  /** Takes a call that rings at an extension of the own pick-up group; with a number behind it, at that extension. */
  pickup: z.string().default("*8"),
  /** Transferring to this number parks the call; it is told which slot. */
  park: z.string().default("700"),
  parkSlots: z.strictObject({ first: z.int().default(701), last: z.int().default(709) }).prefault({}),
  doNotDisturbOn: z.string().default("*78"),
  doNotDisturbOff: z.string().default("*79"),
  /** Listens to the own mailbox's messages. */
  mailbox: z.string().default("*97"),
  /** During a call: the one who pressed it puts the other on hold and dials a third; again: joins all three. */
  consult: z.string().default("*2"),
});
export type FeatureCodes = z.infer<typeof FeatureCodes>;

/** Who answers which call, and by which line calls go out. */
export const CallsConfig = z.strictObject({
  groups: z.array(RingGroup).default([]),
  extensions: z.record(z.string(), ExtensionCalls).default({}),
  schedules: z.array(Schedule).default([]),
  calendar: z.array(CalendarDay).default([]),
  incoming: z.array(IncomingRule).default([]),
  outgoing: z.array(OutgoingRoute).default([]),
  /** Always dialled out unchanged, by the first line that works, whatever is full or forbidden. */
  emergencyNumbers: z.array(z.string()).default(["110", "119", "120", "122"]),
  codes: FeatureCodes.prefault({}),
  /** Callers that are refused and callers that always get through; patterns. Pages add to both. */
  blacklist: z.array(pattern).default([]),
  whitelist: z.array(pattern).default([]),
  recording: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Calls between two people are recorded only with the notice said; "off" leaves them unrecorded. */
      betweenPeople: z.enum(["announced", "off"]).default("announced"),
    })
    .prefault({}),
  /** A call whose far end sends no sound for this long is ended; not while on hold. */
  silentSeconds: z.int().min(10).max(3_600).default(60),
});
export type CallsConfig = z.infer<typeof CallsConfig>;
