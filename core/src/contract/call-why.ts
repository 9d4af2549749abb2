import { z } from "zod";
import { Call, CallLeg, CallMoment } from "./call.ts";

/** One message of signalling. Secrets are taken out of it before it is stored; numbers are masked for all but admins. */
export const SignallingMessage = z.object({
  /** Wall clock, ms since 1970. */
  at: z.number(),
  direction: z.enum(["in", "out"]),
  transport: z.enum(["udp", "tcp", "tls"]),
  /** "address:port" of our side and of the far end. */
  local: z.string(),
  remote: z.string(),
  /** The line's own name of the call, e.g. SIP's Call-ID. */
  wireId: z.string().optional(),
  /** "INVITE", or "200 INVITE" for an answer. */
  label: z.string(),
  status: z.int().optional(),
  text: z.string(),
});
export type SignallingMessage = z.infer<typeof SignallingMessage>;

/** Why a leg's sound is as it is: a code for the page's words, with what they need. */
export const MediaReason = z.object({
  code: z.enum(["no-rtp", "rtp-stopped", "loss", "far-loss", "jitter"]),
  /** Where the far end's sound was expected from, "address:port". */
  from: z.string().optional(),
  /** Since when, ms since 1970. */
  sinceAt: z.number().optional(),
  /** Percent for losses, ms for jitter. */
  value: z.number().optional(),
});
export type MediaReason = z.infer<typeof MediaReason>;

/** One side of a call with what was wrong with its sound. */
export const LegWhy = CallLeg.extend({ reasons: z.array(MediaReason) });
export type LegWhy = z.infer<typeof LegWhy>;

/** All that is known of why a call went as it did. */
export const CallWhy = z.object({
  call: Call,
  moments: z.array(CallMoment),
  wire: z.array(SignallingMessage),
  legs: z.array(LegWhy),
});
export type CallWhy = z.infer<typeof CallWhy>;
