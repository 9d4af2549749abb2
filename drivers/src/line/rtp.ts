import type { AudioPort, Digit } from "./trunk.ts";

/** Codecs of a leg. All are carried as 8 kHz frames inside the box; G.722 is sampled down and up. */
export type AudioCodec = "PCMA" | "PCMU" | "G722";

/** One direction's key of SRTP, as SDP states it (RFC 4568): 16 bytes of master key, then 14 of master salt. */
export interface SrtpKey {
  readonly suite: "AES_CM_128_HMAC_SHA1_80" | "AES_CM_128_HMAC_SHA1_32";
  readonly masterKeyAndSalt: Uint8Array;
}

/** Where a leg's RTP goes and in what form (RFC 3550, RFC 3551). */
export interface RtpRemote {
  readonly address: string;
  readonly port: number;
  readonly codec: AudioCodec;
  /** The number that the far end gave the codec: 0 PCMU, 8 PCMA and 9 G722, or a dynamic one. */
  readonly payloadType: number;
  /** Sound in one packet that we send, 10 to 60 ms; 20 unless the far end wants it otherwise. */
  readonly packetMs?: number;
  /** The payload type agreed for RFC 4733 telephone events, where there is one. Without one, tones in the sound are listened for. */
  readonly telephoneEvent?: number;
  /** Whether we may send, and whether we listen; both false is inactive. */
  readonly send: boolean;
  readonly receive: boolean;
  /** Where RTCP goes: a port of its own (RFC 3605), the next one when absent, or the same as RTP (RFC 5761). */
  readonly rtcp?: number | "muxed";
  /** Keys of SRTP (RFC 3711): with `local` we send, with `remote` the far end does. Absent is plain RTP. */
  readonly srtp?: { readonly local: SrtpKey; readonly remote: SrtpKey };
}

/** One RTP session of one leg. Audio is decoded to and encoded from {@link AudioPort} frames. */
export interface RtpPort extends AudioPort {
  readonly localPort: number;
  /** The SSRC of what we send: chosen at opening, so that it can be stated before the first packet. */
  readonly ssrc: number;
  /** Keys of the far end, each once: RFC 4733 events, or tones in the sound where no events were agreed. */
  readonly digits: AsyncIterable<Digit>;
  /** Starts or changes the session; until the first call nothing is sent. Packets from another source than agreed are learnt once or dropped. */
  connect(remote: RtpRemote): void;
  /** Presses keys at our end, one after the other: RFC 4733 events, or tones where no events were agreed. */
  press(digits: readonly Digit[]): void;
  /** Resolves when the session breaks, as when the process that carries it dies: it is silent from then on. Stays pending otherwise. */
  readonly lost: Promise<void>;
}

/** Opens RTP sessions. The box's media plane implements it with worker processes; drivers only ask for it. */
export interface RtpPorts {
  /** Binds an even port of `localAddress`, e.g. "0.0.0.0" or "127.0.0.1". Throws when none is free. */
  open(localAddress: string): Promise<RtpPort>;
}
