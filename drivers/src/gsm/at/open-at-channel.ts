import type { Clock, Log } from "@sitebox/core/kernel";
import type { ByteStream } from "../../line/index.ts";
import { isAllowed, isPayload } from "./allowed.ts";
import { type AtChannel, AtError, type AtOptions, nameOf } from "./at-channel.ts";
import { type CommandShape, isFinal, isUnsolicited, shapeOf } from "./command.ts";
import { AtTokenizer } from "./tokenizer.ts";

/** Times of a channel, ms. */
export interface AtTimes {
  /** Commands that a modem answers by itself. Those that ask the network have longer times of their own. */
  readonly commandMs: number;
  /** From a command with a payload to "> ". */
  readonly promptMs: number;
  /** The question whether it is still there. */
  readonly pingMs: number;
}

export const usualAtTimes: AtTimes = { commandMs: 10_000, promptMs: 10_000, pingMs: 5_000 };

export interface AtChannelDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly times?: Partial<AtTimes>;
  /** So many waits in a row without an answer, and the modem is lost. */
  readonly mostTimeouts?: number;
}

interface Job {
  readonly command: string;
  readonly options: AtOptions;
  readonly shape: CommandShape;
  readonly done: PromiseWithResolvers<readonly string[]>;
}

type State =
  | { readonly is: "idle" }
  | { readonly is: "running"; readonly job: Job; readonly lines: string[]; timer: Disposable; prompted: boolean }
  /** A command was not answered; what still comes of it is thrown away until the modem answers the ping. */
  | { readonly is: "pinging"; timer: Disposable; pong: boolean; finals: number }
  | { readonly is: "lost" };

/** Its answer cannot be mistaken for that of any other command, and what comes before it is of an earlier one. */
const PING = "+CMEE?";
const PONG = /^\+CMEE: ?\d/;

/**
 * Speaks AT over `stream`, which it owns from now on: disposing the channel disposes the stream.
 * Sources: V.250 §5, 3GPP TS 27.007 §4, 27.005 §3.
 */
export function openAtChannel(stream: ByteStream, deps: AtChannelDeps): AtChannel {
  return new Channel(stream, deps);
}

class Channel implements AtChannel {
  readonly lost: Promise<string>;
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #times: AtTimes;
  readonly #mostTimeouts: number;
  readonly #tokenizer = new AtTokenizer();
  readonly #listeners = new Set<(line: string) => void>();
  readonly #queue: Job[] = [];
  readonly #lose: (reason: string) => void;
  readonly #reading: Promise<void>;
  #state: State = { is: "idle" };
  #timeouts = 0;

