import { EventEmitter } from "node:events";
import type { SiteConfig, TextMessage, TextsConfig, Ticket, TicketChange } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { WebError } from "@sitebox/core/web";
import type { IncomingText, TextReport } from "@sitebox/drivers/line";
import type { BoxDatabase, BoxTransaction } from "../db/index.ts";
import { readWritten, type Vocabulary } from "../dialog/index.ts";
import type { Tickets } from "../tickets/index.ts";
import { IncomingTexts } from "./incoming-texts.ts";
import { numberOf } from "./senders.ts";
import { type TextLines, TextQueue } from "./text-queue.ts";
import { isRefused, type OutgoingText, putOut, type TextRow, toText } from "./text-rows.ts";
import { languageOf, whatOf, words } from "./words.ts";

export interface TextsDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: TextsConfig;
  readonly site: Pick<SiteConfig, "name">;
  readonly vocabulary: Vocabulary;
  readonly tickets: Pick<Tickets, "open" | "get" | "command" | "events">;
  readonly lines: TextLines & {
    /** Lines that carry texts, the ones that can send now first. */
    carriers(): readonly string[];
    isOwn(number: string): boolean;
  };
}

export interface TextsEvents {
  /** A text is as this says, on disk. */
  textChanged: [TextMessage];
}

/** Text messages of the site: requests that come in as texts, and what the box and its people write. */
export class Texts implements AsyncDisposable {
  readonly events = new EventEmitter<TextsEvents>();
  readonly #deps: TextsDeps;
  readonly #log: Log;
  readonly #queue: TextQueue;
  readonly #incoming: IncomingTexts;
  readonly #telling = new Set<Promise<void>>();
  readonly #onTicket = (ticket: Ticket, { type }: TicketChange) => {
    if (type !== "finished" || ticket.channel !== "sms" || ticket.callerNumber === undefined) return;
    const telling: Promise<void> = this.#tellDone(ticket)
      .catch((err: unknown) => this.#log.error("who asked by text could not be told that it is done", { ticket: ticket.id, err }))
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  };

