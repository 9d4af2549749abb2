import { ackIn, answeredBy, confirmed, type Dialog, type RequestParts, refreshed, requestIn, taken } from "../dialogs/index.ts";
import { type Header, type SipRequest, type SipResponse, tagOf } from "../parser/index.ts";
import type { ServerTransaction, TransactionFault } from "../transactions/index.ts";
import type { Peer } from "../transports/index.ts";
import type { Core, DialogUser } from "./core.ts";
import type { ChallengeAnswer } from "./place.ts";

/** What became of a request: its final answer, or none. */
export type Reply =
  | { readonly type: "answered"; readonly response: SipResponse }
  | { readonly type: "lost"; readonly fault: TransactionFault };

export interface DialogLinkOptions {
  readonly core: Core;
  readonly dialog: Dialog;
  /** Where the far end's messages come from, when its own address is of no use. */
  readonly flow: Peer | undefined;
  /** Our Contact as this peer reaches it. */
  readonly contact: Header;
  readonly credentials?: ChallengeAnswer | undefined;
  /** Whether we sent the request that opened the dialog. */
  readonly outgoing: boolean;
}

/** A request is sent again with credentials this often: once is right, a second time answers a nonce that was too old. */
const MAX_TRIES = 3;
const AUTHORIZATIONS = new Set(["authorization", "proxy-authorization"]);

/** Credentials that a request carried go into its ACK too (RFC 3261 §22.1). */
export const credentialsIn = (request: SipRequest): readonly Header[] =>
  request.headers.filter(([name]) => AUTHORIZATIONS.has(name));

/** The ACKs of one INVITE: each goes again with every repetition of its 2xx (RFC 3261 §13.2.2.4). */
export class Acks {
  readonly #core: Core;
  readonly #sent = new Map<string, { readonly ack: SipRequest; readonly peer: Peer } | "under way">();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Whether this 2xx was acknowledged before; it is once more. */
  repeat(response: SipResponse): boolean {
    const known = this.#sent.get(tagOf(response.to) ?? "");
    if (known && known !== "under way") {
      const { ack, peer } = known;
      this.#core.transports
        .send(ack, peer)
        .catch((err: unknown) => this.#core.log.debug("an ACK could not be sent again", { err }));
    }
    return known !== undefined;
  }

  /** Acknowledges for the first time. Rejects when there is no way to the far end. */
  async send(invite: SipRequest, dialog: Dialog, flow: Peer | undefined): Promise<void> {
    const tag = tagOf(dialog.remote) ?? "";
    this.#sent.set(tag, "under way");
    const peer = await this.#core.peerOf(dialog, flow);
    const ack = await this.#core.addressed(ackIn(dialog, invite.cseq.number, { headers: credentialsIn(invite) }), peer);
    this.#sent.set(tag, { ack, peer });
    await this.#core.transports.send(ack, peer);
  }
}

/** Our side of one dialog: its requests in their order, its answers with our tag. */
export class DialogLink {
  readonly contact: Header;
  /** Whether we sent the request that opened the dialog, and so chose its Call-ID. */
  readonly outgoing: boolean;
  readonly #core: Core;
  readonly #flow: Peer | undefined;
  readonly #credentials: ChallengeAnswer | undefined;
  #dialog: Dialog;
  /** Finding the way takes time; a later request must not overtake. */
  #sending: Promise<void> = Promise.resolve();

  constructor({ core, dialog, flow, contact, credentials, outgoing }: DialogLinkOptions) {
    this.#core = core;
    this.#dialog = dialog;
    this.#flow = flow;
    this.contact = contact;
    this.outgoing = outgoing;
    this.#credentials = credentials;
  }

  get dialog(): Dialog {
    return this.#dialog;
  }

  /** Acknowledges the answer to the INVITE that opened the dialog. Rejects when there is no way to the far end. */
  acknowledge(acks: Acks, invite: SipRequest): Promise<void> {
    return acks.send(invite, this.#dialog, this.#flow);
  }

  /** Sends the dialog's requests to `user` until the result is disposed. */
  own(user: DialogUser): Disposable {
    return this.#core.own(this.#dialog, user);
  }

  /** Resolves when every request so far is with the network, or could not be sent. */
  get sent(): Promise<void> {
    return this.#sending;
  }

  /** The call was answered; where the far end did, `answered` is the dialog as its answer has it. */
  confirm(answered?: Dialog): void {
    this.#dialog = answered ? answeredBy(this.#dialog, answered) : confirmed(this.#dialog);
  }

  /** Takes a request's place in the order; false when it is older than one that was taken. */
  take(request: SipRequest): boolean {
    const next = taken(this.#dialog, request);
    if (next) this.#dialog = next;
    return next !== undefined;
  }

  /** A target refresh request that was accepted, or the answer to one, may have moved the far end. */
  refresh(message: SipRequest | SipResponse): void {
    this.#dialog = refreshed(this.#dialog, message);
  }

  respond(transaction: ServerTransaction, status: number, parts: RequestParts = {}): void {
    const toTag = tagOf(this.#dialog.local);
    this.#core.respond(transaction, status, { ...parts, ...(toTag !== undefined && { toTag }) });
  }

  /** Sends a request and waits for its final answer; an INVITE's 2xx is acknowledged. Never rejects. */
  async request(method: string, parts: RequestParts = {}): Promise<Reply> {
    let headers = parts.headers ?? [];
    for (let tries = 1; ; tries++) {
      const { sent, reply } = await this.#exchange(method, { ...parts, headers });
      const challenged = reply.type === "answered" && (reply.response.status === 401 || reply.response.status === 407);
      const answer = challenged && sent && tries < MAX_TRIES ? this.#credentials?.(sent, reply.response) : undefined;
      if (!answer) return reply;
      headers = [...headers.filter(([name]) => name !== answer[0]), answer];
    }
  }

  async #exchange(method: string, parts: RequestParts): Promise<{ sent: SipRequest | undefined; reply: Reply }> {
    const { dialog, request } = requestIn(this.#dialog, method, parts);
    this.#dialog = dialog;
    const { promise, resolve } = Promise.withResolvers<{ sent: SipRequest | undefined; reply: Reply }>();
    this.#sending = this.#sending.then(async () => {
      try {
        const peer = await this.#core.peerOf(dialog, this.#flow);
        const sent = await this.#core.addressed(request, peer);
        const acks = new Acks(this.#core);
        this.#core.transact(sent, peer, {
          onResponse: (response) => {
            if (response.status < 200) return;
            if (method === "INVITE" && response.status < 300) this.#acknowledge(acks, sent, response);
            resolve({ sent, reply: { type: "answered", response } });
          },
          onFailure: (fault) => resolve({ sent, reply: { type: "lost", fault } }),
        });
      } catch (err) {
        this.#core.log.warn("a request could not be sent", { method, err });
        resolve({ sent: undefined, reply: { type: "lost", fault: "transport" } });
      }
    });
    return promise;
  }

  #acknowledge(acks: Acks, invite: SipRequest, response: SipResponse): void {
    if (acks.repeat(response)) return;
    this.refresh(response);
    acks.send(invite, this.#dialog, this.#flow).catch((err: unknown) => {
      this.#core.log.warn("an ACK could not be sent", { err });
    });
  }
}
