import { randomInt } from "node:crypto";
import type { Clock } from "@sitebox/core/kernel";
import { isTooBrief, minimum, RepetitionRunner, type RequestParts } from "../dialogs/index.ts";
import { bodyOf, type Header, headerOf, listOf, type SipMessage, type SipRequest, type SipResponse } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { DialogLink, Reply } from "./dialog-link.ts";
import { type CallMedia, SDP_TYPE } from "./media.ts";
import { ALLOW, SUPPORTED } from "./screening.ts";
import { SessionTimers } from "./session-timers.ts";

/** Our 2xx to an INVITE that waits for its ACK. */
interface Pending {
  readonly sequence: number;
  readonly runner: RepetitionRunner;
  readonly onAck: (ack: SipRequest) => void;
  readonly over: PromiseWithResolvers<void>;
}

export interface NegotiatorOptions {
  readonly clock: Clock;
  readonly link: DialogLink;
  readonly media: CallMedia;
  /** Our address as this peer reaches it. */
  readonly address: string;
  /** Nobody on the way can read our signalling. */
  readonly secure: boolean;
  /** A far end that gives no sign of life for this long is gone (RFC 4028). */
  readonly sessionSeconds: number;
  /** The far end puts us on hold, or takes us back. */
  readonly onHeld: (held: boolean) => void;
  /** The far end does not know the call any more, or is gone. */
  readonly onLost: () => void;
}

/** How often a change of ours is tried against a far end that changes something too. */
const MAX_TRIES = 6;
/** A far end that is busy may ask for this much patience. */
const MAX_RETRY_AFTER_S = 10;

