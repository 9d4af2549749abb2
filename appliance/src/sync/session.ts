import { type BoxId, type Control, type Hello, type SyncClass, topics } from "@sitebox/core/contract";
import { Channel, type Clock, type Log } from "@sitebox/core/kernel";
import { batchOf, payloadOf } from "./encode.ts";
import type { Link } from "./link.ts";
import {
  type Books,
  type Credits,
  choose,
  noCredits,
  offline,
  type Sender,
  type SenderEffect,
  type SenderEvent,
  step,
} from "./machine.ts";
import type { OutboxStore } from "./outbox-store.ts";

export interface SessionDeps {
  readonly box: BoxId;
  readonly tenant: string;
  readonly software: string;
  readonly boot: string;
  readonly personalData: boolean;
  readonly timeQuality: () => "ntp" | "rtc" | "floor";
  readonly store: OutboxStore;
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  /** Something on its way for longer than this without an acknowledgement is asked for again. */
  readonly stallMs: number;
  readonly limit: { readonly items: number; readonly bytes: number };
  /** The highest number sent of each stream in this boot; outlives the session. */
  readonly sentBefore: Map<SyncClass, number>;
  readonly nextBatch: () => number;
  /** Headquarters said where it stands: the box is in touch. */
  readonly onGreeted: () => void;
  /** Headquarters has committed more; the rows are deleted. */
  readonly onAcked: () => void;
  readonly onRetryAfter: (ms: number) => void;
}

type Input = { readonly type: "connected" } | { readonly type: "control"; readonly control: Control } | { readonly type: "look" };

/** Runs the sending machine over one connection: everything that happens goes through one queue, one after another. */
export class Session {
  readonly #deps: SessionDeps;
  readonly #inputs = new Channel<Input>(100_000);
  readonly #acked = new Map<SyncClass, number>();
  #sender: Sender = offline;
  #books: Books;
  #credits: Credits = noCredits;
  #epoch: string;
  #looking = false;
  #heardAt: number;

  constructor(deps: SessionDeps, start: { books: Books; epoch: string }) {
    this.#deps = deps;
    this.#books = start.books;
    this.#epoch = start.epoch;
    this.#heardAt = deps.clock.monotonic();
  }

  /** The outbox may have grown. */
  look(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#inputs.push({ type: "look" });
  }

  /** Resolves when the connection has ended or the signal aborts. Rejects when the box's own storage fails. */
  async run(signal: AbortSignal): Promise<void> {
    const end = () => this.#inputs.close();
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    const listening = this.#listen();
    this.#inputs.push({ type: "connected" });
    try {
      for await (const input of this.#inputs) {
        if (signal.aborted) return;
        await this.#take(input);
        await this.#fill();
      }
      if (!signal.aborted) await listening;
    } finally {
      signal.removeEventListener("abort", end);
      this.#inputs.close();
    }
  }

  async #listen(): Promise<void> {
    for await (const control of this.#deps.link.controls) {
      this.#heardAt = this.#deps.clock.monotonic();
      this.#inputs.push({ type: "control", control });
    }
    this.#inputs.close();
  }

  async #understood(control: Control): Promise<SenderEvent | undefined> {
    if (control.kind === "retry-after") {
      this.#deps.onRetryAfter(control.ms);
      return undefined;
    }
    // What belongs to numbers of before is about other things with the same numbers.
    if (control.epoch !== this.#epoch) return undefined;
    switch (control.kind) {
      case "ack":
        return { type: "ack", stream: control.stream, upto: control.upto };
      case "resend":
        return { type: "resend", stream: control.stream, from: control.from };
      case "cursors":
        this.#books = await this.#deps.store.books();
        return { type: "cursors", cursors: control.cursors, books: this.#books };
    }
  }

  async #take(input: Input): Promise<void> {
    if (input.type === "look") {
      this.#looking = false;
      this.#books = await this.#deps.store.books();
      const { clock, stallMs } = this.#deps;
      const waits = this.#sender.state === "greeting" || (this.#sender.state === "sending" && this.#sender.flights.length > 0);
      if (waits && clock.monotonic() - this.#heardAt > stallMs) await this.#step({ type: "stalled" });
      return;
    }
    const event = input.type === "control" ? await this.#understood(input.control) : input;
    if (event) await this.#step(event);
  }

  async #step(event: SenderEvent): Promise<void> {
    const before = this.#sender;
    const { next, effects } = step(before, event);
    this.#sender = next;
    for (const effect of effects) await this.#carryOut(effect);
    await this.#flushAcks();
    if (before.state === "greeting" && next.state === "sending") this.#deps.onGreeted();
  }

  async #carryOut(effect: SenderEffect): Promise<void> {
    const { store, log } = this.#deps;
    switch (effect.type) {
      case "hello":
        this.#heardAt = this.#deps.clock.monotonic();
        return await this.#hello();
      case "forget":
        this.#acked.set(effect.stream, effect.upto);
        return;
      case "mourn":
        log.error("headquarters has lost what it had acknowledged", { ...effect });
        return await store.drop(effect.stream, effect, "lost by headquarters");
      case "begin-epoch":
        log.warn("headquarters knows more of this box than the box itself, numbers begin anew", {});
        this.#epoch = await store.beginEpoch();
        this.#books = await store.books();
        this.#deps.sentBefore.clear();
        return await this.#hello();
    }
  }

  async #flushAcks(): Promise<void> {
    if (this.#acked.size === 0) return;
    await this.#deps.store.forget(this.#acked);
    this.#acked.clear();
    this.#deps.onAcked();
  }

  async #hello(): Promise<void> {
    const { box, tenant, software, boot } = this.#deps;
    const hello: Hello = { v: 1, kind: "hello", box, epoch: this.#epoch, boot, software };
    this.#publish(topics(tenant, box).hello, await payloadOf(hello));
  }

  /** Sends until the window is full or nothing waits. */
  async #fill(): Promise<void> {
    for (;;) {
      const chosen = choose(this.#sender, this.#books, this.#credits);
      if (!chosen || this.#sender.state !== "sending") return;
      const { stream } = chosen;
      const { store, limit, box, tenant, boot, clock, sentBefore, nextBatch, personalData, timeQuality } = this.#deps;
      const rows = await store.after(stream, this.#sender.streams[stream].sent, limit);
      const last = rows.at(-1);
      // Given out, dropped and acknowledged in between: the books are looked at again.
      if (!last) {
        this.#books = { ...this.#books, [stream]: { ...this.#books[stream], last: this.#sender.streams[stream].sent } };
        continue;
      }
      this.#credits = chosen.credits;
      const batch = batchOf(stream, rows, {
        box,
        epoch: this.#epoch,
        boot,
        n: nextBatch(),
        now: clock.now(),
        sentBefore: sentBefore.get(stream) ?? 0,
        timeQuality: timeQuality(),
        personalData,
      });
      this.#publish(topics(tenant, box).up(stream), await payloadOf(batch));
      sentBefore.set(stream, Math.max(sentBefore.get(stream) ?? 0, last.seq));
      if (this.#sender.flights.length === 0) this.#heardAt = clock.monotonic();
      await this.#step({ type: "sent", stream, to: last.seq });
    }
  }

  /** The PUBACK means nothing to us; a publish that fails is the end of the connection, and that ends the session. */
  #publish(topic: string, payload: Buffer): void {
    this.#deps.link.publish(topic, payload).catch((err: unknown) => {
      this.#deps.log.debug("a message was not taken before the connection ended", { topic, err });
    });
  }
}
