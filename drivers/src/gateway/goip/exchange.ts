import type { Clock } from "@sitebox/core/kernel";
import { ManagementError } from "../management.ts";
import type { GoipPacket } from "./packets.ts";

export type GoipReply = Extract<GoipPacket, { type: "reply" }>;

export interface Repetition {
  readonly everyMs: number;
  readonly forMs: number;
  /** At most so often in all; as often as fits when absent. */
  readonly times?: number;
}

/** Asks one line of a GoIP under one number: packets get lost either way, so each question is repeated until it is answered. */
export class GoipExchange implements Disposable {
  readonly #clock: Clock;
  readonly #send: (packet: string) => void;
  #take: (reply: GoipReply) => void = () => {};
  readonly #leave: Disposable;

  constructor(deps: {
    readonly clock: Clock;
    readonly send: (packet: string) => void;
    /** Hears every answer under our number until the result is disposed. */
    readonly listen: (take: (reply: GoipReply) => void) => Disposable;
  }) {
    this.#clock = deps.clock;
    this.#send = deps.send;
    this.#leave = deps.listen((reply) => this.#take(reply));
  }

  /** The first answer whose word is among these. Rejects with ManagementError when none comes, or with the signal's reason. */
  async ask(
    packet: string,
    words: readonly string[],
    { everyMs, forMs, times = Number.POSITIVE_INFINITY }: Repetition,
    signal: AbortSignal,
  ): Promise<GoipReply> {
    const answered = Promise.withResolvers<GoipReply>();
    this.#take = (reply) => {
      if (words.includes(reply.word)) answered.resolve(reply);
    };
    signal.throwIfAborted();
    const stop = () => answered.reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    const until = this.#clock.monotonic() + forMs;
    let timer: Disposable | undefined;
    let sent = 0;
    const repeat = () => {
      if (this.#clock.monotonic() >= until)
        return answered.reject(new ManagementError(`no answer for ${forMs / 1_000} s`, { fault: "not-answering" }));
      if (sent < times) this.#send(packet);
      sent += 1;
      timer = this.#clock.after(everyMs, repeat);
    };
    repeat();
    try {
      return await answered.promise;
    } finally {
      timer?.[Symbol.dispose]();
      signal.removeEventListener("abort", stop);
    }
  }

  [Symbol.dispose](): void {
    this.#leave[Symbol.dispose]();
  }
}
