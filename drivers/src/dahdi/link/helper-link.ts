import type { Clock, Log } from "@sitebox/core/kernel";
import type { ByteStream } from "../../line/index.ts";
import { encodeAudio, encodeControl, FrameReader } from "../protocol/index.ts";

const ANSWER_MS = 5_000;
const PING_EVERY_MS = 5_000;
/** Sound that the socket has not taken: a helper that stands still costs at most a second of it. */
const MAX_UNSENT_FRAMES = 50;

/** What the helper refused, as its word, e.g. "busy", "no-dahdi", "permission", "unsupported"; "lost" where it is gone. */
export class HelperError extends Error {
  override name = "HelperError";
  readonly fault: string;

  constructor(fault: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

export interface ChannelInfo {
  readonly channel: number;
  readonly kind: "fxo" | "fxs" | "clear" | "other";
  readonly inUse: boolean;
  /** "red", "yellow", "blue" or "other"; undefined where all is well. */
  readonly alarm: string | undefined;
  readonly name: string;
}

/** Hears what an open channel says. */
export interface ChannelListener {
  /** The words behind "event", or "lost <n>". */
  event(words: readonly string[]): void;
  audio(samples: Int16Array): void;
}

interface Question {
  /** Takes a frame's words; true when the answer is whole. */
  readonly take: (words: readonly string[]) => boolean;
  readonly fail: (error: HelperError) => void;
}

export interface LinkDeps {
  readonly clock: Clock;
  readonly log: Log;
}

const KINDS: readonly ChannelInfo["kind"][] = ["fxo", "fxs", "clear", "other"];

function channelInfo(words: readonly string[]): ChannelInfo {
  const [, channel = "", kindWord, use, alarm, ...name] = words;
  const kind = KINDS.find((one) => one === kindWord) ?? "other";
  return {
    channel: Number(channel),
    kind,
    inUse: use === "in-use",
    alarm: alarm === "ok" ? undefined : alarm,
    name: name.join(" "),
  };
}

/** A connection to the helper: questions and their answers, which come in the order of the questions, and what it says by itself. */
export class HelperLink implements AsyncDisposable {
  readonly #stream: ByteStream;
  readonly #deps: LinkDeps;
  readonly #questions = new Map<number, Question[]>();
  readonly #listeners = new Map<number, ChannelListener>();
  readonly #lost = Promise.withResolvers<string>();
  readonly #timers = new Set<Disposable>();
  #over: HelperError | undefined;
  #unsent = 0;
  #dropped = 0;
  /** As it calls itself. */
  version = "";

  constructor(stream: ByteStream, deps: LinkDeps) {
    this.#stream = stream;
    this.#deps = deps;
  }

  /** Takes over the stream and greets the helper. Rejects with {@link HelperError} where it is not one, or one of another time. */
  static async open(stream: ByteStream, deps: LinkDeps): Promise<HelperLink> {
    const link = new HelperLink(stream, deps);
    void link.#read();
    try {
      const answer = await link.ask(0, "hello 1");
      if (answer[0] !== "hello" || answer[1] !== "1")
        throw new HelperError("version", `the helper does not speak version 1 but says ${answer.join(" ")}`);
      link.version = answer.slice(2).join(" ");
    } catch (error) {
      await link[Symbol.asyncDispose]();
      throw error;
    }
    link.#watch();
    return link;
  }

  /** Resolves with the reason when the helper is gone, does not answer, or says what is no protocol. */
  get lost(): Promise<string> {
    return this.#lost.promise;
  }

  /** Frames of ours that were not sent because the helper did not take them. */
  get dropped(): number {
    return this.#dropped;
  }

  async channels(): Promise<readonly ChannelInfo[]> {
    const found: ChannelInfo[] = [];
    await this.#question(0, "channels", (words) => {
      if (words[0] === "channel") found.push(channelInfo(words));
      return words[0] !== "channel";
    });
    return found;
  }

