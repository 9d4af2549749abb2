import type { Ticket, TicketDraft } from "@sitebox/core/contract";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import type { IncomingText } from "@sitebox/drivers/line";
import type { BoxDatabase, BoxTransaction } from "../db/index.ts";
import type { Written } from "../dialog/index.ts";
import type { Tickets } from "../tickets/index.ts";
import { activeOf, openedFor, sameBefore } from "./earlier.ts";
import { isService, numberOf, wishOf } from "./senders.ts";
import { answerFor, type Plan, planFor } from "./text-answers.ts";
import { ageOf, isRefused, type OutgoingText, putOut, type TextRow } from "./text-rows.ts";
import { isBoxes } from "./words.ts";

export interface IncomingTextsDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  /** To one number, so that two machines do not go on answering each other. */
  readonly answersPerHour: number;
  /** Whether a number is one of our own lines. */
  isOwn(number: string): boolean;
  read(texts: readonly string[]): Written;
  readonly tickets: Pick<Tickets, "open" | "get" | "command">;
  onChanged(row: TextRow): void;
  /** A text is to go out. */
  onAnswer(): void;
}

const ANSWER_MS = 1_800_000;
const HOUR_MS = 3_600_000;
/** What could not be dealt with (a full disk) is tried again this often. */
const AGAIN_MS = 30_000;
const LONGEST_NOTE = 500;

type AnswerPurpose = Extract<OutgoingText["purpose"], "answer" | "emergency">;

/** Texts that came in: on disk before the line forgets them, then a ticket, a question back, or nothing where no person wrote. */
export class IncomingTexts implements AsyncDisposable {
  readonly #deps: IncomingTextsDeps;
  readonly #stopping = new AbortController();
  /** Texts whose tickets may have been opened without that being written down beside the text. */
  readonly #tried = new Set<string>();
  /** Until when a question may be answered, monotonic ms, by the number that was asked. */
  readonly #answerBy = new Map<string, number>();
  #wake = Promise.withResolvers<void>();
  #job: Promise<void> | undefined;

  constructor(deps: IncomingTextsDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { clock, log } = this.#deps;
    for (const { id } of await this.#unhandled()) this.#tried.add(id);
    const { signal } = this.#stopping;
    this.#job = supervise("texts in", () => this.#run(signal), { clock, log, signal });
  }

  /** Stores a text once, however often the line tells it. It is on disk when this resolves. */
  async take(line: string, text: IncomingText): Promise<void> {
    const { db, clock, log } = this.#deps;
    const number = numberOf(text.from);
    const service = isService(text.from, text.text);
    const row: TextRow = {
      id: crypto.randomUUID(),
      line,
      port: text.port ?? null,
      wire_id: text.id,
      direction: "in",
      number,
      text: text.text,
      state: "received",
      reason: null,
      purpose: service ? "service" : "request",
      at: clock.now(),
      handled: service ? 1 : 0,
      attempts: 0,
      next_at: null,
      settled_at: null,
      reference: null,
      ticket_id: null,
    };
    const { numInsertedOrUpdatedRows } = await db.transact((tx) =>
      tx
        .insertInto("text_message")
        .values(row)
        .onConflict((conflict) => conflict.columns(["line", "wire_id"]).where("wire_id", "is not", null).doNothing())
        .executeTakeFirst(),
    );
    await text.stored();
    if (!numInsertedOrUpdatedRows) return;
    log.info("a text came in", { text: row.id, line, purpose: row.purpose, pii: { from: number } });
    this.#deps.onChanged(row);
    this.#wake.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#wake.resolve();
    await this.#job;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const woken = Promise.withResolvers<void>();
      this.#wake = woken;
      const againInMs = await this.#look(signal);
      using _timer = this.#deps.clock.after(againInMs, () => woken.resolve());
      await woken.promise;
    }
  }

