import type { Clock, Log } from "@sitebox/core/kernel";
import type { z } from "zod";

/** How a leg ended, in words that every technology can fill. */
export type HangupCause = "normal" | "busy" | "no-answer" | "rejected" | "unreachable" | "failed";

/** One key of the telephone keypad. */
export type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "*" | "#" | "A" | "B" | "C" | "D";

/** Samples of one frame: 20 ms of 8 kHz mono. */
export const FRAME_SAMPLES = 160;

/** Sound both ways in frames of 20 ms, 8 kHz mono, signed 16 bit ({@link FRAME_SAMPLES} each). The opener closes it. */
export interface AudioPort extends AsyncDisposable {
  /** What the far end says. One reader. Silence is filled in, so frames come at 50 a second while the leg is up. */
  readonly frames: AsyncIterable<Int16Array>;
  /** Queues one frame towards the far end; the port paces it. */
  write(frame: Int16Array): void;
}

/** One side of a call, whatever carries it: SIP, GSM, analogue, a browser. */
export interface Leg {
  /** The far end's number as its line states it, or an empty string where it is withheld. */
  readonly remote: string;
  /** The number that was dialled: which extension or service the caller wants. */
  readonly dialled: string;
  readonly audio: AudioPort;
  /** Keys pressed at the far end, each once whatever way it came (RFC 4733, INFO, in-band). One reader. */
  readonly digits: AsyncIterable<Digit>;
  /** Accepts an incoming leg; resolves when sound can flow both ways. A leg that was dialled is answered already. */
  answer(): Promise<void>;
  /** Ends the leg, or refuses it where it was not answered. Never rejects; a second call changes nothing. */
  hangup(cause: HangupCause): Promise<void>;
  /** Resolves once, when either side has hung up. */
  readonly ended: Promise<HangupCause>;
}

export type DialOutcome =
  | { readonly type: "answered"; readonly leg: Leg }
  | { readonly type: "busy" }
  | { readonly type: "no-answer" }
  | { readonly type: "unreachable"; readonly reason: string };

/** A bundle of lines to the outside world. */
export interface Trunk extends AsyncDisposable {
  /** Calls that come in, already ringing at the caller's end. One reader. Ends when the trunk is closed. */
  readonly incoming: AsyncIterable<Leg>;
  /** Rings `number`; aborting the signal gives up, which is "no-answer". */
  dial(number: string, options: { readonly signal: AbortSignal; readonly callerNumber?: string }): Promise<DialOutcome>;
}

export interface DriverDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** What a driver folder exports; the registry is a list of these. */
export interface DriverModule<Config, Deps extends DriverDeps = DriverDeps> {
  readonly kind: string;
  readonly config: z.ZodType<Config>;
  open(config: Config, deps: Deps): Promise<Trunk>;
}
