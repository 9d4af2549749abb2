import type { AudioPort, RtpPorts } from "@sitebox/drivers/line";

/** Sound ready to be played: 8 kHz mono, signed 16 bit. */
export type Pcm8k = Int16Array;

export interface PlayOptions {
  /** Aborting stops the sound within one frame (20 ms). */
  readonly signal?: AbortSignal;
}

export interface Played {
  readonly outcome: "finished" | "stopped" | "ended";
  /** How much of it left the box: only this was heard. */
  readonly playedMs: number;
}

export interface BridgeOptions {
  /** "hear": only the leg that asks hears the other (paging, a supervisor). "both" unless told. */
  readonly direction?: "both" | "hear";
}

/** What befalls a leg's sound. */
export type MediaEvent =
  /**
   * No RTP comes where it is expected: 30 s after connecting, 15 s after the last packet, and told again every 15 s. `from` is the
   * "address:port" that should send. Not told while the leg is on hold.
   */
  | { readonly type: "quiet"; readonly quietMs: number; readonly from?: string }
  | { readonly type: "heard-again" }
  /** The worker that carried the leg has died: nothing is heard or said any more. */
  | { readonly type: "lost" };

/** One 20 ms frame of the caller, with the place of its first sample in the leg's time. */
export interface HeardFrame {
  readonly samples: Int16Array;
  readonly atMs: number;
}

/** What the media plane does with one leg. Works alike for RTP and for audio that arrives as frames in this process. */
export interface MediaLeg extends AsyncDisposable {
  /** Queues a sound behind what is playing. An async iterable is played as it arrives (a streaming voice). */
  play(audio: Pcm8k | AsyncIterable<Pcm8k>, options?: PlayOptions): Promise<Played>;
  /** Stops what is playing and empties the queue; resolves when the last packet has left. */
  flush(): Promise<void>;
  /** A copy of what the far end says, 50 frames a second, silence filled in. One reader at a time; ends with the leg. */
  listen(signal: AbortSignal): AsyncIterable<HeardFrame>;
  /** What befalls the leg's sound from this moment on. Ends with the leg, after "lost" where its worker died. */
  watch(signal: AbortSignal): AsyncIterable<MediaEvent>;
  /**
   * Links two legs until either is closed or `unbridge`. A leg may have several links and hears the sum of all of them, never itself: three
   * legs linked pairwise are a conference. What is played to a leg is mixed in for that one alone. Linking a pair again states its link anew.
   * Rejects with {@link MediaError}: "refused" for the leg itself or one of another media plane, "leg-ended".
   */
  bridge(other: MediaLeg, options?: BridgeOptions): Promise<void>;
  /** Takes away the link with one leg, whoever made it, or all of this leg's. Nothing where there is none. */
  unbridge(other?: MediaLeg): Promise<void>;
  /** Two-channel wav (left: far end, right: what it hears), written by time slot from now on, with its hash chain in `<file>.chain`. */
  record(file: string): Promise<Recording>;
  /** Packets, loss, jitter of the leg so far. */
  stats(): Promise<MediaStats>;
}

export interface Recording {
  readonly file: string;
  /** From now on both channels are silence, in their time; for what must not be recorded. Resolves when it is so. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Finishes the file (header, chain, fsync) and tells its length. Safe to call twice. */
  stop(): Promise<Recorded>;
}

/** What is on disk of a recording. */
export interface Recorded {
  readonly durationMs: number;
  readonly bytes: number;
  /** The last digest of the hash chain, hexadecimal: it stands for all of the file. What is proven where the worker died; absent where nothing is. */
  readonly digest?: string;
}

/** A frame of a port that is not RTP counts as a packet; what such a port says that it filled with silence is lost. */
export interface MediaStats {
  readonly receivedPackets: number;
  readonly sentPackets: number;
  readonly lostPackets: number;
  readonly jitterMs: number;
  /** Packets from a source that was not agreed. */
  readonly strangerPackets: number;
  /** How long no packet has come, where packets are expected; since connecting where none ever did. */
  readonly quietMs?: number;
  /** The codec of what comes, e.g. "PCMA". */
  readonly codec?: string;
  /** Where our packets go, "address:port". */
  readonly remote?: string;
  /** Whether the sound is encrypted (SRTP). */
  readonly secure?: boolean;
  /** The way there and back, by RTCP (RFC 3550 §6.4.1). */
  readonly rttMs?: number;
  /** Estimated listening quality of what we hear, 1 to 4.5 (ITU-T G.107). */
  readonly mos?: number;
  /** What the far end says it has lost of ours. */
  readonly remoteLossPercent?: number;
  /** Sound made up for packets that were missing. */
  readonly concealedMs?: number;
  /** Sound that came too late to be heard. */
  readonly lateMs?: number;
}

/** The media plane: RTP sessions for the drivers, and control over every leg's sound. */
export interface Media extends AsyncDisposable {
  readonly rtp: RtpPorts;
  /** Takes over a leg's audio. Ports of our own `rtp` stay inside their worker process; others are carried frame by frame. */
  attach(port: AudioPort): MediaLeg;
}
