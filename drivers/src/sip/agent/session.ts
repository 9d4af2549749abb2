import { Channel } from "@sitebox/core/kernel";
import type { AudioPort, Digit, HangupCause, Leg, LegFacts, LegRequest } from "../../line/index.ts";
import { AcceptanceRunner, confirmed, type Dialog, type RequestParts, refreshed, requestIn, taken } from "../dialogs/index.ts";
import { bodyOf, type Header, type SipRequest, tagOf } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { Peer } from "../transports/index.ts";
import { causeOf, REFUSALS, reasonHeader } from "./causes.ts";
import type { Core, DialogUser } from "./core.ts";
import { digitOf } from "./digits.ts";
import { type CallMedia, SDP_TYPE } from "./media.ts";
import { ALLOW, CAPABILITIES } from "./screening.ts";

/** Where a call stands. An incoming one rings until it is answered; a dialled one begins answered. */
type Phase =
  | { readonly name: "ringing"; readonly invite: ServerTransaction; readonly offer: string | undefined }
  | { readonly name: "talking" }
  | { readonly name: "ended" };

/** A 2xx of ours to an INVITE that waits for its ACK. */
interface Pending {
  readonly sequence: number;
  readonly runner: AcceptanceRunner;
  /** We proposed, so the ACK brings the answer (RFC 3261 §13.2.1). */
  readonly offered: boolean;
}

export interface SessionOptions {
  readonly core: Core;
  readonly dialog: Dialog;
  readonly media: CallMedia;
  /** Where the far end's messages come from, when its own address is of no use. */
  readonly flow: Peer | undefined;
  /** Our address as this peer reaches it: for Contact and SDP. */
  readonly contact: Header;
  readonly address: string;
  readonly remote: string;
  readonly dialled: string;
  /** The INVITE that rings, for an incoming call. */
  readonly ringing?: { readonly invite: ServerTransaction; readonly offer: string | undefined };
}

