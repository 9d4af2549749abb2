import { type Transferable, Worker } from "node:worker_threads";
import type { Log } from "@sitebox/core/kernel";
import { type Digit, FRAME_SAMPLES } from "@sitebox/drivers/line";
import type { HeardFrame } from "./media.ts";
import { MediaError } from "./media-error.ts";
import { type FrameBatch, type FromWorker, type Questions, type Recorded, rtpWorkerUrl, type ToWorker } from "./worker/index.ts";

/** What a worker tells about one of its legs. */
export interface LegEvents {
  onHeard(frame: HeardFrame): void;
  onSpoken(frame: Int16Array): void;
  onDigit(digit: Digit): void;
  onSoundEnded(sound: number, outcome: "finished" | "stopped", playedMs: number): void;
  onSoundWants(sound: number): void;
  onRecorded(recording: number, recorded: Recorded): void;
  /** Nothing more will be told: the leg failed, or the whole worker died. */
  onLost(): void;
}

/** One worker thread, seen from the main thread: questions and answers, and what it tells about its legs. */
export class WorkerHost implements AsyncDisposable {
  readonly #thread: Worker;
  readonly #log: Log;
  readonly #legs = new Map<number, LegEvents>();
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<void>();
  #wasReady = false;
  #questions = 0;
  #state: "running" | "closing" | "dead" = "running";

  /** `onDeath` is called when the thread ends unasked; it tells whether it had ever come up. */
  constructor(log: Log, onDeath: (wasReady: boolean) => void) {
    this.#log = log;
    // Whoever does not wait for it learns of its death all the same.
    this.#ready.promise.catch(() => undefined);
    this.#thread = new Worker(rtpWorkerUrl, { name: "sitebox-rtp" });
    this.#thread.on("message", (message: FromWorker) => this.#take(message));
    this.#thread.on("error", (err) => this.#log.error("an RTP worker failed", { err }));
    this.#thread.on("exit", (code) => {
      if (this.#state === "running") this.#log.error("an RTP worker died", { code, legs: this.#legs.size });
      const expected = this.#state === "closing";
      this.#state = "dead";
      for (const waiting of this.#waiting.values()) waiting.reject(new MediaError("leg-ended", "the leg's RTP worker has ended"));
      this.#waiting.clear();
      for (const leg of this.#legs.values()) leg.onLost();
      this.#legs.clear();
      this.#gone.resolve();
      this.#ready.reject(new MediaError("leg-ended", "the RTP worker ended before it was up"));
      if (!expected) onDeath(this.#wasReady);
    });
  }

  /** Resolves when the thread takes messages; rejects with {@link MediaError} where it ends before that. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get isAlive(): boolean {
    return this.#state === "running";
  }

  get legCount(): number {
    return this.#legs.size;
  }

  /** Reserves a place for a leg and its events. */
  add(leg: number, events: LegEvents): void {
    this.#legs.set(leg, events);
  }

  remove(leg: number): void {
    this.#legs.delete(leg);
  }

  tell(message: Exclude<ToWorker, { type: "ask" }>): void {
    if (this.isAlive) this.#thread.postMessage(message);
  }

  /** Asks and waits. Rejects with {@link MediaError}: "refused" by the worker, "leg-ended" where it has died. */
  async ask<K extends keyof Questions>(
    what: K,
    args: Questions[K]["args"],
    transfer: Transferable[] = [],
  ): Promise<Questions[K]["answer"]> {
    if (!this.isAlive) throw new MediaError("leg-ended", "the leg's RTP worker has ended");
    const id = ++this.#questions;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#thread.postMessage({ type: "ask", id, what, args }, transfer);
    return (await answer.promise) as Questions[K]["answer"];
  }

  /** Ends the thread as a crash would; for tests of what follows. */
  async kill(): Promise<void> {
    await this.#thread.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "running") this.#state = "closing";
    await this.#thread.terminate();
    await this.#gone.promise;
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#wasReady = true;
        this.#ready.resolve();
        break;
      case "answer":
        this.#settle(message.id)?.resolve(message.answer);
        break;
      case "refused":
        this.#settle(message.id)?.reject(new MediaError("refused", message.message));
        break;
      case "heard":
        for (const { leg, slot, frame } of apart(message)) this.#legs.get(leg)?.onHeard({ samples: frame, atMs: slot * 20 });
        break;
      case "spoken":
        for (const { leg, frame } of apart(message)) this.#legs.get(leg)?.onSpoken(frame);
        break;
      case "digit":
        this.#legs.get(message.leg)?.onDigit(message.digit);
        break;
      case "soundEnded":
        this.#legs.get(message.leg)?.onSoundEnded(message.sound, message.outcome, message.playedMs);
        break;
      case "soundWants":
        this.#legs.get(message.leg)?.onSoundWants(message.sound);
        break;
      case "recorded":
        this.#legs.get(message.leg)?.onRecorded(message.recording, message.recorded);
        break;
      case "lost":
        this.#legs.get(message.leg)?.onLost();
        this.#legs.delete(message.leg);
        break;
      case "log":
        this.#log[message.level](message.message, message.fields);
        break;
    }
  }

  #settle(id: number): PromiseWithResolvers<unknown> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

function* apart({ legs, slots, samples }: FrameBatch) {
  for (const [n, leg] of legs.entries())
    yield { leg, slot: slots[n] ?? 0, frame: samples.slice(n * FRAME_SAMPLES, (n + 1) * FRAME_SAMPLES) };
}
