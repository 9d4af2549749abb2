import type { RtpRemote } from "../../line/index.ts";
import type { EventNumber } from "./audio-line.ts";
import type { CryptoLine } from "./crypto.ts";
import type { SessionDescription } from "./description.ts";

/** What both ends have agreed on. */
export interface Agreement {
  readonly remote: RtpRemote;
  /** The far end has us on hold: it does not want to hear us. */
  readonly held: boolean;
}

export interface Agreed extends Agreement {
  /** Our description with every stream there ever was, in its order (RFC 3264 §8), and which of them is the audio. */
  readonly local: SessionDescription;
  readonly index: number;
  readonly protocol: string;
  readonly event: EventNumber | undefined;
  /** Our line of SRTP, where it is spoken. */
  readonly ownKey: CryptoLine | undefined;
}

/** What a session remembers whatever state it is in. */
export interface Negotiated {
  readonly sessionId: string;
  /** The last description that we sent, whatever came of it: versions count on from it. */
  readonly sent: SessionDescription | undefined;
  readonly agreed: Agreed | undefined;
  /** Payload types that ever had a meaning in our stream. */
  readonly used: ReadonlyMap<string, string>;
}
