import { Channel } from "@sitebox/core/kernel";
import type { AudioPort, Digit, HangupCause, Leg, LegFacts, LegRequest } from "../../line/index.ts";
import { bodyOf, formatHostPort, type SipRequest, type SipResponse } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { Peer } from "../transports/index.ts";
import { causeOf, REFUSALS, reasonHeader } from "./causes.ts";
import type { Core, DialogUser } from "./core.ts";
import type { DialogLink } from "./dialog-link.ts";
import { digitOf } from "./digits.ts";
import { type CallMedia, SDP_TYPE } from "./media.ts";
import { Negotiator } from "./negotiator.ts";
import type { Ringing } from "./ringing.ts";
import { CAPABILITIES } from "./screening.ts";
import { Transfers } from "./transfers.ts";

/** Where a call stands. An incoming one rings until it is answered; a dialled one begins answered. */
type Phase = { readonly name: "ringing"; readonly ringing: Ringing } | { readonly name: "talking" } | { readonly name: "ended" };

export interface SessionOptions {
  readonly core: Core;
  readonly link: DialogLink;
  readonly media: CallMedia;
  /** Our address as this peer reaches it: for SDP. */
  readonly address: string;
  /** Where the far end's signalling comes from. */
  readonly peer: Peer;
  readonly userAgent: string | undefined;
  readonly remote: string;
  readonly dialled: string;
  readonly line: string | undefined;
  readonly mayTransferTo?: ((number: string) => boolean) | undefined;
  /** The call in whose place this one comes. */
  readonly replaces?: Leg | undefined;
  readonly sessionSeconds: number;
  /** The INVITE that rings, for an incoming call. */
  readonly ringing?: Ringing;
  /** The 2xx to our own INVITE, for a dialled one. */
  readonly answer?: SipResponse;
}

/** One call: the dialog's owner on one side and a leg on the other. */
export class Session implements Leg, DialogUser {
  readonly remote: string;
  readonly dialled: string;
  readonly line: string | undefined;
  readonly replaces?: Leg;
  readonly #options: SessionOptions;
  readonly #link: DialogLink;
  readonly #media: CallMedia;
  readonly #negotiator: Negotiator;
  readonly #transfers: Transfers;
  readonly #ownership: Disposable;
  readonly #requests = new Channel<LegRequest>();
  readonly #ended = Promise.withResolvers<HangupCause>();
  readonly #released = Promise.withResolvers<void>();
  readonly #sound = Promise.withResolvers<void>();
  #phase: Phase;
  #closing: Promise<void> = Promise.resolve();
  #leaving: HangupCause | undefined;
  #told = false;