  /** Says something and answers what the helper answers. Rejects with {@link HelperError} for "failed …", or when the link is lost. */
  ask(channel: number, text: string): Promise<readonly string[]> {
    return this.#question(channel, text, () => true);
  }

  /** Tells `listener` what the channel says by itself until the result is disposed. */
  listen(channel: number, listener: ChannelListener): Disposable {
    this.#listeners.set(channel, listener);
    return {
      [Symbol.dispose]: () => {
        if (this.#listeners.get(channel) === listener) this.#listeners.delete(channel);
      },
    };
  }

  /** Sends 20 ms of sound. */
  send(channel: number, samples: Int16Array): void {
    if (this.#over) return;
    if (this.#unsent >= MAX_UNSENT_FRAMES) {
      this.#dropped += 1;
      return;
    }
    this.#unsent += 1;
    void this.#write(encodeAudio(channel, samples)).finally(() => {
      this.#unsent -= 1;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lose("closed by the driver");
    await this.#stream[Symbol.asyncDispose]();
  }

  #question(channel: number, text: string, take: Question["take"]): Promise<readonly string[]> {
    if (this.#over) return Promise.reject(this.#over);
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const timer = this.#after(ANSWER_MS, () => this.#lose(`the helper did not answer "${text.split(" ")[0]}"`));
    const waiting = this.#questions.get(channel) ?? [];
    this.#questions.set(channel, waiting);
    waiting.push({
      take: (words) => {
        if (words[0] !== "failed" && !take(words)) return false;
        timer[Symbol.dispose]();
        if (words[0] !== "failed") resolve(words);
        else
          reject(new HelperError(words[1] ?? "error", `the helper refused "${text.split(" ")[0]}": ${words.slice(1).join(" ")}`));
        return true;
      },
      fail: (error) => {
        timer[Symbol.dispose]();
        reject(error);
      },
    });
    void this.#write(encodeControl(channel, text));
    return promise;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#stream.write(bytes);
    } catch (cause) {
      this.#lose("the helper cannot be written to", cause);
    }
  }

  async #read(): Promise<void> {
    const reader = new FrameReader();
    try {
      for await (const chunk of this.#stream.chunks)
        for (const frame of reader.read(chunk)) {
          if (frame.type === "audio") this.#listeners.get(frame.channel)?.audio(frame.samples);
          else this.#hear(frame.channel, frame.words);
        }
      this.#lose("the helper ended the connection");
    } catch (cause) {
      this.#lose(cause instanceof Error ? cause.message : "the connection to the helper broke", cause);
    }
    await this.#stream[Symbol.asyncDispose]();
  }

  #hear(channel: number, words: readonly string[]): void {
    if (words[0] === "event" || words[0] === "lost") {
      this.#listeners.get(channel)?.event(words[0] === "event" ? words.slice(1) : words);
      return;
    }
    const waiting = this.#questions.get(channel);
    if (!waiting?.[0]) this.#deps.log.debug("the helper answered what nobody asked", { channel, word: words[0] });
    else if (waiting[0].take(words)) waiting.shift();
  }

  /** A helper that stands still is as good as gone; the question's own time limit tells. */
  #watch(): void {
    this.#after(PING_EVERY_MS, () => {
      this.ask(0, "ping").then(
        () => this.#watch(),
        () => {},
      );
    });
  }

  #after(ms: number, task: () => void): Disposable {
    if (this.#over) return { [Symbol.dispose]: () => {} };
    const timer = this.#deps.clock.after(ms, () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
    return {
      [Symbol.dispose]: () => {
        this.#timers.delete(timer);
        timer[Symbol.dispose]();
      },
    };
  }

  #lose(reason: string, cause?: unknown): void {
    if (this.#over) return;
    this.#over = new HelperError("lost", reason, { cause });
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#timers.clear();
    for (const waiting of this.#questions.values()) for (const question of waiting) question.fail(this.#over);
    this.#questions.clear();
    this.#lost.resolve(reason);
    void this.#stream[Symbol.asyncDispose]();
  }
}
