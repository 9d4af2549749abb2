import type { Clock } from "@sitebox/core/kernel";
import { type RequestParts, supports } from "../dialogs/index.ts";
import { bodyOf, listOf, type SipRequest } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { DialogLink } from "./dialog-link.ts";
import { type CallMedia, SDP_TYPE } from "./media.ts";
import { Provisionals, type Reliability } from "./provisionals.ts";

export interface RingingOptions {
  readonly clock: Clock;
  readonly link: DialogLink;
  readonly media: CallMedia;
  /** Our address as the caller reaches it. */
  readonly address: string;
  readonly invite: ServerTransaction;
  /** What the caller proposes; undefined leaves the proposal to us. */
  readonly offer: string | undefined;
}

/** What both ends have said about sound before the answer. */
type Early =
  | { readonly state: "nothing" }
  /** Unreliably, so the answer says it again. */
  | { readonly state: "said"; readonly description: string }
  /** Reliably, and not confirmed yet. */
  | { readonly state: "saying"; readonly description: string }
  | { readonly state: "agreed"; readonly description: string; readonly changed: boolean }
  | { readonly state: "failed" };

/** An incoming call before its answer (RFC 3261 §13.3.1). */
export class Ringing implements Disposable {
  readonly #options: RingingOptions;
  readonly #reliability: Reliability;
  readonly #provisionals: Provisionals;
  readonly #settled = Promise.withResolvers<void>();
  #early: Early = { state: "nothing" };

  /** @param giveUp ends a call whose caller never confirms what it asked to be told reliably. */
  constructor(options: RingingOptions, giveUp: () => void) {
    this.#options = options;
    const { clock, link, invite } = options;
    this.#reliability = reliabilityOf(invite.request);
    this.#provisionals = new Provisionals({ clock, link, invite, reliability: this.#reliability, giveUp });
  }

  get invite(): ServerTransaction {
    return this.#options.invite;
  }

  /** Whether our 200 carries an offer, and so the ACK the answer. */
  get offers(): boolean {
    return this.#options.offer === undefined && this.#early.state === "nothing";
  }

  /** Whether offers may be made before the answer (RFC 3311 §5.1). */
  get agreed(): boolean {
    return this.#early.state === "agreed";
  }

  begin() {
    this.#provisionals.say(180, { headers: [this.#options.link.contact] });
  }

  /** Lets sound flow to the caller, where the caller can be told how before the answer. */
  progress() {
    const { media, offer, address } = this.#options;
    if (this.#early.state !== "nothing") return;
    const reliable = this.#reliability !== "unknown";
    if (offer === undefined && !reliable) return;
    const description = offer === undefined ? this.#propose() : media.answer(offer, address);
    if (description === undefined) return;
    const parts = this.#described(description);
    this.#early = { state: reliable ? "saying" : "said", description };
    if (reliable) this.#provisionals.sayReliably({ status: 183, parts, onPrack: (prack) => this.#confirmed(description, prack) });
    else this.#provisionals.say(183, parts);
  }

  /** Takes a PRACK, which may bring an answer to our offer, or an offer of its own (RFC 3262 §5). */
  onPrack(transaction: ServerTransaction) {
    const { link, media, address } = this.#options;
    const { request } = transaction;
    const wasAgreed = this.agreed;
    if (!this.#provisionals.confirm(request)) return link.respond(transaction, 481);
    const mayOffer = this.agreed && (wasAgreed || this.#options.offer !== undefined);
    const offered = mayOffer ? bodyOf(request, SDP_TYPE) : undefined;
    if (offered === undefined) return link.respond(transaction, 200);
    const answer = media.answer(offered, address);
    if (answer === undefined) return link.respond(transaction, 488);
    this.change();
    link.respond(transaction, 200, this.#described(answer));
  }

  /** Something else was agreed since. */
  change() {
    if (this.#early.state === "agreed") this.#early = { ...this.#early, changed: true };
  }

  /** Resolves when the answer may be given: not before a description is confirmed that was said reliably (RFC 3262 §3). */
  async settled(): Promise<void> {
    if (this.#early.state === "saying") await this.#settled.promise;
  }

  /** What the 200 says about sound. */
  describe(): { readonly description: string | undefined } | "nothing-in-common" {
    const { media, offer, address } = this.#options;
    const early = this.#early;
    if (early.state === "failed") return "nothing-in-common";
    if (early.state === "agreed") return { description: offer === undefined || early.changed ? undefined : early.description };
    if (early.state !== "nothing") return { description: early.description };
    const description = offer === undefined ? this.#propose() : media.answer(offer, address);
    return description === undefined ? "nothing-in-common" : { description };
  }

  /** The final response is said. */
  [Symbol.dispose](): void {
    this.#provisionals[Symbol.dispose]();
    this.#settled.resolve();
  }

  #propose(): string {
    const { media, address, invite } = this.#options;
    return media.offer(address, { secure: invite.peer.transport === "tls" });
  }

  #confirmed(description: string, prack: SipRequest) {
    const { media, offer } = this.#options;
    const answer = bodyOf(prack, SDP_TYPE);
    const agreed = offer !== undefined || (answer !== undefined && media.accept(answer));
    this.#early = agreed ? { state: "agreed", description, changed: false } : { state: "failed" };
    this.#settled.resolve();
  }

  #described = (description: string) =>
    ({
      headers: [this.#options.link.contact, ["content-type", SDP_TYPE]],
      body: Buffer.from(description),
    }) satisfies RequestParts;
}

function reliabilityOf(invite: SipRequest): Reliability {
  if (listOf(invite, "require")?.some((tag) => tag.toLowerCase() === "100rel")) return "required";
  return supports(invite, "100rel") ? "offered" : "unknown";
}
