import { randomInt } from "node:crypto";
import type { Clock } from "@sitebox/core/kernel";
import { RepetitionRunner, type RequestParts, rackOf } from "../dialogs/index.ts";
import type { SipRequest } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { DialogLink } from "./dialog-link.ts";

/** Whether a caller takes reliable provisional responses, or takes no others (RFC 3262 §3). */
export type Reliability = "unknown" | "offered" | "required";

export interface ProvisionalsOptions {
  readonly clock: Clock;
  readonly link: DialogLink;
  readonly invite: ServerTransaction;
  readonly reliability: Reliability;
  /** A reliable response was never confirmed. */
  readonly giveUp: () => void;
}

interface Provisional {
  readonly status: number;
  readonly parts: RequestParts;
  /** Called when it was confirmed; undefined where that does not matter. */
  readonly onPrack?: (prack: SipRequest) => void;
}

/** Every response that is not final is said anew this often, or proxies lose patience (RFC 3261 §13.3.1.1). */
const AGAIN_MS = 60_000;
/** RSeq has 31 bits; the first leaves room for those that follow. */
const MAX_FIRST_RSEQ = 2 ** 30;

/** The provisional responses to one INVITE: reliable ones one at a time, each repeated until its PRACK (RFC 3262 §3). */
export class Provisionals implements Disposable {
  readonly #options: ProvisionalsOptions;
  readonly #waiting: Provisional[] = [];
  #outstanding: { readonly rseq: number; readonly runner: RepetitionRunner; readonly said: Provisional } | undefined;
  #rseq = randomInt(1, MAX_FIRST_RSEQ);
  #again: Disposable | undefined;
  #over = false;

  constructor(options: ProvisionalsOptions) {
    this.#options = options;
  }

  /** Says one that matters little: reliably only where nothing else is taken. */
  say(status: number, parts: RequestParts) {
    if (this.#options.reliability === "required") this.#enqueue({ status, parts });
    else this.#respond({ status, parts });
    this.#sayAgain(status);
  }

  /** Says one that has to arrive. The caller takes reliable responses. */
  sayReliably(provisional: Provisional) {
    this.#enqueue(provisional);
    this.#sayAgain(provisional.status);
  }

  /** Takes a PRACK; false when it belongs to nothing that was said. */
  confirm(prack: SipRequest): boolean {
    const rack = rackOf(prack);
    const outstanding = this.#outstanding;
    const { cseq } = this.#options.invite.request;
    if (!outstanding || rack?.rseq !== outstanding.rseq || rack.cseq !== cseq.number || rack.method !== "INVITE") return false;
    outstanding.runner.acknowledge();
    this.#outstanding = undefined;
    outstanding.said.onPrack?.(prack);
    this.#next();
    return true;
  }

  /** The final response is said: nothing else is, though the last PRACK may still come. */
  [Symbol.dispose](): void {
    this.#over = true;
    this.#waiting.length = 0;
    this.#outstanding?.runner[Symbol.dispose]();
    this.#again?.[Symbol.dispose]();
  }

  #enqueue(provisional: Provisional) {
    this.#waiting.push(provisional);
    this.#next();
  }

  #next() {
    const said = this.#outstanding || this.#over ? undefined : this.#waiting.shift();
    if (!said) return;
    this.#rseq += 1;
    const { headers = [], ...rest } = said.parts;
    const parts: RequestParts = { ...rest, headers: [...headers, ["require", "100rel"], ["rseq", String(this.#rseq)]] };
    const runner = new RepetitionRunner({
      clock: this.#options.clock,
      response: "provisional",
      send: () => this.#respond({ ...said, parts }),
      giveUp: () => this.#options.giveUp(),
    });
    this.#outstanding = { rseq: this.#rseq, runner, said };
    runner.begin();
  }

  #respond({ status, parts }: Provisional) {
    const { link, invite } = this.#options;
    link.respond(invite, status, parts);
  }

  #sayAgain(status: number) {
    const { clock, link } = this.#options;
    this.#again?.[Symbol.dispose]();
    this.#again = clock.after(AGAIN_MS, () => {
      // One that is still being repeated says enough.
      if (this.#outstanding) this.#sayAgain(status);
      else this.say(status, { headers: [link.contact] });
    });
  }
}