/** One call: the dialog's owner on one side and a leg on the other. */
export class Session implements Leg, DialogUser {
  readonly remote: string;
  readonly dialled: string;
  readonly #options: SessionOptions;
  readonly #ownership: Disposable;
  readonly #requests = new Channel<LegRequest>();
  readonly #ended = Promise.withResolvers<HangupCause>();
  readonly #released = Promise.withResolvers<void>();
  readonly #sound = Promise.withResolvers<void>();
  #dialog: Dialog;
  #phase: Phase;
  #pending: Pending | undefined;
  #closing: Promise<void> = Promise.resolve();
  #leaving: HangupCause | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#dialog = options.dialog;
    this.#phase = options.ringing ? { name: "ringing", ...options.ringing } : { name: "talking" };
    this.remote = options.remote;
    this.dialled = options.dialled;
    this.#ownership = options.core.own(options.dialog, this);
  }

  get audio(): AudioPort {
    return this.#options.media.port;
  }

  get digits(): AsyncIterable<Digit> {
    return this.#options.media.digits;
  }

  get line(): string | undefined {
    return undefined;
  }

  get requests(): AsyncIterable<LegRequest> {
    return this.#requests;
  }

  get facts(): LegFacts {
    return { wireId: this.#dialog.callId };
  }

  async progress(): Promise<void> {}

  async hold(): Promise<void> {}

  press(digits: readonly Digit[]): void {
    this.#options.media.port.press(digits);
  }

  get ended(): Promise<HangupCause> {
    return this.#ended.promise;
  }

  /** Resolves when the call has ended, its sound is closed and the far end has been told. */
  async closed(): Promise<void> {
    await Promise.all([this.#ended.promise, this.#released.promise]);
    await this.#closing;
  }

  /** Tells the far end now, without the ACK that it should wait for: the endpoint is closing. */
  async leave(): Promise<void> {
    this.#pending?.runner[Symbol.dispose]();
    this.#pending = undefined;
    if (this.#leaving) await this.#bye(this.#leaving);
  }

  /** Answers a ringing call; on one that has ended already it does nothing, `ended` tells. */
  async answer(): Promise<void> {
    if (this.#phase.name === "ringing") {
      const { invite, offer } = this.#phase;
      const { media, address } = this.#options;
      const description = offer === undefined ? media.offer(address) : media.answer(offer, address);
      if (description === undefined) return this.hangup("failed");
      this.#phase = { name: "talking" };
      this.#dialog = confirmed(this.#dialog);
      this.#accept(invite, description, offer === undefined);
      if (offer !== undefined) this.#sound.resolve();
    }
    await Promise.race([this.#sound.promise, this.#ended.promise]);
  }

  async hangup(cause: HangupCause): Promise<void> {
    if (this.#phase.name === "ringing") {
      this.#respond(this.#phase.invite, REFUSALS[cause]);
      this.#end(cause);
      this.#release();
    } else if (this.#phase.name === "talking") {
      this.#end(cause);
      // The called end waits for the ACK of its answer before it says BYE (RFC 3261 §15).
      if (this.#pending) this.#leaving = cause;
      else await this.#bye(cause);
    }
  }

  /** The caller gave up before the answer (RFC 3261 §9.2). */
  cancelled() {
    if (this.#phase.name !== "ringing") return;
    this.#respond(this.#phase.invite, 487);
    this.#end("no-answer");
    this.#release();
  }

  onAck(ack: SipRequest) {
    const pending = this.#pending;
    if (pending?.sequence !== ack.cseq.number) return;
    this.#pending = undefined;
    pending.runner.acknowledge();
    if (this.#leaving) return void this.#bye(this.#leaving);
    const answer = bodyOf(ack, SDP_TYPE);
    if (pending.offered && (answer === undefined || !this.#options.media.accept(answer))) return void this.hangup("failed");
    this.#sound.resolve();
  }

  onRequest(transaction: ServerTransaction) {
    const { request } = transaction;
    const dialog = taken(this.#dialog, request);
    if (!dialog) return this.#respond(transaction, 500);
    this.#dialog = dialog;
    if (this.#phase.name === "ended" && request.method !== "BYE") return this.#respond(transaction, 481);
    switch (request.method) {
      case "BYE":
        return this.#onBye(transaction);
      case "INVITE":
        return this.#onReinvite(transaction);
      case "UPDATE":
        return this.#onUpdate(transaction);
      case "INFO":
        return this.#onInfo(transaction);
      case "OPTIONS":
        return this.#respond(transaction, 200, { headers: CAPABILITIES });
      default:
        return this.#respond(transaction, 481);
    }
  }

  #onBye(transaction: ServerTransaction) {
    this.#respond(transaction, 200);
    if (this.#phase.name === "ringing") this.#respond(this.#phase.invite, 487);
    this.#pending?.runner[Symbol.dispose]();
    this.#pending = undefined;
    this.#leaving = undefined;
    this.#end(causeOf(transaction.request));
    this.#release();
  }

  #onReinvite(transaction: ServerTransaction) {
    // Ours to their first INVITE is still open (RFC 3261 §14.2), or their answer to our offer is (RFC 3264 §4).
    if (this.#phase.name === "ringing") return this.#respond(transaction, 500, { headers: [["retry-after", "5"]] });
    if (this.#pending) return this.#respond(transaction, 491);
    const offer = bodyOf(transaction.request, SDP_TYPE);
    const { media, address } = this.#options;
    const description = offer === undefined ? media.offer(address) : media.answer(offer, address);
    if (description === undefined) return this.#respond(transaction, 488);
    this.#dialog = refreshed(this.#dialog, transaction.request);
    this.#accept(transaction, description, offer === undefined);
  }

  #onUpdate(transaction: ServerTransaction) {
    const offer = bodyOf(transaction.request, SDP_TYPE);
    if (offer !== undefined && this.#phase.name === "ringing")
      return this.#respond(transaction, 500, { headers: [["retry-after", "5"]] });
    if (offer !== undefined && this.#pending?.offered) return this.#respond(transaction, 491);
    const answer = offer === undefined ? undefined : this.#options.media.answer(offer, this.#options.address);
    if (offer !== undefined && answer === undefined) return this.#respond(transaction, 488);
    this.#dialog = refreshed(this.#dialog, transaction.request);
    this.#respond(transaction, 200, answer === undefined ? { headers: [this.#options.contact] } : this.#described(answer));
  }

  #onInfo(transaction: ServerTransaction) {
    const digit = digitOf(transaction.request);
    if (digit !== undefined) this.#options.media.pressed(digit);
    this.#respond(transaction, 200);
  }

  /** Says 200 to an INVITE until the ACK comes. */
  #accept(invite: ServerTransaction, description: string, offered: boolean) {
    const parts = this.#described(description);
    const runner = new AcceptanceRunner({
      clock: this.#options.core.clock,
      send: () => this.#respond(invite, 200, parts),
      giveUp: () => {
        this.#pending = undefined;
        this.#end("failed");
        void this.#bye("failed");
      },
    });
    this.#pending = { sequence: invite.request.cseq.number, runner, offered };
    runner.begin();
  }

  #described = (description: string): RequestParts => ({
    headers: [this.#options.contact, ["content-type", SDP_TYPE], ALLOW],
    body: Buffer.from(description),
  });

  #respond(transaction: ServerTransaction, status: number, parts: RequestParts = {}) {
    const toTag = tagOf(this.#dialog.local);
    this.#options.core.respond(transaction, status, { ...parts, ...(toTag !== undefined && { toTag }) });
  }

  /** Sends the BYE; what comes back changes nothing. Never rejects. */
  async #bye(cause: HangupCause): Promise<void> {
    const { core, flow } = this.#options;
    const { dialog, request } = requestIn(this.#dialog, "BYE", { headers: [reasonHeader(cause)] });
    this.#dialog = dialog;
    this.#leaving = undefined;
    try {
      const peer = await core.peerOf(dialog, flow);
      core.transact(await core.addressed(request, peer), peer, {
        onResponse: () => {},
        onFailure: (fault) => core.log.info("a BYE was not answered", { fault, peer }),
      });
    } catch (err) {
      core.log.warn("a BYE could not be sent", { err });
    }
    this.#release();
  }

  /** The signalling is over: nothing of the dialog is for us any more. */
  #release() {
    this.#ownership[Symbol.dispose]();
    this.#released.resolve();
  }

  #end(cause: HangupCause) {
    if (this.#phase.name === "ended") return;
    this.#phase = { name: "ended" };
    this.#requests.close();
    this.#closing = this.#options.media[Symbol.asyncDispose]();
    this.#ended.resolve(cause);
  }
}
