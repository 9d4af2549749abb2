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
  /** Sound that comes by no network has no RTP: "no-sound", "sound-stopped" and "gaps" are said of a modem's sound port and of a card's channel. */
  code: z.enum(["no-rtp", "rtp-stopped", "loss", "far-loss", "jitter", "no-sound", "sound-stopped", "gaps"]),
  /** Where the far end's sound was expected from: "address:port", or the line or telephone with the device. */
  from: z.string().optional(),
  /** Since when, ms since 1970. */
  sinceAt: z.number().optional(),
  /** Percent for losses and gaps, ms for jitter. */
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
