import { ackIn, confirmed, type Dialog, dialogOfResponse, requestIn } from "../dialogs/index.ts";
import {
  bodyOf,
  type Header,
  noBody,
  noParams,
  type SipRequest,
  type SipResponse,
  type SipUri,
  sipUri,
  tagOf,
} from "../parser/index.ts";
import { isUnreachable } from "../registrar/index.ts";
import { LIFETIME_MS, newCallId, newTag, type ServerTransaction } from "../transactions/index.ts";
import type { Peer } from "../transports/index.ts";
import type { Core, DialogUser } from "./core.ts";
import { SDP_TYPE } from "./media.ts";
import { ALLOW, CAPABILITIES } from "./screening.ts";

export type BranchOutcome =
  | {
      readonly type: "answered";
      readonly dialog: Dialog;
      readonly answer: string | undefined;
      readonly flow: Peer | undefined;
      /** Our address as this phone reaches it, and our Contact for it. */
      readonly address: string;
      readonly contact: Header;
    }
  | { readonly type: "refused"; readonly status: number }
  | { readonly type: "unreachable"; readonly reason: string };

export interface BranchOptions {
  readonly core: Core;
  readonly target: SipUri;
  readonly peer: Peer;
  /** We ring over the flow of a registration: whatever the far end calls its address, this is the way. */
  readonly behindNat: boolean;
  readonly callerNumber: string;
  /** Our offer, for a phone that reaches us at `address`. */
  readonly offer: (address: string) => string;
  /** Asked at the first answer: false when the call is answered elsewhere already. */
  readonly claim: () => boolean;
}

/** The INVITE that went out, and what it says of us. */
interface Sent {
  readonly invite: SipRequest;
  readonly address: string;
  readonly contact: Header;
}

/** One phone that is rung: an INVITE of ours and everything that may come back to it (RFC 3261 §13.2). */
export class Branch implements DialogUser {
  readonly #options: BranchOptions;
  readonly #outcome = Promise.withResolvers<BranchOutcome>();
  /** The ACK of each dialog that a 2xx opened, to be sent again with each repetition. */
  readonly #acks = new Map<string, { readonly ack: SipRequest; readonly peer: Peer } | "under way">();
  readonly #owned = new DisposableStack();
  #invite: SipRequest | undefined;
  #cancelling = false;
  #ringing = false;
  #settled = false;

  constructor(options: BranchOptions) {
    this.#options = options;
  }

  /** How it ended: with its first final response, or without any. */
  get outcome(): Promise<BranchOutcome> {
    return this.#outcome.promise;
  }

