import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Clock, Log } from "@sitebox/core/kernel";
import { type Digit, FRAME_SAMPLES } from "@sitebox/drivers/line";
import type { HeardFrame, MediaEvent, Recorded } from "./media.ts";
import { MediaError } from "./media-error.ts";
import {
  type FrameBatch,
  type FromWorker,
  type LegMessage,
  Outbox,
  type Questions,
  rtpWorkerUrl,
  type ToWorker,
} from "./worker/index.ts";

/** What a worker tells about one of its legs. */
export interface LegEvents {
  onHeard(frame: HeardFrame): void;
  onSpoken(frame: Int16Array): void;
  onDigit(digit: Digit): void;
  onEvent(event: MediaEvent): void;
  onSoundEnded(sound: number, outcome: "finished" | "stopped", playedMs: number): void;
  onSoundWants(sound: number): void;
  onRecorded(recording: number, recorded: Recorded): void;
  /** Nothing more will be told: the leg failed, or the whole worker died. */
  onLost(): void;
}

export interface WorkerDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** What the datagrams between the workers of one media plane begin with. */
  readonly token: Uint8Array;
  /** Where the compiled code of the worker is kept between starts. */
  readonly codeCacheDir: string | undefined;
  /** Called when the process ends unasked; tells whether it had ever come up. */
  readonly onDeath: (wasReady: boolean) => void;
  /** Called when its last leg has left. */
  readonly onIdle: () => void;
}

/** A worker is asked for a sign of life this often, and is killed when none has come for so many turns: two seconds. */
const PING_MS = 500;
const MAX_UNANSWERED = 4;
/** How long the recordings of a worker that is let go may take to be finished. */
const FINISH_MS = 5_000;
/** What a worker says before it crashes is logged up to this length. */
const MAX_LAST_WORDS = 4_000;

/** One worker process, seen from the main process: questions and answers, and what it tells about its legs. */
export class WorkerHost implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onDeath: WorkerDeps["onDeath"];
  readonly #onIdle: WorkerDeps["onIdle"];
  readonly #outbox: Outbox<ToWorker>;
  readonly #legs = new Map<number, LegEvents>();
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<number>();
  #wasReady = false;
  #questions = 0;
  #unanswered = 0;
  #pinging: Disposable | undefined;
  #lastWords = "";
  #state: "running" | "closing" | "dead" = "running";

  constructor({ clock, log, token, codeCacheDir, onDeath, onIdle }: WorkerDeps) {
    this.#onDeath = onDeath;
    this.#onIdle = onIdle;
    this.#clock = clock;
    this.#log = log;
    // Whoever does not wait for it learns of its death all the same.
    this.#ready.promise.catch(() => undefined);
    const child = fork(fileURLToPath(rtpWorkerUrl), [], {
      serialization: "advanced",
      execArgv: [],
      env: codeCacheDir === undefined ? {} : { NODE_COMPILE_CACHE: codeCacheDir },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#process = child;
    this.#outbox = new Outbox((message, taken) => child.send(message, taken));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-MAX_LAST_WORDS);
    });
    child.on("message", (message) => this.#take(message as FromWorker));
    child.on("error", (err) => {
      log.error("an RTP worker failed", { err });
      if (child.pid === undefined) this.#end(null, null);
    });
    child.on("exit", (code, signal) => this.#end(code, signal));
    this.#outbox.send({ type: "start", token });
  }

  /** Resolves with the port that other workers send to when the process takes messages; rejects with {@link MediaError} where it ends before. */
  get ready(): Promise<number> {
    return this.#ready.promise;
  }

  get isReady(): boolean {
    return this.#wasReady && this.isAlive;
  }

  get isAlive(): boolean {
    return this.#state === "running";
  }

  get legCount(): number {
    return this.#legs.size;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Reserves a place for a leg and its events. */
  add(leg: number, events: LegEvents): void {
    this.#legs.set(leg, events);
  }

  remove(leg: number): void {
    if (this.#legs.delete(leg) && this.#legs.size === 0 && this.isAlive) this.#onIdle();
  }

  tell(message: LegMessage | { type: "openFrames"; leg: number }): void {
    if (this.isAlive) this.#outbox.send(message);
  }

  /** Tells a frame, which is dropped where the worker does not keep up. */
  offer(message: Extract<LegMessage, { type: "heard" | "write" }>): void {
    if (this.isAlive) this.#outbox.offer(message);
  }

  /** Asks and waits. Rejects with {@link MediaError}: "refused" by the worker, "leg-ended" where it has died. */
  async ask<K extends keyof Questions>(what: K, args: Questions[K]["args"]): Promise<Questions[K]["answer"]> {
    if (!this.isAlive) throw new MediaError("leg-ended", "the leg's RTP worker has ended");
    const id = ++this.#questions;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#outbox.send({ type: "ask", id, what, args } as ToWorker);
    return (await answer.promise) as Questions[K]["answer"];
  }

  /** Ends the process as a crash would. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#gone.promise;
  }

  /** Lets the worker finish its recordings and end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "running") {
      this.#state = "closing";
      if (this.#process.connected) this.#process.disconnect();
    }
    using _deadline = this.#clock.after(FINISH_MS, () => this.#process.kill("SIGKILL"));
    await this.#gone.promise;
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#state === "dead") return;
    const asked = this.#state === "closing";
    this.#state = "dead";
    this.#pinging?.[Symbol.dispose]();
    if (!asked)
      this.#log.error("an RTP worker died", { code, signal, pid: this.pid, legs: this.#legs.size, stderr: this.#lastWords });
    for (const waiting of this.#waiting.values()) waiting.reject(new MediaError("leg-ended", "the leg's RTP worker has ended"));
    this.#waiting.clear();
    for (const leg of this.#legs.values()) leg.onLost();
    this.#legs.clear();
    this.#gone.resolve();
    this.#ready.reject(new MediaError("leg-ended", "the RTP worker ended before it was up"));
    if (!asked) this.#onDeath(this.#wasReady);
  }

  /** Turns are counted, not time: while this process itself is held up, no answer is missing. */
  #ping(): void {
    this.#pinging = this.#clock.after(PING_MS, () => {
      if (!this.isAlive) return;
      if (this.#unanswered >= MAX_UNANSWERED) {
        this.#log.error("an RTP worker does not answer and is killed", { pid: this.pid, legs: this.#legs.size });
        this.#process.kill("SIGKILL");
        return;
      }
      this.#unanswered++;
      this.#outbox.send({ type: "ping" });
      this.#ping();
    });
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#wasReady = true;
        this.#ready.resolve(message.linkPort);
        this.#ping();
        break;
      case "pong":
        this.#unanswered = 0;
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
      case "event":
        this.#legs.get(message.leg)?.onEvent(message.event);
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