  async #look(signal: AbortSignal): Promise<number> {
    const { db, clock, log } = this.#deps;
    let failed = false;
    for (const row of await this.#unhandled()) {
      if (signal.aborted) return AGAIN_MS;
      try {
        await this.#handle(row);
      } catch (err) {
        // The text stays where it is: one that cannot be dealt with does not stand in the way of the others.
        failed = true;
        this.#tried.add(row.id);
        log.error("a text could not be dealt with, it is tried again", { text: row.id, err });
      }
    }
    const questions = await db.read((r) => r.selectFrom("text_question").selectAll().orderBy("asked_at").execute());
    const now = clock.monotonic();
    let againInMs = HOUR_MS;
    for (const { number, asked_at } of questions) {
      const answerBy = this.#answerBy.get(number) ?? now + ANSWER_MS - ageOf(asked_at, clock.now());
      this.#answerBy.set(number, answerBy);
      if (answerBy > now) againInMs = Math.min(againInMs, answerBy - now);
      else if (!(await this.#unanswered(number))) failed = true;
    }
    return failed ? Math.min(AGAIN_MS, againInMs) : againInMs;
  }

  #unhandled(): Promise<TextRow[]> {
    return this.#deps.db.read((r) => r.selectFrom("text_message").selectAll().where("handled", "=", 0).orderBy("seq").execute());
  }