  constructor(options: SessionOptions) {
    const { core, link, media, address, ringing, remote, dialled, line } = options;
    this.#options = options;
    this.#link = link;
    this.#media = media;
    this.#phase = ringing ? { name: "ringing", ringing } : { name: "talking" };
    this.remote = remote;
    this.dialled = dialled;
    this.line = line;
    if (options.replaces) this.replaces = options.replaces;
    this.#negotiator = new Negotiator({
      clock: core.clock,
      link,
      media,
      address,
      secure: options.peer.transport === "tls",
      sessionSeconds: options.sessionSeconds,
      onHeld: (held) => this.#requests.push({ type: held ? "hold" : "resume" }),
      onLost: () => this.#lose(),
    });
    this.#transfers = new Transfers({
      clock: core.clock,
      link,
      legOf: (replaced) =>
        [replaced.key, replaced.reversedKey].map((key) => sessionAt(core, key)).find((one) => one && !one.over),
      mayTransferTo: options.mayTransferTo ?? (() => true),
      onRequest: (request) => this.#requests.push(request),
      onIdle: () => this.#disown(),
    });
    this.#ownership = link.own(this);
    // A call that nobody can hear any more is over.
    void media.port.lost.then(() => this.hangup("failed"));
    if (options.answer) this.#negotiator.begin(options.answer);
    if (ringing) this.#negotiator.learn(ringing.invite.request);
  }

  /** Whether it has ended, though its far end may still be told of a transfer. */
  get over(): boolean {
    return this.#phase.name === "ended";
  }

  /** Whether it rings at our end. */
  get early(): boolean {
    return this.#phase.name === "ringing";
  }

  get audio(): AudioPort {
    return this.#media.port;
  }

  get digits(): AsyncIterable<Digit> {
    return this.#media.digits;
  }

  get requests(): AsyncIterable<LegRequest> {
    return this.#requests;
  }

  get facts(): LegFacts {
    const { peer, userAgent } = this.#options;
    const { remote } = this.#media;
    return {
      wireId: this.#link.dialog.callId,
      peer: formatHostPort(peer),
      ...(userAgent !== undefined && { userAgent }),
      ...(remote && { codec: remote.codec }),
      secure: remote?.srtp !== undefined && peer.transport === "tls",
    };
  }

  get ended(): Promise<HangupCause> {
    return this.#ended.promise;
  }

  /** Resolves when the call has ended, its sound is closed and the far end has been told of everything. */
  async closed(): Promise<void> {
    await Promise.all([this.#ended.promise, this.#released.promise]);
    await this.#closing;
  }

  /** Tells the far end now, without the ACK that it should wait for: the endpoint is closing. */
  async leave(): Promise<void> {
    this.#transfers[Symbol.dispose]();
    if (this.#leaving) await this.#bye(this.#leaving);
  }

  async progress(): Promise<void> {
    if (this.#phase.name === "ringing") this.#phase.ringing.progress();
  }

  /** Answers a ringing call; on one that has ended already it does nothing, `ended` tells. */
  async answer(): Promise<void> {
    if (this.#phase.name === "ringing") await this.#phase.ringing.settled();
    if (this.#phase.name === "ringing") this.#accept(this.#phase.ringing);
    await Promise.race([this.#sound.promise, this.#ended.promise]);
  }

  async hold(on: boolean): Promise<void> {
    const early = this.#phase.name === "ringing" ? this.#phase.ringing : undefined;
    if (this.#phase.name === "ended" || early?.agreed === false) return;
    await Promise.race([this.#negotiator.hold(on), this.#ended.promise]);
    early?.change();
  }

  press(digits: readonly Digit[]) {
    if (this.#phase.name !== "ended") this.#media.port.press(digits);
  }

  async hangup(cause: HangupCause): Promise<void> {
    if (this.#phase.name === "ringing") {
      this.#link.respond(this.#phase.ringing.invite, REFUSALS[cause]);
      this.#end(cause);
      this.#release();
    } else if (this.#phase.name === "talking") {
      this.#end(cause);
      // The called end waits for the ACK of its answer before it says BYE (RFC 3261 §15).
      if (this.#negotiator.unacknowledged) this.#leaving = cause;
      else await this.#bye(cause);
    }
  }

  /** The caller gave up before the answer (RFC 3261 §9.2). */
  cancelled() {
    if (this.#phase.name !== "ringing") return;
    this.#link.respond(this.#phase.ringing.invite, 487);
    this.#end("no-answer");
    this.#release();
  }

  onAck(ack: SipRequest) {
    this.#negotiator.onAck(ack);
    if (this.#leaving && !this.#negotiator.unacknowledged) void this.#bye(this.#leaving);
  }

  onRequest(transaction: ServerTransaction) {
    const { request } = transaction;
    if (!this.#link.take(request)) return this.#link.respond(transaction, 500);
    if (request.method === "SUBSCRIBE") return this.#transfers.onSubscribe(transaction);
    if (this.#phase.name === "ended" && request.method !== "BYE") return this.#link.respond(transaction, 481);
    switch (request.method) {
      case "BYE":
        return this.#onBye(transaction);
      case "INVITE":
        return this.#phase.name === "ringing" ? this.#notYet(transaction) : this.#negotiator.onInvite(transaction);
      case "UPDATE":
        return this.#onUpdate(transaction);
      case "PRACK":
        return this.#options.ringing ? this.#options.ringing.onPrack(transaction) : this.#link.respond(transaction, 481);
      case "INFO":
        return this.#onInfo(transaction);
      case "REFER":
        return this.#phase.name === "talking" ? this.#transfers.onRefer(transaction) : this.#link.respond(transaction, 403);
      case "OPTIONS":
        return this.#link.respond(transaction, 200, { headers: CAPABILITIES });
      default:
        return this.#link.respond(transaction, 481);
    }
  }

  #onBye(transaction: ServerTransaction) {
    this.#link.respond(transaction, 200);
    if (this.#phase.name === "ringing") this.#link.respond(this.#phase.ringing.invite, 487);
    this.#leaving = undefined;
    this.#end(causeOf(transaction.request));
    this.#release();
  }

  #onUpdate(transaction: ServerTransaction) {
    const offers = bodyOf(transaction.request, SDP_TYPE) !== undefined;
    const early = this.#phase.name === "ringing" && offers ? this.#phase.ringing : undefined;
    if (early?.agreed === false) return this.#notYet(transaction);
    this.#negotiator.onUpdate(transaction);
    early?.change();
  }

  /** Their first offer is still unanswered (RFC 3261 §14.2, RFC 3311 §5.2). */
  #notYet(transaction: ServerTransaction) {
    this.#link.respond(transaction, 500, { headers: [["retry-after", "5"]] });
  }

  #onInfo(transaction: ServerTransaction) {
    const digit = digitOf(transaction.request);
    if (digit !== undefined) this.#media.pressed(digit);
    this.#link.respond(transaction, 200);
  }

  #accept(ringing: Ringing) {
    const said = ringing.describe();
    if (said === "nothing-in-common") return void this.hangup("failed");
    const { offers } = ringing;
    ringing[Symbol.dispose]();
    this.#phase = { name: "talking" };
    this.#link.confirm();
    this.#negotiator.accept(ringing.invite, said.description, (ack) => {
      if (offers) this.#takeAnswer(bodyOf(ack, SDP_TYPE));
    });
    if (!offers) this.#sound.resolve();
  }

  /** The answer to what our 200 proposed. */
  #takeAnswer(answer: string | undefined) {
    if (this.#phase.name !== "talking") return;
    if (answer === undefined || !this.#media.accept(answer)) void this.hangup("failed");
    else this.#sound.resolve();
  }

  /** The far end is gone; it is told all the same, in case it only seems so. */
  #lose() {
    const leaving = this.#leaving ?? "failed";
    this.#end("failed");
    void this.#bye(leaving);
  }

  /** Sends the BYE; what comes back changes nothing. Never rejects. */
  async #bye(cause: HangupCause): Promise<void> {
    this.#leaving = undefined;
    const { log } = this.#options.core;
    void this.#link.request("BYE", { headers: [reasonHeader(cause)] }).then((reply) => {
      if (reply.type === "lost") log.info("a BYE was not answered", { fault: reply.fault });
    });
    await this.#link.sent;
    this.#release();
  }

  /** The call's own signalling is over. */
  #release() {
    this.#negotiator[Symbol.dispose]();
    this.#told = true;
    this.#disown();
  }

  /** Nothing of the dialog is for us any more, once nobody waits to hear of a transfer either (RFC 5057 §4.1). */
  #disown() {
    if (!this.#told || this.#transfers.active) return;
    this.#ownership[Symbol.dispose]();
    this.#released.resolve();
  }

  #end(cause: HangupCause) {
    if (this.#phase.name === "ended") return;
    this.#phase = { name: "ended" };
    this.#options.ringing?.[Symbol.dispose]();
    this.#negotiator.stop();
    this.#requests.close();
    this.#closing = this.#media[Symbol.asyncDispose]();
    this.#ended.resolve(cause);
  }
}

/** The call that has a dialog. */
export function sessionAt(core: Core, key: string): Session | undefined {
  const user = core.dialog(key);
  return user instanceof Session ? user : undefined;
}
