import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import type { WireMessage } from "@sitebox/drivers/line";
import type { BoxDatabase } from "../../db/index.ts";
import { readMessage } from "./read-message.ts";
import { withoutSecrets } from "./redact.ts";

export interface CallTracesDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
}

/** A call of a day has some twenty messages; what a storm of retransmissions adds explains nothing more. */
const MOST_MESSAGES = 500;
const MOST_BYTES = 256 * 1_024;
const WRITE_EVERY_MS = 1_000;
/** A dialog that nobody of the box took part in is forgotten so long after its last message. */
const UNCLAIMED_MS = 60_000;
/** Dialogs whose messages are not written yet: a flood of strangers must not fill the memory. */
const MOST_UNCLAIMED = 1_000;
const RING_MESSAGES = 300;
const RING_MESSAGE_BYTES = 8_192;

/** Rows of one insert. */
const ROWS = 200;

interface Dialog {
  /** Not written yet. */
  waiting: WireMessage[];
  messages: number;
  bytes: number;
  lastAt: number;
}

/**
 * Signalling of every call, kept so that somebody can be told why. It is written in batches off the call's way, without secrets; what belongs
 * to no call (registrations, strangers) is kept in memory only.
 */
export class CallTraces implements AsyncDisposable {
  readonly #deps: CallTracesDeps;
  /** Dialogs that are worth keeping: the box called, or answered more than a refusal. */
  readonly #claimed = new Map<string, Dialog>();
  readonly #unclaimed = new Map<string, Dialog>();
  readonly #ring: WireMessage[] = [];
  readonly #closing = new AbortController();
  readonly #writing: Promise<void>;
  #last: Promise<void> = Promise.resolve();

  constructor(deps: CallTracesDeps) {
    this.#deps = deps;
    this.#writing = supervise("call traces", (signal) => this.#keepWriting(signal), { ...deps, signal: this.#closing.signal });
  }

  /** Takes a message as it goes over the wire. Never throws, never waits. */
  take(message: WireMessage): void {
    const { method, status } = readMessage(message.bytes);
    const { wireId } = message;
    const known = wireId === undefined ? undefined : (this.#claimed.get(wireId) ?? this.#unclaimed.get(wireId));
    if (wireId === undefined || (!known && method !== "INVITE")) {
      this.#remember(message);
      return;
    }
    const dialog = known ?? { waiting: [], messages: 0, bytes: 0, lastAt: 0 };
    dialog.lastAt = this.#deps.clock.monotonic();
    const isOurs = status === undefined || (status > 100 && status < 300);
    if (method === "INVITE" && message.direction === "out" && isOurs) this.#claim(wireId, dialog);
    else if (!known) this.#unclaimed.set(wireId, dialog);
    if (dialog.messages < MOST_MESSAGES && dialog.bytes + message.bytes.length <= MOST_BYTES) {
      dialog.messages++;
      dialog.bytes += message.bytes.length;
      dialog.waiting.push({ ...message, bytes: withoutSecrets(message.bytes) });
    }
    const [oldest] = this.#unclaimed;
    if (oldest && this.#unclaimed.size > MOST_UNCLAIMED) this.#drop(...oldest);
  }

  /** The newest messages that belong to no call, oldest first. */
  recent(): readonly WireMessage[] {
    return this.#ring;
  }

  /** The messages of a call by the line's own names of its legs, in the order in which they went. */
  async find(wireIds: readonly string[]): Promise<WireMessage[]> {
    if (wireIds.length === 0) return [];
    await this.flush();
    const rows = await this.#deps.db.read((r) =>
      r.selectFrom("wire_message").selectAll().where("wire_id", "in", wireIds).orderBy("seq").execute(),
    );
    const stored = rows.map(
      ({ at, direction, transport, local, remote, wire_id, bytes }): WireMessage => ({
        at,
        direction,
        transport,
        local,
        remote,
        wireId: wire_id,
        bytes: new Uint8Array(bytes),
      }),
    );
    const unclaimed = wireIds.flatMap((id) => this.#unclaimed.get(id)?.waiting ?? []);
    return [...stored, ...unclaimed].sort((a, b) => a.at - b.at);
  }

  /** Writes what waits. A message that cannot be written (a full disk) is given up: the call matters more. */
  flush(): Promise<void> {
    this.#last = this.#last.then(() => this.#write());
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    await this.flush();
  }

  async #keepWriting(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#deps.clock.sleep(WRITE_EVERY_MS, signal);
      await this.flush();
      await this.tidy();
    }
  }

  async #write(): Promise<void> {
    const rows = [...this.#claimed].flatMap(([wireId, dialog]) => {
      const { waiting } = dialog;
      dialog.waiting = [];
      return waiting.map(({ at, direction, transport, local, remote, bytes }) => ({
        wire_id: wireId,
        at,
        direction,
        transport,
        local,
        remote,
        bytes: Buffer.from(bytes),
      }));
    });
    if (rows.length === 0) return;
    try {
      await this.#deps.db.transact(async (tx) => {
        for (let at = 0; at < rows.length; at += ROWS)
          await tx
            .insertInto("wire_message")
            .values(rows.slice(at, at + ROWS))
            .execute();
      });
    } catch (err) {
      this.#deps.log.warn("signalling could not be stored; the calls go on", { messages: rows.length, err });
    }
  }

  /** Forgets dialogs that are over. A refused call has a record, and so a leg: what is old is looked up before it goes. */
  async tidy(): Promise<void> {
    const oldest = this.#deps.clock.monotonic() - UNCLAIMED_MS;
    const isOld = ([, { lastAt }]: [string, Dialog]) => lastAt < oldest;
    const strangers = [...this.#unclaimed].filter(isOld);
    const withLegs = await this.#legsWith(strangers.map(([id]) => id));
    for (const [id, dialog] of strangers) {
      if (withLegs.has(id)) this.#claim(id, dialog);
      else this.#drop(id, dialog);
    }
    await this.flush();
    const calls = [...this.#claimed].filter(isOld).map(([id]) => id);
    // A dialog that is up may be quiet for half an hour: its count goes on until its leg has ended.
    const up = await this.#legsWith(calls, true);
    for (const id of calls) if (!up.has(id)) this.#claimed.delete(id);
  }

  async #legsWith(wireIds: readonly string[], thatAreUp = false): Promise<ReadonlySet<string>> {
    if (wireIds.length === 0) return new Set();
    const rows = await this.#deps.db.read((r) => {
      const legs = r.selectFrom("call_leg").select("wire_id").where("wire_id", "in", wireIds);
      return (thatAreUp ? legs.where("ended_at", "is", null) : legs).execute();
    });
    return new Set(rows.flatMap(({ wire_id }) => wire_id ?? []));
  }

  #claim(id: string, dialog: Dialog): void {
    this.#unclaimed.delete(id);
    this.#claimed.set(id, dialog);
  }

  #drop(id: string, { waiting }: Dialog): void {
    this.#unclaimed.delete(id);
    for (const message of waiting) this.#remember(message);
  }

  #remember(message: WireMessage): void {
    this.#ring.push({ ...message, bytes: withoutSecrets(message.bytes.slice(0, RING_MESSAGE_BYTES)) });
    if (this.#ring.length > RING_MESSAGES) this.#ring.shift();
  }
}
