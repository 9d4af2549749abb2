import type { Clock } from "@sitebox/core/kernel";
import type { Leg, TransferRequest } from "../../line/index.ts";
import type { Replaced } from "../dialogs/index.ts";
import { headerOf } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { DialogLink } from "./dialog-link.ts";
import { referTo } from "./refer-to.ts";
import { Referral } from "./referral.ts";

export interface TransfersOptions {
  readonly clock: Clock;
  readonly link: DialogLink;
  /** The call of ours that a REFER means, where there is one. */
  readonly legOf: (replaced: Replaced) => Leg | undefined;
  readonly mayTransferTo: (number: string) => boolean;
  readonly onRequest: (request: TransferRequest) => void;
  /** Nothing is told of any transfer any more. */
  readonly onIdle: () => void;
}

/** The transfers that the far end of one call asks for, one at a time (RFC 3515, RFC 5589). */
export class Transfers implements Disposable {
  readonly #options: TransfersOptions;
  #referral: Referral | undefined;
  #asked = 0;

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  /** Whether the far end still waits to hear how its transfer went. */
  get active(): boolean {
    return this.#referral !== undefined;
  }

  onRefer(transaction: ServerTransaction) {
    const { clock, link, legOf, mayTransferTo, onRequest, onIdle } = this.#options;
    const { request } = transaction;
    const wanted = referTo(request);
    if (wanted.type === "refused") return link.respond(transaction, wanted.status);
    if (this.#referral) return link.respond(transaction, 491);
    const consulted = wanted.replaces && legOf(wanted.replaces);
    // A call that is over, or of another box, cannot be joined.
    if (wanted.replaces && !consulted) return link.respond(transaction, 403);
    if (!consulted && !mayTransferTo(wanted.number)) return link.respond(transaction, 403);
    this.#asked += 1;
    if (wanted.subscribe) {
      const id = this.#asked === 1 ? undefined : request.cseq.number;
      const onEnd = () => {
        this.#referral = undefined;
        onIdle();
      };
      this.#referral = new Referral({ clock, link, id, onEnd });
    }
    const told = this.#referral;
    link.respond(transaction, 202, { headers: [link.contact, ...(told ? [] : [["refer-sub", "false"] as const])] });
    told?.begin();
    onRequest({
      type: "transfer",
      target: wanted.number,
      ...(consulted && { consulted }),
      report: (progress) => told?.report(progress),
    });
  }

  onSubscribe(transaction: ServerTransaction) {
    const event = headerOf(transaction.request, "event")?.split(";")[0]?.trim().toLowerCase();
    if (event !== "refer") return this.#options.link.respond(transaction, 489, { headers: [["allow-events", "refer"]] });
    if (this.#referral) this.#referral.onSubscribe(transaction);
    else this.#options.link.respond(transaction, 481);
  }

  /** Nobody will tell any more how it went. */
  [Symbol.dispose](): void {
    this.#referral?.report("failed");
    this.#referral?.[Symbol.dispose]();
  }
}
