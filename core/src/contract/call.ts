import { z } from "zod";
import { CallId, TicketId } from "./ids.ts";

export const CallState = z.enum([
  "ringing",
  "assistant",
  "queued",
  "agent",
  "extension",
  /** Somebody talks with a number of the outside that was dialled. */
  "outside",
  "message",
  "held",
  "parked",
  "conference",
  "ended",
]);
export type CallState = z.infer<typeof CallState>;

/** Why a call stands where it stands: one line of its timeline. */
export const CallMoment = z.object({
  atMs: z.number(),
  type: z.enum(["said", "heard", "digits", "decision", "ticket", "transfer", "fault", "media"]),
  text: z.string().max(2_000),
  /** Where a number was spoken, heard or decided: machine-readable details. */
  data: z.record(z.string(), z.unknown()).optional(),
});
export type CallMoment = z.infer<typeof CallMoment>;

export const CallOutcome = z.enum([
  "ticket",
  "agent",
  "extension",
  "message",
  "abandoned",
  "answered",
  "failed",
  /** Not taken: by a list, a rule, or because nobody was to be had. */
  "refused",
  /** Talked with a number of the outside. */
  "outside",
  /** Whoever was in it went on in another call. */
  "transferred",
]);
export type CallOutcome = z.infer<typeof CallOutcome>;

export const Call = z.object({
  id: CallId,
  /** "desk": somebody of the site had it dialled from a page. */
  channel: z.enum(["phone", "web-call", "desk"]),
  callerNumber: z.string(),
  dialled: z.string(),
  state: CallState,
  startedAt: z.number(),
  answeredAt: z.number().optional(),
  endedAt: z.number().optional(),
  outcome: CallOutcome.optional(),
  ticketIds: z.array(TicketId),
  hasRecording: z.boolean(),
  /** The call only tries this line: a sentence is said to whoever answers, and there is no guest. */
  testedLine: z.string().optional(),
});
export type Call = z.infer<typeof Call>;

/** What was measured of one side's sound. */
export const CallLegStats = z.object({
  receivedPackets: z.number(),
  sentPackets: z.number(),
  lostPackets: z.number(),
  jitterMs: z.number(),
  /** Estimated listening quality, 1 to 4.5 (ITU-T G.107). */
  mos: z.number().optional(),
  rttMs: z.number().optional(),
  /** What the far end says it has lost of ours. */
  remoteLossPercent: z.number().optional(),
  concealedMs: z.number().optional(),
  lateMs: z.number().optional(),
  quietMs: z.number().optional(),
  /** Where its sound went to and was expected from, "address:port". */
  remote: z.string().optional(),
});
export type CallLegStats = z.infer<typeof CallLegStats>;

/** One side of a call: who, by which line, how long and how well it was heard. */
export const CallLeg = z.object({
  id: z.string(),
  number: z.string(),
  /** "in": it called the box. "out": the box rang it. */
  direction: z.enum(["in", "out"]),
  /** The line to the outside; absent for extensions and browsers. */
  line: z.string().optional(),
  startedAt: z.number(),
  answeredAt: z.number().optional(),
  endedAt: z.number().optional(),
  cause: z.enum(["normal", "busy", "no-answer", "rejected", "unreachable", "failed"]).optional(),
  /** The line's own name of it, e.g. SIP's Call-ID. */
  wireId: z.string().optional(),
  peer: z.string().optional(),
  codec: z.string().optional(),
  secure: z.boolean().optional(),
  stats: CallLegStats.optional(),
});
export type CallLeg = z.infer<typeof CallLeg>;

export const CallWithMoments = Call.extend({ moments: z.array(CallMoment), legs: z.array(CallLeg).optional() });
export type CallWithMoments = z.infer<typeof CallWithMoments>;

/** What the person sees to whom a call is handed: nobody has to ask again. */
export const HandOff = z.object({
  callId: CallId,
  callerNumber: z.string(),
  reason: z.enum(["asked", "not-understood", "speech-engine", "ticket-failed"]),
  place: z.string().optional(),
  summary: z.string(),
  moments: z.array(CallMoment),
});
export type HandOff = z.infer<typeof HandOff>;

/** A call to be placed: `from` is rung first, then `to`, and both are joined. */
export const CallPlacing = z.object({
  /** An extension, or "me": the page of whoever asks. */
  from: z.string().regex(/^[0-9A-Za-z_.+*#-]{1,32}$/),
  to: z.string().regex(/^[0-9A-Za-z_.+*#-]{1,32}$/),
  /** Shown to `to` where the line owns it. Admins only. */
  callerNumber: z
    .string()
    .regex(/^[0-9+]{1,32}$/)
    .optional(),
});
export type CallPlacing = z.infer<typeof CallPlacing>;
