import type { MessagePort } from "node:worker_threads";
import type { LogFields } from "@sitebox/core/kernel";
import type { Digit, RtpRemote } from "@sitebox/drivers/line";
import type { MediaStats } from "../media.ts";

/** What the main thread asks a worker and waits for. */
export interface Questions {
  /** Binds a socket for a leg; refused with `inUse` where the port is taken. */
  openRtp: { args: { leg: number; address: string; port: number }; answer: { bound: true; ssrc: number } | { bound: false } };
  flush: { args: { leg: number }; answer: null };
  bridge: { args: { leg: number; other: number }; answer: null };
  /** Bridges to a leg of another worker, whose frames come and go through the port. */
  bridgeAcross: { args: { leg: number; port: MessagePort }; answer: null };
  unbridge: { args: { leg: number }; answer: null };
  record: { args: { leg: number; recording: number; file: string }; answer: null };
  stopRecording: { args: { leg: number; recording: number }; answer: Recorded };
  stats: { args: { leg: number }; answer: MediaStats };
  close: { args: { leg: number }; answer: MediaStats };
}

/** What is on disk of a recording. */
export interface Recorded {
  readonly durationMs: number;
  readonly bytes: number;
}

type Question = { [K in keyof Questions]: { type: "ask"; id: number; what: K; args: Questions[K]["args"] } }[keyof Questions];

export type ToWorker = Question | { type: "openFrames"; leg: number } | LegMessage;

/** What a leg of the worker is told without waiting. */
export type LegMessage =
  | { type: "connect"; leg: number; remote: RtpRemote }
  /** A frame of a leg whose sound arrives in the main thread. */
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
  /** Told once, when the worker takes messages. */
  | { type: "ready" }
  | { type: "answer"; id: number; answer: Questions[keyof Questions]["answer"] }
  | { type: "refused"; id: number; message: string }
  | ({ type: "heard" } & FrameBatch)
  /** Frames to be written to the ports of legs whose sound goes through the main thread. */
  | ({ type: "spoken" } & FrameBatch)
  | { type: "digit"; leg: number; digit: Digit }
  | { type: "soundEnded"; leg: number; sound: number; outcome: "finished" | "stopped"; playedMs: number }
  | { type: "soundWants"; leg: number; sound: number }
  | { type: "recorded"; leg: number; recording: number; recorded: Recorded }
  /** The leg failed in the worker and is closed. */
  | { type: "lost"; leg: number }
  | { type: "log"; level: "debug" | "info" | "warn" | "error"; message: string; fields: LogFields };
