import { rseqOf } from "../dialogs/index.ts";
import { bodyOf, type SipResponse } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { DialogUser } from "./core.ts";
import type { DialogLink } from "./dialog-link.ts";
import { SDP_TYPE } from "./media.ts";
import { ALLOW, CAPABILITIES } from "./screening.ts";
import type { Session } from "./session.ts";

export interface EarlyDialogOptions {
  readonly link: DialogLink;
  /** The CSeq of our INVITE. */
  readonly sequence: number;
  /** Takes the far end's answer to our offer; false when its sound is not wanted (yet). */
  readonly takeAnswer: (answer: string) => boolean;
  /** Answers an offer that the far end makes when the first one is settled. */
  readonly answerOffer: (offer: string) => string | undefined;
  /** Gives the call to a leg that came in for it; false when it is taken already. */
  readonly pickUp: (leg: Session) => boolean;
}

/** A telephone that rings: what it says before it answers (RFC 3261 §12.1, RFC 3262 §4, RFC 3311). */
export class EarlyDialog implements DialogUser {
  readonly link: DialogLink;
  readonly #options: EarlyDialogOptions;
  #rseq: number | undefined;
  #description: string | undefined;
  #sounding = false;
  /** The answer to our offer came reliably: it holds, whatever the final answer repeats (RFC 3261 §13.2.1). */
  #agreed = false;

  constructor(options: EarlyDialogOptions) {
    this.#options = options;
    this.link = options.link;
  }

  /** What it has said of its sound. */
  get description(): string | undefined {
    return this.#description;
  }

  /** Whether offer and answer are settled already, and its sound is the one that is heard. */
  get agreed(): boolean {
    return this.#agreed && this.#sounding;
  }

  /** Takes a provisional response; one that wants a PRACK gets it, once and in order (RFC 3262 §4). */
  take(response: SipResponse) {
    const rseq = rseqOf(response);
    if (rseq !== undefined) {
      if (this.#rseq !== undefined && rseq !== this.#rseq + 1) return;
      this.#rseq = rseq;
      void this.link.request("PRACK", { headers: [["rack", `${rseq} ${this.#options.sequence} INVITE`]] });
    }
    const answer = this.#agreed ? undefined : bodyOf(response, SDP_TYPE);
    if (answer === undefined) return;
    this.#description = answer;
    this.#sounding = this.#options.takeAnswer(answer);
    this.#agreed = rseq !== undefined;
  }

  onRequest(transaction: ServerTransaction) {
    const { link } = this;
    const { request } = transaction;
    if (!link.take(request)) return link.respond(transaction, 500);
    switch (request.method) {
      case "UPDATE":
        return this.#onUpdate(transaction);
      case "INVITE":
        return link.respond(transaction, 491);
      case "OPTIONS":
        return link.respond(transaction, 200, { headers: CAPABILITIES });
      case "INFO":
        return link.respond(transaction, 200);
      default:
        return link.respond(transaction, 481);
    }
  }

  onAck() {}

  /** Somebody picks up what rings here: an INVITE that replaces this dialog (RFC 3891 §3). */
  pickUp(leg: Session): boolean {
    return this.#options.pickUp(leg);
  }

  #onUpdate(transaction: ServerTransaction) {
    const { link } = this;
    const offer = bodyOf(transaction.request, SDP_TYPE);
    // Ours is still open (RFC 3311 §5.2).
    if (offer !== undefined && !this.#agreed) return link.respond(transaction, 491);
    if (offer !== undefined && !this.#sounding) return link.respond(transaction, 500, { headers: [["retry-after", "5"]] });
    const answer = offer === undefined ? undefined : this.#options.answerOffer(offer);
    if (offer !== undefined && answer === undefined) return link.respond(transaction, 488);
    link.refresh(transaction.request);
    if (answer === undefined) return link.respond(transaction, 200, { headers: [link.contact, ALLOW] });
    link.respond(transaction, 200, {
      headers: [link.contact, ALLOW, ["content-type", SDP_TYPE]],
      body: Buffer.from(answer),
    });
  }
}
