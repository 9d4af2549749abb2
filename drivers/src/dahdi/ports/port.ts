import type { Clock, Log } from "@sitebox/core/kernel";
import type { HangupCause, Leg, LineFault, LinePort } from "../../line/index.ts";
import type { ChannelInfo, HelperLink } from "../link/index.ts";
import type { CardLeg } from "./card-leg.ts";

export interface PortDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The line's configured name. */
  readonly line: string;
  incoming(leg: Leg): void;
  changed(): void;
}

/** One socket of a card, whether its card is there or not. */
export interface Port {
  readonly channel: number;
  readonly state: LinePort;
  /** Whether its channel is open, so that it need not be attached. */
  readonly attached: boolean;
  /** Opens its channel, of which the helper told `info`. Never rejects: what is refused shows in the state. */
  attach(link: HelperLink, info: ChannelInfo | undefined): Promise<void>;
  /** The channel is gone; its call ends as failed. */
  detach(fault: LineFault, reason: string): void;
  /** Ends its call and gives its channel back. */
  close(): Promise<void>;
}

/** What a refusal of the helper means to people. */
export function faultOf(word: string): LineFault {
  if (word === "no-such-channel") return "unplugged";
  return word === "no-dahdi" || word === "lost" ? "helper-lost" : "failed";
}

/** Ends a port's leg, where it has one, and tells of sound that was lost on it. */
export function endLeg(leg: CardLeg | undefined, cause: HangupCause, log: Log): void {
  if (!leg) return;
  leg.finish(cause);
  const { dropped } = leg.audio;
  if (dropped > 0) log.info("sound came faster than a card plays it, the oldest was thrown away", { frames: dropped });
}
