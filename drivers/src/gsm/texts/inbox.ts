import type { Clock, Log } from "@sitebox/core/kernel";
import type { IncomingText } from "../../line/index.ts";
import { type Assembled, assemble, type Deliver, decodeIncoming, PduError, type StatusReport } from "../pdu/index.ts";
import type { StoredMessage, TextStore } from "./store.ts";

/** A text that lacks parts so long is told as it is. */
const INCOMPLETE_MS = 24 * 3_600_000;
/** A memory that is nearly full takes no part any more that would complete a text, so what lacks parts is told; but not while it comes in. */
const FULL = 0.9;
const COMING_IN_MS = 5 * 60_000;
/** The network wants to know within some 15 s that a text was taken, or it sends it again. */
const ACKNOWLEDGE_MS = 8_000;
const MOST_DONE = 2_000;

/** A message that is part of a text, and where it is. */
interface Carrier {
  readonly hex: string;
  /** Absent: the modem has told it at once and does not keep it. */
  readonly stored?: StoredMessage;
  readonly acknowledge?: () => Promise<void>;
  readonly deliver: Deliver;
  /** When it was seen first: a count, and by the monotonic clock. */
  readonly order: number;
  readonly seenAt: number;
}

export interface InboxDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly incoming: (text: IncomingText) => void;
  readonly report: (report: StatusReport) => void;
  /** After every look: whether the fullest memory is nearly full. */
  readonly nearlyFull: (is: boolean) => void;
}

const keyOf = ({ memory, index, hex }: StoredMessage) => `${memory ?? ""}:${index}:${hex}`;

/**
 * Texts that come in. They stay in the modem until they are stored with us: what is deleted is only what the last look found and nobody but
 * we deletes, one thing at a time.
 */
export class Inbox {
  readonly #store: TextStore;
  readonly #deps: InboxDeps;
  /** Looks and deletions follow each other, so that no place is deleted that has been filled anew. */
  #turn: Promise<void> = Promise.resolve();
  #carriers: readonly Carrier[] = [];
  readonly #direct: Carrier[] = [];
  /** Texts that were told and are not stored yet, with what carries them. */
  readonly #told = new Map<string, readonly Carrier[]>();
  /** Messages whose text is stored: copies of them are deleted, not told. */
  readonly #done = new Set<string>();
  /** Messages that cannot be read, with how often they were seen so. */
  #unreadable = new Map<string, number>();
  #order = 0;
  #full = false;

  constructor(store: TextStore, deps: InboxDeps) {
    this.#store = store;
    this.#deps = deps;
  }

