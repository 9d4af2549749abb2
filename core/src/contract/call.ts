import { z } from "zod";
import { CallId, TicketId } from "./ids.ts";

export const CallState = z.enum(["ringing", "assistant", "queued", "agent", "extension", "message", "ended"]);
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

export const CallOutcome = z.enum(["ticket", "agent", "extension", "message", "abandoned", "answered", "failed"]);
export type CallOutcome = z.infer<typeof CallOutcome>;

export const Call = z.object({
  id: CallId,
  channel: z.enum(["phone", "web-call"]),
  callerNumber: z.string(),
  dialled: z.string(),
  state: CallState,
  startedAt: z.number(),
  answeredAt: z.number().optional(),
  endedAt: z.number().optional(),
  outcome: CallOutcome.optional(),
  ticketIds: z.array(TicketId),
  hasRecording: z.boolean(),
});
export type Call = z.infer<typeof Call>;

export const CallWithMoments = Call.extend({ moments: z.array(CallMoment) });
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
