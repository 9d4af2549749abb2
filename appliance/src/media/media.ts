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
  /** Joins two legs: each hears the other until one is closed or `unbridge`. Playing stays possible and is mixed in. */
  bridge(other: MediaLeg): Promise<void>;
  unbridge(): Promise<void>;
  /** Two-channel wav (left: far end, right: what it hears), written by time slot from now on. */
  record(file: string): Promise<Recording>;
  /** Packets, loss, jitter of the leg so far. */
  stats(): Promise<MediaStats>;
}

export interface Recording {
  readonly file: string;
  /** Finishes the file (header, fsync) and tells its length. Safe to call twice. */
  stop(): Promise<{ readonly durationMs: number; readonly bytes: number }>;
}

export interface MediaStats {
  readonly receivedPackets: number;
  readonly sentPackets: number;
  readonly lostPackets: number;
  readonly jitterMs: number;
  /** Packets from a source that was not agreed. */
  readonly strangerPackets: number;
  /** How long no packet has come, where packets are expected; since connecting where none ever did. */
  readonly quietMs?: number;
}

/** The media plane: RTP sessions for the drivers, and control over every leg's sound. */
export interface Media extends AsyncDisposable {
  readonly rtp: RtpPorts;
  /** Takes over a leg's audio. Ports of our own `rtp` stay inside their worker thread; others are carried frame by frame. */
  attach(port: AudioPort): MediaLeg;
}
