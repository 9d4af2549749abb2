import type { AudioPort, Digit } from "./trunk.ts";

/** Where a leg's RTP goes and in what form (RFC 3550, RFC 3551). */
export interface RtpRemote {
  readonly address: string;
  readonly port: number;
  /** G.711: 0 is PCMU, 8 is PCMA. */
  readonly payloadType: 0 | 8;
  /** The payload type agreed for RFC 4733 telephone events, where there is one. */
  readonly telephoneEvent?: number;
  /** Whether we may send, and whether we listen; both false is inactive. */
  readonly send: boolean;
  readonly receive: boolean;
}

/** One RTP session of one leg. Audio is decoded to and encoded from {@link AudioPort} frames. */
export interface RtpPort extends AudioPort {
  readonly localPort: number;
  /** The SSRC of what we send: chosen at opening, so that it can be stated before the first packet. */
  readonly ssrc: number;
  /** RFC 4733 events, each key once. */
  readonly digits: AsyncIterable<Digit>;
  /** Starts or changes the session; until the first call nothing is sent. Packets from another source than agreed are learnt once or dropped. */
  connect(remote: RtpRemote): void;
}

/** Opens RTP sessions. The box's media plane implements it with worker threads; drivers only ask for it. */
export interface RtpPorts {
  /** Binds an even port of `localAddress`, e.g. "0.0.0.0" or "127.0.0.1". Throws when none is free. */
  open(localAddress: string): Promise<RtpPort>;
}
