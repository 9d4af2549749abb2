import type { RequestParts } from "../dialogs/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { DialogLink } from "./dialog-link.ts";
import { type CallMedia, SDP_TYPE } from "./media.ts";

export interface RingingOptions {
  readonly link: DialogLink;
  readonly media: CallMedia;
  /** Our address as the caller reaches it. */
  readonly address: string;
  readonly invite: ServerTransaction;
  /** What the caller proposes; undefined leaves the proposal to us. */
  readonly offer: string | undefined;
}

/** An incoming call before its answer (RFC 3261 §13.3.1). */
export class Ringing {
  readonly #options: RingingOptions;
  #early: string | undefined;

  constructor(options: RingingOptions) {
    this.#options = options;
  }

  get invite(): ServerTransaction {
    return this.#options.invite;
  }

  /** Whether our 200 will carry an offer, and so the ACK the answer. */
  get offers(): boolean {
    return this.#options.offer === undefined;
  }

  begin(): void {
    const { link, invite } = this.#options;
    link.respond(invite, 180, { headers: [link.contact] });
  }

  /** Lets sound flow to the caller; undefined as an answer leaves it silent until the call is taken. */
  progress(): void {
    const { link, media, invite, offer, address } = this.#options;
    if (this.#early !== undefined || offer === undefined) return;
    this.#early = media.answer(offer, address);
    if (this.#early !== undefined) link.respond(invite, 183, this.#described(this.#early));
  }

  /** What the 200 says; undefined when nothing can be agreed. */
  describe(): string | undefined {
    const { media, invite, offer, address } = this.#options;
    if (this.#early !== undefined) return this.#early;
    return offer === undefined ? media.offer(address, { secure: invite.peer.transport === "tls" }) : media.answer(offer, address);
  }

  #described = (description: string): RequestParts => ({
    headers: [this.#options.link.contact, ["content-type", SDP_TYPE]],
    body: Buffer.from(description),
  });
}
