import type { Channel, Clock, Log } from "@sitebox/core/kernel";
import { splitText } from "../../gsm/pdu/index.ts";
import type { TextOutcome, TextReport } from "../../line/index.ts";
import { ManagementError, type OutgoingText } from "../management.ts";
import { type DinstarApi, errorText, type SmsResult } from "./api.ts";

/** The gateway's own queue may be long; what it has not sent by then is taken back. */
const SEND_MS = 120_000;
/** Networks give up what they could not deliver after some days; nobody waits for longer than this. */
const REPORT_MS = 172_800_000;
const MAX_REPORTS = 1_000;
/** As many numbers as one question may name. */
const MAX_NUMBERS = 32;
/** What a repetition does not help: wrongly written, too long. */
const FOR_GOOD = new Set([400, 413]);

export interface OutboxDeps {
  readonly api: DinstarApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => number;
  readonly pollMs: number;
  readonly reports: Channel<TextReport>;
  /** Ends the waiting for what became of a text. */
  readonly closing: AbortSignal;
}

/** A text of which the network is to tell whether it arrived. */
interface Awaited {
  readonly reference: string;
  readonly to: string;
  readonly port: number;
  readonly messageReference: number;
  /** By the gateway's clock, as it writes it. */
  readonly sentTime: string;
  readonly until: number;
}

const CLOSED = "the line was closed before it was told what became of the text";

const failed = (reason: string, retry: boolean): TextOutcome => ({ type: "failed", reason, retry });

/** Sends texts through the gateway and hears what becomes of them. */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #awaited = new Map<string, Awaited>();

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  /** What is being handed over is not given up any more: the gateway might have it. */
  async send({ port, to, text }: OutgoingText): Promise<TextOutcome> {
    const { api, newId, closing } = this.#deps;
    const parts = splitText(text);
    const encoding = parts.every(({ alphabet }) => alphabet === "gsm") ? "gsm-7bit" : "unicode";
    const userId = newId();
    try {
      const { error_code: code = 202, task_id } = await api.sendSms({ port, to, text, encoding, userId }, closing);
      if (code !== 200 && code !== 202) return failed(errorText(code), !FOR_GOOD.has(code));
      return await this.#outcome(userId, { to, taskId: task_id, parts: parts.length });
    } catch (err) {
      if (err instanceof ManagementError) return failed(err.message, true);
      if (closing.aborted) return failed(CLOSED, true);
      throw err;
    }
  }

  /** Asks what became of the texts that are awaited. */
  async poll(signal: AbortSignal): Promise<void> {
    const now = this.#deps.clock.monotonic();
    for (const [key, { until }] of this.#awaited) if (until <= now) this.#awaited.delete(key);
    const numbers = [...new Set([...this.#awaited.values()].map(({ to }) => to))].slice(0, MAX_NUMBERS);
    if (numbers.length === 0) return;
    const told = await this.#deps.api.deliverStatus(numbers, signal);
    for (const { port, number, ref_id, time, status_code } of told) {
      const awaited = this.#awaited.get(keyOf({ port, to: number, messageReference: ref_id }));
      // References count to 255 only: what is older than the text is of another one.
      if (!awaited || time < awaited.sentTime || isStillTrying(status_code)) continue;
      const delivered = status_code < 0x20;
      this.#report(awaited, delivered ? undefined : `the network gave it up with ${status_code}`);
    }
  }

  async #outcome(
    userId: number,
    { to, taskId, parts }: { readonly to: string; readonly taskId: number | undefined; readonly parts: number },
  ): Promise<TextOutcome> {
    const { api, clock, pollMs, closing } = this.#deps;
    const until = clock.monotonic() + SEND_MS;
    while (clock.monotonic() < until) {
      await clock.sleep(pollMs, closing).catch(() => {});
      if (closing.aborted) return failed(CLOSED, true);
      const result = await api.smsResult(userId, closing).catch(noAnswer);
      const outcome = result && this.#settle(result, { to, reference: `${userId}`, parts });
      if (outcome) return outcome;
    }
    if (taskId !== undefined) await api.stopSms(taskId, closing).catch(noAnswer);
    return failed(`the gateway has not sent it for ${SEND_MS / 1_000} s`, true);
  }

  #settle(
    { port, number, time, status, count, ref_id }: SmsResult,
    { to, reference, parts }: { readonly to: string; readonly reference: string; readonly parts: number },
  ): TextOutcome | undefined {
    const word = status.toUpperCase();
    if (/FAIL|ERROR|REJECT/.test(word)) return failed(`the gateway could not send it: ${status}`, true);
    if (word !== "SENT_OK" && word !== "SENT" && word !== "DELIVERED") return undefined;
    const sent: TextOutcome = { type: "sent", parts: count !== undefined && count > 0 ? count : parts };
    if (ref_id === undefined) return sent;
    const until = this.#deps.clock.monotonic() + REPORT_MS;
    const awaited: Awaited = { reference, to: number || to, port, messageReference: ref_id, sentTime: time, until };
    this.#awaited.set(keyOf(awaited), awaited);
    const [oldest] = this.#awaited.keys();
    if (this.#awaited.size > MAX_REPORTS && oldest !== undefined) this.#awaited.delete(oldest);
    return { ...sent, reference };
  }

  #report(awaited: Awaited, reason: string | undefined): void {
    this.#awaited.delete(keyOf(awaited));
    const { reference } = awaited;
    const at = this.#deps.clock.now();
    this.#deps.reports.push(
      reason === undefined ? { reference, outcome: "delivered", at } : { reference, outcome: "failed", reason, at },
    );
  }
}

const keyOf = ({ port, to, messageReference }: Pick<Awaited, "port" | "to" | "messageReference">) =>
  `${port} ${to} ${messageReference}`;

/** TP-Status 0x20 to 0x3F: a temporary error, the network goes on trying (3GPP TS 23.040 §9.2.3.15). */
const isStillTrying = (status: number) => status >= 0x20 && status < 0x40;

/** A question that failed is asked again; that it was given up is passed on. */
function noAnswer(err: unknown): undefined {
  if (err instanceof ManagementError) return undefined;
  throw err;
}