  /** Sends the INVITE. Never rejects: what goes wrong is the outcome. */
  async start(): Promise<void> {
    const { core, target, peer, callerNumber, offer } = this.#options;
    try {
      const { host: address } = await core.transports.localAddress(peer);
      const contact = await core.contact(callerNumber, peer);
      const request: SipRequest = {
        type: "request",
        method: "INVITE",
        uri: target,
        vias: [],
        from: { uri: sipUri(address, { user: callerNumber }), params: new Map([["tag", newTag()]]) },
        to: { uri: target, params: noParams },
        callId: newCallId(),
        cseq: { number: 1, method: "INVITE" },
        headers: [["max-forwards", "70"], contact, ALLOW, ["content-type", SDP_TYPE]],
        body: Buffer.from(offer(address)),
      };
      const invite = await core.addressed(request, peer);
      if (this.#cancelling) return this.#settle({ type: "refused", status: 487 });
      this.#invite = invite;
      core.transact(invite, peer, {
        onResponse: (response) => this.#onResponse({ invite, address, contact }, response),
        onFailure: (fault) => this.#settle({ type: "unreachable", reason: `no answer: ${fault}` }),
      });
    } catch (err) {
      core.log.info("an INVITE could not be sent", { peer, err });
      this.#settle({ type: "unreachable", reason: "no route" });
    }
  }

  /** Gives up. An answer that is under way already is taken and ended with a BYE. */
  cancel() {
    if (this.#cancelling || this.#settled) return;
    this.#cancelling = true;
    if (this.#ringing) this.#sendCancel();
  }

  /** Something in a dialog that is not confirmed yet: our offer is still open, so theirs has to wait (RFC 3311 §5.2). */
  onRequest(transaction: ServerTransaction) {
    const { method } = transaction.request;
    if (method === "UPDATE" || method === "INVITE") this.#options.core.respond(transaction, 491);
    else if (method === "OPTIONS") this.#options.core.respond(transaction, 200, { headers: CAPABILITIES });
    else this.#options.core.respond(transaction, method === "INFO" ? 200 : 481);
  }

  onAck() {}

  #onResponse(sent: Sent, response: SipResponse) {
    if (response.status < 200) this.#onProvisional(sent.invite, response);
    else if (response.status < 300) this.#onAnswer(sent, response);
    else this.#settle({ type: "refused", status: response.status });
  }

  #onProvisional(invite: SipRequest, response: SipResponse) {
    const early = this.#settled ? undefined : dialogOfResponse(invite, response);
    if (early) this.#owned.use(this.#options.core.own(early, this));
    // Before the first sign of life a CANCEL could overtake the INVITE (RFC 3261 §9.1).
    const first = !this.#ringing;
    this.#ringing = true;
    if (first && this.#cancelling) this.#sendCancel();
  }

  #onAnswer({ invite, address, contact }: Sent, response: SipResponse) {
    const tag = tagOf(response.to) ?? "";
    const known = this.#acks.get(tag);
    if (known) return known === "under way" ? undefined : this.#repeat(known);
    const dialog = dialogOfResponse(invite, response);
    if (!dialog) return this.#settle({ type: "unreachable", reason: "an answer without a Contact" });
    const wanted = !this.#settled && !this.#cancelling && this.#options.claim();
    const ended: BranchOutcome = { type: "refused", status: 487 };
    const flow = this.#flowOf(dialog);
    this.#acks.set(tag, "under way");
    if (!wanted) this.#settle(ended);
    this.#settled = true;
    void this.#acknowledge(invite, confirmed(dialog), wanted).then((acknowledged) => {
      if (wanted && !acknowledged) this.#settle({ type: "unreachable", reason: "no way back to who answered" });
      if (!wanted || !acknowledged) return;
      const answer = bodyOf(response, SDP_TYPE);
      this.#settle({ type: "answered", dialog: confirmed(dialog), answer, flow, address, contact });
    });
  }

  /** ACKs every 2xx; one that nobody wants any more (another fork, or given up) is ended at once (RFC 3261 §13.2.2.4). */
  async #acknowledge(invite: SipRequest, dialog: Dialog, wanted: boolean): Promise<boolean> {
    const { core } = this.#options;
    try {
      const peer = await core.peerOf(dialog, this.#flowOf(dialog));
      const ack = await core.addressed(ackIn(dialog, invite.cseq.number), peer);
      this.#acks.set(tagOf(dialog.remote) ?? "", { ack, peer });
      await core.transports.send(ack, peer);
      if (wanted) return true;
      const bye = await core.addressed(requestIn(dialog, "BYE").request, peer);
      core.transact(bye, peer, { onResponse: () => {}, onFailure: () => {} });
    } catch (err) {
      core.log.warn("an ACK could not be sent", { err });
    }
    return false;
  }

  #flowOf(dialog: Dialog): Peer | undefined {
    const { behindNat, peer } = this.#options;
    return behindNat || isUnreachable(dialog.target, peer) ? peer : undefined;
  }

  #sendCancel() {
    const { core, peer } = this.#options;
    const invite = this.#invite;
    if (!invite || this.#settled) return;
    // The same but for the method: by the branch it finds its INVITE (RFC 3261 §9.1).
    const headers = invite.headers.filter(([name]) => name === "max-forwards" || name === "route");
    const cancel: SipRequest = { ...invite, method: "CANCEL", cseq: { ...invite.cseq, method: "CANCEL" }, headers, body: noBody };
    core.transact(cancel, peer, { onResponse: () => {}, onFailure: () => {} });
    // A peer may take the CANCEL and never end its INVITE.
    this.#owned.use(core.clock.after(LIFETIME_MS, () => this.#settle({ type: "refused", status: 487 })));
  }

  #repeat({ ack, peer }: { readonly ack: SipRequest; readonly peer: Peer }) {
    const { core } = this.#options;
    core.transports.send(ack, peer).catch((err: unknown) => core.log.debug("an ACK could not be sent again", { err }));
  }

  #settle(outcome: BranchOutcome) {
    this.#settled = true;
    this.#owned.dispose();
    this.#outcome.resolve(outcome);
  }
}