  async #handle(row: TextRow): Promise<void> {
    const { db, clock } = this.#deps;
    const wish = wishOf(row.text);
    if (wish !== undefined) return this.#done(row, null, (tx) => keepWish(tx, row.number, wish, clock.now()));
    if (isBoxes(row.text) || this.#deps.isOwn(row.number)) return this.#done(row, null);
    const before = await sameBefore(db, row);
    if (before) return this.#done(row, before.ticket_id);
    const question = await db.read((r) =>
      r.selectFrom("text_question").selectAll().where("number", "=", row.number).executeTakeFirst(),
    );
    const texts = [...(question ? [question.text] : []), row.text];
    const mayAsk = question === undefined && (await db.transact((tx) => this.#mayAnswer(tx, row.number)));
    const written = this.#deps.read(texts);
    const open = written.type === "person" && written.cancels ? await this.#whole(await activeOf(db, row.number)) : [];
    const plan = planFor({ texts, number: row.number, written, mayAsk, open });
    if (plan.type === "ask") {
      await this.#done(row, null, async (tx) => {
        const { number, line, port, text } = row;
        await tx.insertInto("text_question").values({ number, line, port, text, asked_at: clock.now() }).execute();
        return this.#answer(tx, row, plan.answer, null);
      });
      this.#answerBy.set(row.number, clock.monotonic() + ANSWER_MS);
      return;
    }
    const { tickets, answer } = await this.#carryOut(row, plan);
    const [first] = tickets;
    await this.#done(row, first?.id ?? null, async (tx) => {
      await this.#closeQuestion(tx, row.number);
      return this.#answer(tx, row, answer, first?.id ?? null, plan.type === "tickets" && plan.emergency ? "emergency" : "answer");
    });
  }

  async #carryOut(row: TextRow, plan: Exclude<Plan, { type: "ask" }>): Promise<{ tickets: readonly Ticket[]; answer: string }> {
    if (plan.type === "tickets") {
      const tickets = await this.#open(row, plan.drafts);
      return { tickets, answer: answerFor(tickets, plan, row.text) };
    }
    const cancel = { action: "cancel", commandId: row.id, note: row.text.slice(0, LONGEST_NOTE) } as const;
    const ticket = await this.#deps.tickets.command(plan.ticket.id, cancel, { name: "assistant", role: "agent" });
    return { tickets: [ticket], answer: plan.answer };
  }

  #closeQuestion(tx: BoxTransaction, number: string): Promise<unknown> {
    this.#answerBy.delete(number);
    return tx.deleteFrom("text_question").where("number", "=", number).execute();
  }

  /** Nobody said what was asked for: a person does it. False where that has to be tried again. */
  async #unanswered(number: string): Promise<boolean> {
    const { db, log, tickets, read } = this.#deps;
    const asked = await db.read((r) =>
      r
        .selectFrom("text_message")
        .selectAll()
        .where("number", "=", number)
        .where("purpose", "=", "request")
        .orderBy("seq", "desc")
        .executeTakeFirst(),
    );
    const close = (tx: BoxTransaction) => this.#closeQuestion(tx, number);
    try {
      // Its time may be over in between (retention): then there is nothing left to do anything about.
      const texts = asked ? [asked.text] : [];
      const plan = planFor({ texts, number, written: read(texts), mayAsk: false, open: [] });
      const [draft] = plan.type === "tickets" ? plan.drafts : [];
      if (!asked || !draft || plan.type !== "tickets") {
        await db.transact(close);
        return true;
      }
      const ticket = await tickets.open(draft);
      await this.#done(asked, ticket.id, async (tx) => {
        await close(tx);
        return this.#answer(tx, asked, answerFor([ticket], plan, asked.text), ticket.id);
      });
      return true;
    } catch (err) {
      log.error("a question that nobody answered could not become a ticket, it is tried again", { err });
      return false;
    }
  }

  /** Opens the tickets of a text; those that an attempt before this one has opened are taken for them. */
  async #open(row: TextRow, drafts: readonly TicketDraft[]): Promise<Ticket[]> {
    const known = this.#tried.has(row.id) ? await this.#whole(await openedFor(this.#deps.db, row, drafts[0]?.said ?? "")) : [];
    const tickets = [...known];
    this.#tried.add(row.id);
    for (const draft of drafts.slice(known.length)) tickets.push(await this.#deps.tickets.open(draft));
    return tickets;
  }

  #whole(ids: readonly Ticket["id"][]): Promise<Ticket[]> {
    return Promise.all(ids.map((id) => this.#deps.tickets.get(id)));
  }

  /** Writes down what became of a text, and tells of it and of its answer once that is on disk. */
  async #done(
    row: TextRow,
    ticket: TextRow["ticket_id"],
    also?: (tx: BoxTransaction) => Promise<TextRow | undefined>,
  ): Promise<void> {
    const { db, onChanged, onAnswer } = this.#deps;
    const answer = await db.transact(async (tx) => {
      await tx.updateTable("text_message").set({ handled: 1, ticket_id: ticket }).where("id", "=", row.id).execute();
      return also?.(tx);
    });
    this.#tried.delete(row.id);
    if (ticket !== null) onChanged({ ...row, handled: 1, ticket_id: ticket });
    if (!answer) return;
    onChanged(answer);
    onAnswer();
  }

  async #answer(
    tx: BoxTransaction,
    row: TextRow,
    text: string,
    ticketId: TextRow["ticket_id"],
    purpose: AnswerPurpose = "answer",
  ): Promise<TextRow | undefined> {
    if (!(await this.#mayAnswer(tx, row.number, purpose))) return undefined;
    const { line, port, number } = row;
    return putOut(tx, this.#deps.clock.now(), { line, port, number, text, purpose, ticketId });
  }

  /** Calls for help are answered beyond what other texts have used up, and also to somebody who wants no texts: he has just asked for one. */
  async #mayAnswer(tx: BoxTransaction, number: string, purpose: AnswerPurpose = "answer"): Promise<boolean> {
    const { clock, answersPerHour } = this.#deps;
    if (purpose === "answer" && (await isRefused(tx, number))) return false;
    const now = clock.now();
    const answers = await tx
      .selectFrom("text_message")
      .select("id")
      .where("number", "=", number)
      .where("purpose", "=", purpose)
      .where("at", ">", now - HOUR_MS)
      // Not those of a clock that was ahead.
      .where("at", "<=", now)
      .execute();
    return answers.length < answersPerHour;
  }
}

async function keepWish(tx: BoxTransaction, number: string, wish: "stop" | "resume", at: number): Promise<undefined> {
  await tx.deleteFrom("text_refusal").where("number", "=", number).execute();
  if (wish === "stop") await tx.insertInto("text_refusal").values({ number, at }).execute();
}