/** What is agreed about a call that is up: offers of both ends, one at a time (RFC 3261 §14, RFC 3264 §4, RFC 3311). */
export class Negotiator implements Disposable {
  readonly #options: NegotiatorOptions;
  readonly #timers: SessionTimers;
  readonly #ending = new AbortController();
  #pending: Pending | undefined;
  /** An offer of ours is on its way. */
  #offering = false;
  #held = false;
  /** The call was answered: before, there are no timers, and UPDATE is the only way to offer. */
  #begun = false;
  /** The far end takes UPDATE, which costs less than an INVITE (RFC 3311). */
  #updates = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: NegotiatorOptions) {
    this.#options = options;
    this.#timers = new SessionTimers({
      clock: options.clock,
      seconds: options.sessionSeconds,
      onDue: () => void this.#inTurn(() => this.#refresh()),
      onExpired: () => options.onLost(),
    });
  }

  /** Whether a 2xx of ours still waits for its ACK. */
  get unacknowledged(): boolean {
    return this.#pending !== undefined;
  }

  /** The far end answered our INVITE with this. */
  begin(response: SipResponse) {
    this.#begun = true;
    this.learn(response);
    this.#timers.agree(response);
  }

  /** Every message tells what the far end takes. */
  learn(message: SipMessage) {
    const allowed = headerOf(message, "allow") === undefined ? undefined : listOf(message, "allow");
    if (allowed) this.#updates = allowed.some((method) => method.toUpperCase() === "UPDATE");
  }

  /** Says 200 to an INVITE until the ACK comes. Without a description it was said before. */
  accept(invite: ServerTransaction, description: string | undefined, onAck: Pending["onAck"]) {
    const { clock, link, onLost } = this.#options;
    this.#begun = true;
    this.learn(invite.request);
    const parts = this.#parts(description, this.#timers.answer(invite.request));
    const over = Promise.withResolvers<void>();
    const runner = new RepetitionRunner({
      clock,
      send: () => link.respond(invite, 200, parts),
      giveUp: () => {
        this.#settle();
        onLost();
      },
    });
    this.#pending = { sequence: invite.request.cseq.number, runner, onAck, over };
    runner.begin();
  }

  onAck(ack: SipRequest) {
    const pending = this.#pending;
    if (pending?.sequence !== ack.cseq.number) return;
    pending.runner.acknowledge();
    this.#settle();
    pending.onAck(ack);
  }

  onInvite(transaction: ServerTransaction) {
    const { link, media, address, secure } = this.#options;
    // Ours is under way (RFC 3261 §14.2), or their answer to our last offer is (RFC 3264 §4).
    if (this.#pending || this.#offering) return link.respond(transaction, 491);
    if (isTooBrief(transaction.request)) return link.respond(transaction, 422, { headers: [minimum] });
    const offer = bodyOf(transaction.request, SDP_TYPE);
    const description = offer === undefined ? media.offer(address, { secure, anew: true }) : media.answer(offer, address);
    if (description === undefined) return link.respond(transaction, 488);
    link.refresh(transaction.request);
    this.accept(transaction, description, (ack) => {
      const answer = offer === undefined ? bodyOf(ack, SDP_TYPE) : undefined;
      // An answer that is missing or cannot be spoken leaves everything as it was.
      if (answer !== undefined && !this.#ending.signal.aborted && media.accept(answer)) this.#noteHold();
    });
    if (offer !== undefined) this.#noteHold();
  }

  onUpdate(transaction: ServerTransaction) {
    const { link, media, address } = this.#options;
    const offer = bodyOf(transaction.request, SDP_TYPE);
    if (offer !== undefined && (this.#offering || this.#pending)) return link.respond(transaction, 491);
    if (isTooBrief(transaction.request)) return link.respond(transaction, 422, { headers: [minimum] });
    const answer = offer === undefined ? undefined : media.answer(offer, address);
    if (offer !== undefined && answer === undefined) return link.respond(transaction, 488);
    link.refresh(transaction.request);
    this.learn(transaction.request);
    link.respond(transaction, 200, this.#parts(answer, this.#begun ? this.#timers.answer(transaction.request) : []));
    if (offer !== undefined) this.#noteHold();
  }

  /** Tells the far end to wait, or not to any more. A refusal changes nothing. */
  hold(on: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const { media } = this.#options;
      if (media.holding === on) return;
      media.hold(on);
      if (!(await this.#change("hold"))) media.hold(!on);
    });
  }

  /** The call has ended: nothing of ours is tried any more. An ACK is still waited for. */
  stop() {
    this.#timers[Symbol.dispose]();
    this.#ending.abort();
  }

  [Symbol.dispose](): void {
    this.stop();
    this.#settle();
  }

  /** One change of ours after the other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn;
    return turn;
  }

  #settle() {
    this.#pending?.runner[Symbol.dispose]();
    this.#pending?.over.resolve();
    this.#pending = undefined;
  }

  async #refresh(): Promise<void> {
    await this.#change("refresh");
  }

  /** Proposes what we want, or shows that we are there; whether the far end agreed. */
  async #change(purpose: "hold" | "refresh"): Promise<boolean> {
    let method: "INVITE" | "UPDATE" = this.#updates && (purpose === "refresh" || !this.#begun) ? "UPDATE" : "INVITE";
    if (method === "INVITE" && !this.#begun) return false;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      while (this.#pending) await this.#pending.over.promise;
      if (this.#ending.signal.aborted) return false;
      const reply = await this.#ask(method, purpose);
      if (this.#ending.signal.aborted) return false;
      if (isGone(reply)) {
        this.#options.onLost();
        return false;
      }
      if (reply.type === "lost") return false;
      const { response } = reply;
      if (response.status < 300) return this.#agreed(response, method === "INVITE" || purpose === "hold");
      this.#updates &&= response.status !== 405 && response.status !== 501;
      if (method === "UPDATE" && !this.#updates && this.#begun) method = "INVITE";
      else if (!(await this.#mayTryAgain(response))) return false;
    }
    return false;
  }

  async #ask(method: "INVITE" | "UPDATE", purpose: "hold" | "refresh"): Promise<Reply> {
    const { link, media, address, secure } = this.#options;
    const asking = this.#begun ? this.#timers.ask() : [];
    if (method === "UPDATE" && purpose === "refresh") return link.request("UPDATE", this.#parts(undefined, asking));
    this.#offering = true;
    const reply = await link.request(method, this.#parts(media.offer(address, { secure, same: purpose === "refresh" }), asking));
    this.#offering = false;
    return reply;
  }

  #agreed(response: SipResponse, offered: boolean): boolean {
    this.learn(response);
    if (this.#begun) this.#timers.agree(response);
    if (!offered) return true;
    const answer = bodyOf(response, SDP_TYPE);
    if (answer === undefined || !this.#options.media.accept(answer)) return false;
    this.#noteHold();
    return true;
  }

  /** Waits for as long as a refusal asks for; false when it stands. It is a sign of life all the same. */
  async #mayTryAgain(refusal: SipResponse): Promise<boolean> {
    if (refusal.status === 422) return this.#timers.raise(refusal);
    const waitMs = this.#patienceMs(refusal);
    if (waitMs === undefined) this.#timers.renew();
    return waitMs !== undefined && (await this.#wait(waitMs));
  }

  /** How long to wait before the next try (RFC 3261 §14.1): who chose the Call-ID waits longer, so that the two do not meet again. */
  #patienceMs(refusal: SipResponse): number | undefined {
    if (refusal.status === 491) return 10 * (this.#options.link.outgoing ? randomInt(210, 401) : randomInt(0, 201));
    const seconds = Number(/^[0-9]+/.exec(headerOf(refusal, "retry-after") ?? "")?.[0] ?? Number.NaN);
    return refusal.status === 500 && seconds <= MAX_RETRY_AFTER_S ? seconds * 1_000 : undefined;
  }

  async #wait(ms: number): Promise<boolean> {
    return this.#options.clock.sleep(ms, this.#ending.signal).then(
      () => true,
      () => false,
    );
  }

  #parts(description: string | undefined, headers: readonly Header[]): RequestParts {
    const common: readonly Header[] = [this.#options.link.contact, ALLOW, SUPPORTED, ...headers];
    if (description === undefined) return { headers: common };
    return { headers: [...common, ["content-type", SDP_TYPE]], body: Buffer.from(description) };
  }

  #noteHold() {
    const { held } = this.#options.media;
    if (held === this.#held) return;
    this.#held = held;
    this.#options.onHeld(held);
  }
}

/** Answers that end the call and not only the request (RFC 3261 §12.2.1.2, RFC 5057 §5.1). */
function isGone(reply: Reply): boolean {
  if (reply.type === "lost") return reply.fault === "timeout";
  return reply.response.status === 408 || reply.response.status === 481;
}
