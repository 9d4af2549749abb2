import type { Clock, Log } from "@sitebox/core/kernel";
import { interruptible, type TextOutcome } from "../../line/index.ts";
import type { AtChannel } from "../at/index.ts";
import { type Content, encodeSubmit, PduError, splitText } from "../pdu/index.ts";
import { type Refusal, refusalOf } from "./refusals.ts";

/** Of one text: 670 Chinese characters, or 1,530 Latin ones. Each part costs as a text of its own. */
export const MOST_PARTS = 10;
/** How long the network tries to deliver. */
const VALIDITY_MINUTES = 24 * 60;
/** Waits before a part is sent again where parts before it have gone: half a text is worth the time. */
const PART_RETRY_MS = [2_000, 8_000, 20_000];
/** So long, a text that got stuck goes on where it stopped when it is sent again. */
const RESUME_MS = 10 * 60_000;
const MOST_STUCK = 50;

export interface OutboxDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The line is given up. */
  readonly signal: AbortSignal;
  /** A status report for each part is wanted. */
  readonly reports: boolean;
  /** Resolves when the modem was set up for texts, or failed to be. */
  readonly ready: Promise<void>;
  /** A text has gone out in parts with these references (TP-MR). Answers what its reports will be told by. */
  readonly sent: (to: string, references: readonly number[]) => string;
}

interface Progress {
  /** Of the concatenation: the same for all parts. */
  readonly reference: number;
  /** TP-MR of the parts that have gone. */
  readonly gone: number[];
  readonly at: number;
}

const failed = ({ reason, retry }: Refusal): TextOutcome => ({ type: "failed", reason, retry });

/** Texts that go out, one after the other. */
export class Outbox {
  readonly #at: AtChannel;
  readonly #deps: OutboxDeps;
  #turn: Promise<unknown>;
  #reference: number;
  readonly #stuck = new Map<string, Progress>();

  constructor(at: AtChannel, deps: OutboxDeps) {
    this.#at = at;
    this.#deps = deps;
    this.#turn = deps.ready;
    // Not from 0 after each start: a telephone would put parts of two texts together.
    this.#reference = Math.floor(deps.clock.now() / 1_000) & 0xff;
  }

  async send(to: string, text: string, signal: AbortSignal): Promise<TextOutcome> {
    const number = to.replace(/[ ()-]/g, "");
    const contents = splitText(text);
    if (contents.length > MOST_PARTS) {
      return failed({ reason: `the text needs ${contents.length} parts, ${MOST_PARTS} is the most`, retry: false });
    }
    const before = this.#turn;
    const mine = Promise.withResolvers<void>();
    this.#turn = before.then(() => mine.promise);
    const either = AbortSignal.any([signal, this.#deps.signal]);
    try {
      await interruptible(before, either);
      return await this.#send(number, text, contents, either);
    } catch (error) {
      if (error instanceof PduError) return failed({ reason: error.message, retry: false });
      if (this.#deps.signal.aborted) return failed({ reason: "the line is closed", retry: true });
      if (signal.aborted) return failed({ reason: "it was given up", retry: true });
      return failed(refusalOf(error));
    } finally {
      mine.resolve();
    }
  }

  async #send(to: string, text: string, contents: readonly Content[], signal: AbortSignal): Promise<TextOutcome> {
    const key = JSON.stringify([to, text]);
    const progress = this.#progressOf(key);
    try {
      while (progress.gone.length < contents.length) {
        const refusal = await this.#sendPart(to, contents, progress, signal);
        if (refusal) return failed(refusal);
      }
    } finally {
      const { length } = progress.gone;
      if (length > 0 && length < contents.length) this.#stuck.set(key, { ...progress, at: this.#deps.clock.monotonic() });
    }
    const parts = contents.length;
    if (!this.#deps.reports) return { type: "sent", parts };
    return { type: "sent", parts, reference: this.#deps.sent(to, progress.gone) };
  }

  /** Where a text stands: at its beginning, or where it got stuck. */
  #progressOf(key: string): Progress {
    const now = this.#deps.clock.monotonic();
    for (const [one, { at }] of this.#stuck) if (now - at > RESUME_MS || this.#stuck.size > MOST_STUCK) this.#stuck.delete(one);
    const stuck = this.#stuck.get(key);
    this.#stuck.delete(key);
    if (stuck) return stuck;
    this.#reference = (this.#reference + 1) & 0xff;
    return { reference: this.#reference, gone: [], at: now };
  }

  /** Sends the next part. Answers why it does not go, after it was tried more than once where parts before it have gone. */
  async #sendPart(
    to: string,
    contents: readonly Content[],
    { reference, gone }: Progress,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    const content = contents[gone.length];
    if (!content) throw new TypeError("all parts have gone");
    const concatenation = { reference, total: contents.length, part: gone.length + 1 };
    const { hex, length } = encodeSubmit({
      to,
      report: this.#deps.reports,
      validityMinutes: VALIDITY_MINUTES,
      content,
      ...(contents.length > 1 && { concatenation }),
    });
    for (let tries = 0; ; tries++) {
      try {
        const answer = await interruptible(this.#at.send(`+CMGS=${length}`, { payload: hex, signal }), this.#deps.signal);
        gone.push(Number(/\+CMGS: ?(\d+)/.exec(answer.join(" "))?.[1] ?? 0));
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        const refusal = refusalOf(error);
        const { reason, retry } = refusal;
        this.#deps.log.warn("a text was refused", { reason, part: gone.length + 1, of: contents.length, pii: { to } });
        const waitMs = PART_RETRY_MS[tries];
        if (!retry || gone.length === 0 || waitMs === undefined) return refusal;
        await this.#deps.clock.sleep(waitMs, signal);
      }
    }
  }
}