  constructor(stream: ByteStream, { clock, log, times, mostTimeouts = 3 }: AtChannelDeps) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.lost = promise;
    this.#lose = resolve;
    this.#stream = stream;
    this.#clock = clock;
    this.#log = log;
    this.#times = { ...usualAtTimes, ...times };
    this.#mostTimeouts = mostTimeouts;
    this.#reading = this.#read();
  }

  async send(command: string, options: AtOptions = {}): Promise<readonly string[]> {
    if (!isAllowed(command) || (options.payload !== undefined && !isPayload(options.payload))) {
      this.#log.error("an AT command was refused: it is none of those that modems are told", { command: nameOf(command) });
      throw new AtError(command, "refused");
    }
    options.signal?.throwIfAborted();
    if (this.#state.is === "lost") throw new AtError(command, "gone");
    const job: Job = { command, options, shape: shapeOf(command, this.#times.commandMs), done: Promise.withResolvers() };
    this.#queue.push(job);
    const giveUp = () => this.#giveUp(job);
    options.signal?.addEventListener("abort", giveUp, { once: true });
    this.#next();
    try {
      return await job.done.promise;
    } finally {
      options.signal?.removeEventListener("abort", giveUp);
    }
  }

  onUnsolicited(listener: (line: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end("closed");
    await this.#stream[Symbol.asyncDispose]();
    await this.#reading;
  }

  /** Takes a command that still waits out of the queue. */
  #giveUp(job: Job): void {
    const at = this.#queue.indexOf(job);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    job.done.reject(job.options.signal?.reason);
  }

  #next(): void {
    if (this.#state.is !== "idle") return;
    const job = this.#queue.shift();
    if (!job) return;
    const { payload, timeoutMs = job.shape.timeoutMs } = job.options;
    const firstMs = payload === undefined ? timeoutMs : Math.min(timeoutMs, this.#times.promptMs);
    this.#state = { is: "running", job, lines: [], timer: this.#clock.after(firstMs, () => this.#timeout()), prompted: false };
    this.#write(`AT${job.command}\r`);
  }

  #write(text: string): void {
    this.#stream.write(Buffer.from(text, "latin1")).catch((error: unknown) => {
      this.#end(error instanceof Error ? error.message : "the port does not take bytes");
    });
  }

  async #read(): Promise<void> {
    let reason = "the port is gone";
    try {
      for await (const chunk of this.#stream.chunks) for (const token of this.#tokenizer.push(chunk)) this.#token(token);
    } catch (error) {
      reason = error instanceof Error ? error.message : reason;
    }
    this.#end(reason);
  }

  #token(token: ReturnType<AtTokenizer["push"]>[number]): void {
    if (token.type === "prompt") this.#prompt();
    else if (token.type === "line") this.#line(token.text);
  }

  #prompt(): void {
    const state = this.#state;
    if (state.is === "lost") return;
    const { payload, timeoutMs } = state.is === "running" ? state.job.options : {};
    if (state.is !== "running" || payload === undefined || state.prompted) {
      // Nobody waits for it: the modem must not take our next command for a text.
      this.#write("\x1b");
      return;
    }
    state.prompted = true;
    state.timer[Symbol.dispose]();
    state.timer = this.#clock.after(timeoutMs ?? state.job.shape.timeoutMs, () => this.#timeout());
    this.#write(`${payload}\x1a`);
  }

  #line(line: string): void {
    const state = this.#state;
    if (state.is === "running" && state.job.shape.isFinal(line)) this.#finish(state, line);
    else if (state.is === "running" && state.job.shape.isInformation(line)) state.lines.push(line);
    else if (state.is === "pinging" && PONG.test(line)) state.pong = true;
    else if (isFinal(line)) {
      // Where no command runs, it belongs to one that was given up.
      if (state.is === "pinging") this.#pingFinal(state);
    } else if (state.is !== "pinging" || isUnsolicited(line) || /^[+^][A-Z]+:/i.test(line)) this.#tell(line);
  }

  #tell(line: string): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(line);
      } catch (err) {
        this.#log.error("a listener to unsolicited lines failed", { err });
      }
    }
  }

  #finish(state: Extract<State, { is: "running" }>, final: string): void {
    state.timer[Symbol.dispose]();
    this.#state = { is: "idle" };
    this.#timeouts = 0;
    const { job, lines } = state;
    // ATD is over as a command with OK or CONNECT; whatever else is an error, with what it says.
    if (final === "OK") job.done.resolve(lines);
    else job.done.reject(new AtError(job.command, final));
    this.#next();
  }

  #timeout(): void {
    const state = this.#state;
    if (state.is === "running") {
      this.#log.warn("a modem did not answer in time", { command: nameOf(state.job.command) });
      state.job.done.reject(new AtError(state.job.command, "timeout"));
      // A modem that would still ask for the text is told that there is none.
      if (state.job.options.payload !== undefined) this.#write("\x1b");
    } else if (state.is === "pinging" && state.finals > 0) {
      // It answers, but does not know the ping: nothing late is to be expected after so long.
      this.#synchronised();
      return;
    }
    if (++this.#timeouts >= this.#mostTimeouts) this.#end(`the modem did not answer ${this.#timeouts} times`);
    else this.#ping();
  }

  #ping(): void {
    this.#state = { is: "pinging", timer: this.#clock.after(this.#times.pingMs, () => this.#timeout()), pong: false, finals: 0 };
    this.#write(`AT${PING}\r`);
  }

  #pingFinal(state: Extract<State, { is: "pinging" }>): void {
    state.finals++;
    if (!state.pong) return;
    state.timer[Symbol.dispose]();
    this.#synchronised();
  }

  #synchronised(): void {
    this.#state = { is: "idle" };
    this.#timeouts = 0;
    this.#next();
  }

  #end(reason: string): void {
    const state = this.#state;
    if (state.is === "lost") return;
    this.#state = { is: "lost" };
    if (state.is !== "idle") state.timer[Symbol.dispose]();
    if (state.is === "running") state.job.done.reject(new AtError(state.job.command, "gone"));
    for (const job of this.#queue.splice(0)) job.done.reject(new AtError(job.command, "gone"));
    this.#listeners.clear();
    this.#lose(reason);
  }
}
