import { z } from "zod";
import { splitText } from "../../gsm/pdu/index.ts";
import type { TextOutcome } from "../../line/index.ts";
import { AwaitedReports } from "../awaited-reports.ts";
import { type MakerDeps, ManagementError, type OutgoingText } from "../management.ts";
import { failed } from "../texts.ts";
import { type DinstarApi, errorText, type SmsResult } from "./api.ts";

/** The gateway's own queue may be long; what it has not sent by then is taken back. */
const SEND_MS = 120_000;
/** A text that the gateway says it does not know for this long has not reached it. */
const UNKNOWN_MS = 10_000;
/** As many numbers as one question may name. */
const MAX_NUMBERS = 32;
/** What a repetition does not help: wrongly written, too long. */
const FOR_GOOD = new Set([400, 413]);

export interface OutboxDeps extends Pick<MakerDeps, "clock" | "log" | "memory" | "newId" | "report" | "closing"> {
  readonly pollMs: number;
}

/** A text of which the network is to tell whether it arrived. */
const Sent = z.object({
  to: z.string(),
  /** By the gateway's clock, as it writes it. */
  time: z.string(),
});

interface Handed {
  readonly userId: number;
  readonly to: string;
  readonly parts: number;
  readonly taskId: number | undefined;
  /** False where its answer got lost: it may have the text or not. */
  readonly taken: boolean;
}

/** Sends texts through the gateway and hears what becomes of them. Disposing waits for what is being noted. */
export class Outbox implements AsyncDisposable {
  readonly #api: DinstarApi;
  readonly #deps: OutboxDeps;
  readonly #awaited: AwaitedReports<z.infer<typeof Sent>>;
  /** From which of the awaited numbers on is asked next. */
  #next = 0;

  constructor(api: DinstarApi, deps: OutboxDeps) {
    this.#api = api;
    this.#deps = deps;
    this.#awaited = new AwaitedReports(deps, Sent);
  }

  async send({ port, to, text }: OutgoingText): Promise<TextOutcome> {
    const { newId, closing, log } = this.#deps;
    const contents = splitText(text);
    const encoding = contents.every(({ alphabet }) => alphabet === "gsm") ? "gsm-7bit" : "unicode";
    const userId = newId();
    const handed = { userId, to, parts: contents.length };
    try {
      const { error_code: code = 202, task_id } = await this.#api.sendSms({ port, to, text, encoding, userId }, closing);
      if (code !== 200 && code !== 202) return failed(errorText(code), !FOR_GOOD.has(code));
      return await this.#outcome({ ...handed, taskId: task_id, taken: true });
    } catch (err) {
      if (!(err instanceof ManagementError) || hasNotArrived(err)) throw err;
      log.info("the gateway's answer to a text got lost, asking whether it has it", { err });
      return await this.#outcome({ ...handed, taskId: undefined, taken: false });
    }
  }

  /** Asks what became of the texts that are awaited. */
  async poll(signal: AbortSignal): Promise<void> {
    await this.#awaited.load();
    const all = [...new Set(this.#awaited.list().map(({ to }) => to))];
    if (all.length === 0) return;
    // In turn, as those of which nothing is ever told would keep all others from being asked for.
    const from = this.#next % all.length;
    const numbers = [...all.slice(from), ...all.slice(0, from)].slice(0, MAX_NUMBERS);
    this.#next = from + numbers.length;
    for (const { port, number, ref_id, time, status_code } of await this.#api.deliverStatus(numbers, signal)) {
      const name = nameOf(port, number, ref_id);
      const sent = this.#awaited.find(name);
      // References count to 255 only: what is older than the text is of another one.
      if (sent && (time === "" || time >= sent.time)) this.#awaited.settle(name, status_code);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#awaited[Symbol.asyncDispose]();
  }

  async #outcome(handed: Handed): Promise<TextOutcome> {
    const { clock, pollMs, closing } = this.#deps;
    const until = clock.monotonic() + SEND_MS;
    let unknownSince: number | undefined;
    while (clock.monotonic() < until) {
      await clock.sleep(pollMs, closing);
      const answer = await this.#api.smsResult(handed.userId, closing).catch(noAnswer);
      if (answer === undefined) continue;
      const outcome = answer === "unknown" ? undefined : this.#settle(answer, handed);
      if (outcome) return outcome;
      unknownSince = answer === "unknown" ? (unknownSince ?? clock.monotonic()) : undefined;
      if (!handed.taken && unknownSince !== undefined && clock.monotonic() - unknownSince >= UNKNOWN_MS)
        return failed("the text did not reach the gateway", true);
    }
    if (!handed.taken) return failed("whether the gateway has the text could not be asked", true);
    if (handed.taskId !== undefined) await this.#api.stopSms(handed.taskId, closing).catch(noAnswer);
    return failed(`the gateway has not sent it for ${SEND_MS / 1_000} s`, true);
  }

  #settle(
    { port, number, time, status, count, ref_id }: SmsResult,
    { to, userId, parts }: Pick<Handed, "to" | "userId" | "parts">,
  ): TextOutcome | undefined {
    const word = status.toUpperCase();
    if (/FAIL|ERROR|REJECT/.test(word)) return failed(`the gateway could not send it: ${status}`, true);
    if (word !== "SENT_OK" && word !== "SENT" && word !== "DELIVERED") return undefined;
    const sent: TextOutcome = { type: "sent", parts: count !== undefined && count > 0 ? count : parts };
    if (ref_id === undefined) return sent;
    const reference = `${userId}`;
    this.#awaited.expect(nameOf(port, number || to, ref_id), reference, { to, time });
    return { ...sent, reference };
  }
}

/** Networks write a number with its country code, where we may have dialled it without. */
const nameOf = (port: number, number: string, messageReference: number) =>
  `${port} ${number.replaceAll(/\D/g, "").slice(-11)} ${messageReference}`;

const NO_CONNECTION = new Set(["ECONNREFUSED", "EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);

/** Whether a question that failed so cannot have reached the gateway, or was not heard there. */
function hasNotArrived({ fault, cause }: ManagementError): boolean {
  if (fault === "login-refused" || fault === "bad-firmware") return true;
  return cause instanceof Error && "code" in cause && NO_CONNECTION.has(String(cause.code));
}

/** A question that failed is asked again; that it was given up is passed on. */
function noAnswer(err: unknown): undefined {
  if (err instanceof ManagementError) return undefined;
  throw err;
}