  constructor(deps: TextsDeps) {
    const { vocabulary, config, lines } = deps;
    this.#deps = deps;
    this.#log = deps.log.child("texts");
    const own = { ...deps, log: this.#log, onChanged: (row: TextRow) => this.#changed(row) };
    this.#queue = new TextQueue(own);
    this.#incoming = new IncomingTexts({
      ...own,
      answersPerHour: config.answersPerHour,
      isOwn: (number) => lines.isOwn(number),
      read: (texts) => readWritten(texts, vocabulary),
      onAnswer: () => this.#queue.wake(),
    });
  }

  async start(): Promise<void> {
    await this.#queue.start();
    await this.#incoming.start();
    if (this.#deps.config.tellWhenDone) this.#deps.tickets.events.on("ticketChanged", this.#onTicket);
  }

  /** Stores a text that a line has, and deals with it afterwards. */
  take(line: string, text: IncomingText): Promise<void> {
    return this.#incoming.take(line, text);
  }

  report(line: string, report: TextReport): Promise<void> {
    return this.#queue.report(line, report);
  }

  /** A line has come up: what waits for it can go. */
  lineChanged(): void {
    this.#queue.wake();
  }

  /** The newest first. */
  list(limit: number): Promise<TextMessage[]> {
    return this.#deps.db.read(async (r) =>
      (await r.selectFrom("text_message").selectAll().orderBy("seq", "desc").limit(limit).execute()).map(toText),
    );
  }

  /** Rejects with fault "not-found" or "unavailable" where no line carries it, "not-allowed" where that number wants no texts. */
  send({
    to,
    text,
    line,
  }: {
    readonly to: string;
    readonly text: string;
    readonly line?: string | undefined;
  }): Promise<TextMessage> {
    const carriers = this.#deps.lines.carriers();
    const by = line ?? carriers[0];
    if (by === undefined) throw new WebError("no-line-for-texts");
    if (!carriers.includes(by)) throw new WebError("line-without-texts");
    return this.#put({ line: by, port: null, number: numberOf(to), text, purpose: "desk" });
  }

  find(id: string): Promise<TextMessage | undefined> {
    return this.#deps.db.read(async (r) => {
      const row = await r.selectFrom("text_message").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toText(row);
    });
  }

  /**
   * Writes back to whoever wrote a text that came in: by the line and the socket that it came by, by another one only where that line is no more.
   * Rejects as {@link send} does, with fault "not-found" also for what is no such text.
   */
  async answer(id: string, text: string): Promise<TextMessage> {
    const { db, lines } = this.#deps;
    const asked = await db.read((r) =>
      r.selectFrom("text_message").selectAll().where("id", "=", id).where("direction", "=", "in").executeTakeFirst(),
    );
    // A sender with a name, as banks have, is nobody to write to.
    if (!asked || !/^\+?\d+$/.test(asked.number)) throw new WebError("no-such-text");
    const carriers = lines.carriers();
    const same = carriers.includes(asked.line);
    const line = same ? asked.line : carriers[0];
    if (line === undefined) throw new WebError("no-line-for-texts");
    const { number, ticket_id: ticketId } = asked;
    return this.#put({ line, port: same ? asked.port : null, number, text, purpose: "desk", ticketId });
  }

  /** Sends a sentence of ours by that line; rejects as {@link send} does. */
  test(line: string, to: string): Promise<TextMessage> {
    if (!this.#deps.lines.carriers().includes(line)) throw new WebError("line-without-texts");
    const text = words("test", "zh-CN", { site: this.#deps.site.name });
    return this.#put({ line, port: null, number: numberOf(to), text, purpose: "test" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deps.tickets.events.off("ticketChanged", this.#onTicket);
    await Promise.all(this.#telling);
    await this.#incoming[Symbol.asyncDispose]();
    await this.#queue[Symbol.asyncDispose]();
  }

  async #put(text: OutgoingText): Promise<TextMessage> {
    const { db, clock } = this.#deps;
    const row = await db.transact(async (tx) => {
      if (await isRefused(tx, text.number)) throw new WebError("texts-unwanted");
      return putOut(tx, clock.now(), text);
    });
    this.#changed(row);
    this.#queue.wake();
    return toText(row);
  }

  /** Once, by the line that the request came by. */
  async #tellDone(ticket: Ticket): Promise<void> {
    const { db, clock } = this.#deps;
    const row = await db.transact(async (tx) => {
      const about = await tx.selectFrom("text_message").selectAll().where("ticket_id", "=", ticket.id).orderBy("seq").execute();
      const number = numberOf(ticket.callerNumber ?? "");
      const asked = about.find(({ direction }) => direction === "in") ?? (await newestOf(tx, number));
      if (about.some(({ purpose }) => purpose === "done") || (await isRefused(tx, number))) return undefined;
      const line = asked?.line ?? this.#deps.lines.carriers()[0];
      if (line === undefined) return undefined;
      const language = languageOf(ticket.said ?? asked?.text ?? "");
      const what = ticket.kind === "message" ? undefined : whatOf(ticket, language);
      const text =
        what === undefined
          ? words("done-message", language, { number: ticket.number })
          : words("done", language, { number: ticket.number, what });
      return putOut(tx, clock.now(), { line, port: asked?.port ?? null, number, text, purpose: "done", ticketId: ticket.id });
    });
    if (!row) return;
    this.#changed(row);
    this.#queue.wake();
  }

  #changed(row: TextRow): void {
    this.events.emit("textChanged", toText(row));
  }
}

/** One text may have made several tickets, and is noted beside the first. */
const newestOf = (tx: BoxTransaction, number: string): Promise<TextRow | undefined> =>
  tx
    .selectFrom("text_message")
    .selectAll()
    .where("number", "=", number)
    .where("direction", "=", "in")
    .where("purpose", "=", "request")
    .orderBy("seq", "desc")
    .executeTakeFirst();

/** Opens the site's texts; lines may bring and take them from then on. */
export async function openTexts(deps: TextsDeps): Promise<Texts> {
  const texts = new Texts(deps);
  await texts.start();
  return texts;
}
