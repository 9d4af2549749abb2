import type { Clock } from "@sitebox/core/kernel";
import type { TransferProgress } from "../../line/index.ts";
import { type Header, headerOf, reasonOf } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { DialogLink } from "./dialog-link.ts";

export interface ReferralOptions {
  readonly clock: Clock;
  readonly link: DialogLink;
  /** The REFER's CSeq: tells its notifications from those of others in the dialog; the first needs none (RFC 3515 §2.4.6). */
  readonly id: number | undefined;
  readonly onEnd: () => void;
}

/** What the far end is shown of the call that it asked for. */
const STATUS: Readonly<Record<TransferProgress, number>> = {
  trying: 100,
  ringing: 180,
  answered: 200,
  busy: 486,
  failed: 503,
};

/** Longer than anything rings. */
const LIFE_MS = 300_000;

/** Tells the far end how the transfer that it asked for goes: the subscription that a REFER implies (RFC 3515 §2.4.4). */
export class Referral implements Disposable {
  readonly #options: ReferralOptions;
  readonly #expiresAt: number;
  readonly #timer: Disposable;
  #progress: TransferProgress = "trying";
  #over = false;

  constructor(options: ReferralOptions) {
    this.#options = options;
    this.#expiresAt = options.clock.monotonic() + LIFE_MS;
    this.#timer = options.clock.after(LIFE_MS, () => this.#finish("timeout"));
  }

  /** The first notification, which every subscription begins with (RFC 6665 §4.2.1.2). */
  begin(): void {
    this.#notify(this.#active());
  }

  /** Nothing is told twice, and nothing after the end. */
  report(progress: TransferProgress): void {
    if (this.#over || progress === this.#progress) return;
    this.#progress = progress;
    if (STATUS[progress] >= 200) this.#finish("noresource");
    else this.#notify(this.#active());
  }

  /** The far end asks again, or has heard enough (RFC 6665 §4.2.1). */
  onSubscribe(transaction: ServerTransaction) {
    const { link } = this.#options;
    const wanted = headerOf(transaction.request, "expires");
    const left = wanted?.trim() === "0" ? 0 : this.#leftS();
    link.respond(transaction, 200, { headers: [link.contact, ["expires", String(left)]] });
    if (left === 0) this.#finish("timeout");
    else this.#notify(this.#active());
  }

  /** Nothing more can be told. */
  [Symbol.dispose](): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer[Symbol.dispose]();
    this.#options.onEnd();
  }

  #leftS = () => Math.max(0, Math.ceil((this.#expiresAt - this.#options.clock.monotonic()) / 1_000));
  #active = () => `active;expires=${this.#leftS()}`;

  #finish(reason: "noresource" | "timeout") {
    if (this.#over) return;
    this.#notify(`terminated;reason=${reason}`);
    this[Symbol.dispose]();
  }

  #notify(state: string) {
    const { link, id } = this.#options;
    const status = STATUS[this.#progress];
    const headers: readonly Header[] = [
      link.contact,
      ["event", id === undefined ? "refer" : `refer;id=${id}`],
      ["subscription-state", state],
      ["content-type", "message/sipfrag;version=2.0"],
    ];
    const body = Buffer.from(`SIP/2.0 ${status} ${reasonOf(status)}\r\n`);
    void link.request("NOTIFY", { headers, body }).then((reply) => {
      // Who does not take notifications any more has lost the subscription (RFC 6665 §4.2.2).
      if (reply.type === "lost" || reply.response.status >= 300) this[Symbol.dispose]();
    });
  }
}