  /** Looks what the modem has and tells what is new. Rejects where the modem does not answer. */
  sweep(): Promise<void> {
    return this.#serially(async () => {
      const { messages, fullness } = await this.#store.list();
      const nearlyFull = fullness >= FULL;
      if (nearlyFull && !this.#full)
        this.#deps.log.warn("the modem's store of texts is nearly full", { percent: Math.round(fullness * 100) });
      this.#full = nearlyFull;
      this.#deps.nearlyFull(nearlyFull);
      await this.#sort(messages);
      this.#tell();
    });
  }

  /** A message that the modem told at once ("+CMT: …" or "+CDS: …" with the PDU behind it). */
  take(hex: string): Promise<void> {
    return this.#serially(async () => {
      const pdu = this.#decode(hex);
      // What cannot be read is not acknowledged: the network sends it again.
      if (!pdu) return;
      if (pdu.type === "status-report" || pdu.silent || this.#done.has(hex)) {
        if (pdu.type === "status-report") this.#deps.report(pdu);
        await this.#store.acknowledge();
        return;
      }
      const carrier: Carrier = {
        hex,
        deliver: pdu,
        order: ++this.#order,
        seenAt: this.#deps.clock.monotonic(),
        acknowledge: this.#acknowledgement(),
      };
      this.#direct.push(carrier);
      this.#tell();
      const waits = [...this.#told.values()].some((carriers) => carriers.includes(carrier));
      // The next part comes only when this one was acknowledged.
      if (!waits) await carrier.acknowledge?.();
    });
  }

  /** Acknowledges once: when it is asked to, or when the network would not wait longer. */
  #acknowledgement(): () => Promise<void> {
    let acknowledged = false;
    const acknowledge = async () => {
      timer[Symbol.dispose]();
      if (acknowledged) return;
      acknowledged = true;
      await this.#store.acknowledge();
    };
    const timer = this.#deps.clock.after(ACKNOWLEDGE_MS, () => {
      // Where the modem is gone, the network sends the text again.
      this.#serially(acknowledge).catch(() => {});
    });
    this.#deps.signal.addEventListener("abort", () => timer[Symbol.dispose](), { once: true });
    return acknowledge;
  }

  /** Takes out what is no text or is done with, and remembers the rest. */
  async #sort(messages: readonly StoredMessage[]): Promise<void> {
    const known = new Map(this.#carriers.map((carrier) => [carrier.stored && keyOf(carrier.stored), carrier]));
    const fresh: Omit<Carrier, "order">[] = [];
    const kept: Carrier[] = [];
    const unreadable = new Map<string, number>();
    for (const stored of messages.filter(({ received }) => received)) {
      const key = keyOf(stored);
      const old = known.get(key);
      const pdu = old?.deliver ?? this.#decode(stored.hex, this.#unreadable.has(key));
      if (!pdu) unreadable.set(key, (this.#unreadable.get(key) ?? 0) + 1);
      if (!pdu && !(this.#full && (unreadable.get(key) ?? 0) > 1)) continue;
      if (pdu?.type === "status-report") this.#deps.report(pdu);
      if (!pdu || pdu.type === "status-report" || pdu.silent || this.#done.has(stored.hex)) await this.#store.remove(stored);
      else if (old) kept.push({ ...old, stored });
      else fresh.push({ hex: stored.hex, stored, deliver: pdu, seenAt: this.#deps.clock.monotonic() });
    }
    // Places are filled anew in any order; what came together is told by the network's clock.
    fresh.sort((one, other) => (one.deliver.sentAt ?? 0) - (other.deliver.sentAt ?? 0));
    this.#carriers = [...kept, ...fresh.map((carrier) => ({ ...carrier, order: ++this.#order }))];
    this.#unreadable = unreadable;
  }

  #decode(hex: string, quietly = false): Deliver | StatusReport | undefined {
    try {
      return decodeIncoming(hex);
    } catch (err) {
      if (!(err instanceof PduError)) throw err;
      if (!quietly) this.#deps.log.error("a text in the modem cannot be read", { err, pii: { pdu: hex } });
      return undefined;
    }
  }

  #tell(): void {
    const messages = [...this.#carriers, ...this.#direct]
      .sort((one, other) => one.order - other.order)
      .map((carrier) => ({ deliver: carrier.deliver, carrier }));
    const texts = assemble(messages);
    const early = this.#full ? texts.find((text) => text.missing > 0 && this.#ageMs(text) >= COMING_IN_MS) : undefined;
    for (const text of texts) {
      const { id, missing, carriers, from } = text;
      const told = this.#told.has(id);
      if (told) this.#told.set(id, carriers);
      if (told || (missing > 0 && text !== early && !this.#isOverdue(text))) continue;
      this.#told.set(id, carriers);
      if (missing > 0) this.#deps.log.warn("a text is told without parts that did not come", { missing, pii: { from } });
      this.#deps.incoming(this.#asIncoming(text));
    }
  }

  #ageMs({ carriers }: Assembled<Carrier>): number {
    return this.#deps.clock.monotonic() - Math.max(...carriers.map(({ seenAt }) => seenAt));
  }

  /** By the network's clock too, as the box may have been off; but clocks are wrong at times, so not by it alone. */
  #isOverdue(text: Assembled<Carrier>): boolean {
    const newestAt = Math.max(...text.carriers.map(({ deliver }) => deliver.sentAt ?? 0));
    const sinceSent = newestAt > 0 ? this.#deps.clock.now() - newestAt : 0;
    return this.#ageMs(text) >= COMING_IN_MS && Math.max(this.#ageMs(text), sinceSent) >= INCOMPLETE_MS;
  }

  #asIncoming({ id, from, text, sentAt }: Assembled<Carrier>): IncomingText {
    let done: Promise<void> | undefined;
    return {
      id,
      from,
      text,
      sentAt: sentAt ?? this.#deps.clock.now(),
      stored: () => (done ??= this.#stored(id)),
    };
  }

  async #stored(id: string): Promise<void> {
    try {
      await this.#serially(async () => {
        const carriers = this.#told.get(id) ?? [];
        this.#told.delete(id);
        for (const { hex } of carriers) this.#done.add(hex);
        for (const hex of this.#done) if (this.#done.size > MOST_DONE) this.#done.delete(hex);
        this.#carriers = this.#carriers.filter((carrier) => !carriers.includes(carrier));
        for (const carrier of carriers) {
          if (carrier.stored) await this.#store.remove(carrier.stored);
          else {
            this.#direct.splice(this.#direct.indexOf(carrier), 1);
            await carrier.acknowledge?.();
          }
        }
      });
    } catch (err) {
      // The modem is gone or given up: the text is told again by the next one.
      this.#deps.log.debug("a stored text could not be deleted", { err });
    }
  }

  #serially(task: () => Promise<void>): Promise<void> {
    const { signal } = this.#deps;
    const done = this.#turn.then(async () => {
      signal.throwIfAborted();
      await task();
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}
