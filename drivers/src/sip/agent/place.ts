import type { SipConfig } from "@sitebox/core/contract";
import type { Header, NameAddr, SipRequest, SipResponse, SipUri } from "../parser/index.ts";
import type { Peer } from "../transports/index.ts";

/** Answers a challenge (401, 407; RFC 3261 §22): the header that the next try carries, or undefined to give up. */
export type ChallengeAnswer = (request: SipRequest, challenge: SipResponse) => Header | undefined;

/** Who we say that calls, where it is not the caller's number at our own address. */
export interface Identity {
  /** From without a tag. */
  readonly from: NameAddr;
  /** E.g. P-Preferred-Identity (RFC 3325) or Privacy (RFC 3323). */
  readonly headers?: readonly Header[];
}

/** What a line to the outside adds to the calls that go over it. */
export interface LineSide {
  /** The line's configured name: {@link Leg.line} of its legs. */
  readonly line?: string;
  readonly credentials?: ChallengeAnswer;
  /**
   * Whom the far end may hand the call to, which is dialling at our cost: absent, anybody. A far end that proved no password of ours may
   * only reach whom it could have called itself.
   */
  readonly mayTransferTo?: (number: string) => boolean;
  /** Its own rule about SRTP, where it has one. */
  readonly srtp?: SipConfig["srtp"];
}

/** A place to ring. */
export interface Place extends LineSide {
  readonly target: SipUri;
  readonly peer: Peer;
  /** We ring over the flow of a registration: whatever the far end calls its address, this is the way. */
  readonly behindNat: boolean;
  readonly identity?: Identity;
  /** Routes that the first INVITE takes (an outbound proxy; RFC 3261 §8.1.2). */
  readonly routes?: readonly NameAddr[];
}
