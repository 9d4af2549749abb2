import type { LogFields } from "@sitebox/core/kernel";
import type { Digit, RtpRemote } from "@sitebox/drivers/line";
import type { MediaEvent, MediaStats, Recorded } from "../media.ts";

/** What the main process asks a worker and waits for. */
export interface Questions {
  /** Binds a socket for a leg; refused with `inUse` where the port is taken. */
  openRtp: { args: { leg: number; address: string; port: number }; answer: { bound: true; ssrc: number } | { bound: false } };
  flush: { args: { leg: number }; answer: null };
  /** A leg hears another of the same worker. */
  hear: { args: { leg: number; link: number; other: number }; answer: null };
  /** A leg hears what another worker sends under the link's number. */
  hearFar: { args: { leg: number; link: number }; answer: null };
  /** What a leg's far end says goes to the worker that receives at `port`. */
  tellFar: { args: { leg: number; link: number; port: number }; answer: null };
  unlink: { args: { leg: number; link: number }; answer: null };
  record: { args: { leg: number; recording: number; file: string }; answer: null };
  pauseRecording: { args: { leg: number; recording: number; paused: boolean }; answer: null };
  stopRecording: { args: { leg: number; recording: number }; answer: Recorded };
  stats: { args: { leg: number }; answer: MediaStats };
  close: { args: { leg: number }; answer: MediaStats };
}

type Question = { [K in keyof Questions]: { type: "ask"; id: number; what: K; args: Questions[K]["args"] } }[keyof Questions];

export type ToWorker =
  /** The first message: what the datagrams between this box's workers begin with. */
  | { type: "start"; token: Uint8Array }
  /** Answered at once by a worker that is well. */
  | { type: "ping" }
  | Question
  | { type: "openFrames"; leg: number }
  | LegMessage;

/** What a leg of the worker is told without waiting. */
export type LegMessage =
  | { type: "connect"; leg: number; remote: RtpRemote }
  /** A frame of a leg whose sound arrives in the main process. */
  | { type: "heard"; leg: number; samples: Int16Array }
  /** A frame from the port's own writer, to be sent behind the earlier ones. */
  | { type: "write"; leg: number; samples: Int16Array }
  /** Keys to be pressed towards the far end. */
  | { type: "press"; leg: number; digits: readonly Digit[] }
  | { type: "play"; leg: number; sound: number; samples: Int16Array; complete: boolean }
  | { type: "feed"; leg: number; sound: number; samples: Int16Array; complete: boolean }
  | { type: "stopSound"; leg: number; sound: number }
  | { type: "listen"; leg: number; on: boolean };

/** Frames of several legs in one message: frame n is `samples[n · 160 …]`, of leg `legs[n]` at the leg's slot `slots[n]`. */
export interface FrameBatch {
  readonly legs: readonly number[];
  readonly slots: readonly number[];
  readonly samples: Int16Array<ArrayBuffer>;
}

export type FromWorker =
  /** Told once, when the worker takes messages; other workers send to it at `linkPort`. */
  | { type: "ready"; linkPort: number }
  | { type: "pong" }
  | { type: "answer"; id: number; answer: Questions[keyof Questions]["answer"] }
  | { type: "refused"; id: number; message: string }
  | ({ type: "heard" } & FrameBatch)
  /** Frames to be written to the ports of legs whose sound goes through the main process. */
  | ({ type: "spoken" } & FrameBatch)
  | { type: "digit"; leg: number; digit: Digit }
  | { type: "event"; leg: number; event: Exclude<MediaEvent, { type: "lost" }> }
  | { type: "soundEnded"; leg: number; sound: number; outcome: "finished" | "stopped"; playedMs: number }
  | { type: "soundWants"; leg: number; sound: number }
  | { type: "recorded"; leg: number; recording: number; recorded: Recorded }
  /** The leg failed in the worker and is closed. */
  | { type: "lost"; leg: number }
  | { type: "log"; level: "debug" | "info" | "warn" | "error"; message: string; fields: LogFields };
