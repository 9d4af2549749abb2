import type { SipConfig } from "@sitebox/core/contract";
import { Channel } from "@sitebox/core/kernel";
import type { DialOptions, DialOutcome, Leg, RtpPort, RtpPorts } from "../../line/index.ts";
import { contactOf, dialogOfRequest, isTooBrief, minimum, replacedBy } from "../dialogs/index.ts";
import { bodyOf, type Header, headerOf, type SipRequest, userOf } from "../parser/index.ts";
import { cameThroughNat, isUnreachable } from "../registrar/index.ts";
import { newTag, type ServerTransaction } from "../transactions/index.ts";
import { userAgentOf } from "./branch.ts";
import { outcomeOf } from "./causes.ts";
import type { Core } from "./core.ts";
import { DialogLink } from "./dialog-link.ts";
import { EarlyDialog } from "./early-dialog.ts";
import { type ForkOptions, type OnFailed, ringAll, ringInTurn } from "./fork.ts";
import { CallMedia, isAnswerable, SDP_TYPE } from "./media.ts";
import { PickUp } from "./pick-up.ts";
import type { LineSide, Place } from "./place.ts";
import { Ringing } from "./ringing.ts";
import { Session, sessionAt } from "./session.ts";

export interface CallsDeps {
  readonly core: Core;
  readonly rtp: RtpPorts;
  /** Where RTP ports are bound. */
  readonly host: string;
  readonly srtp: SipConfig["srtp"];
  /** A far end that gives no sign of life for this long is gone (RFC 4028). */
  readonly sessionSeconds: number;
  /** Incoming calls beyond this many calls at once are refused. */
  readonly maxCalls: number;
}

export interface DialRequest extends DialOptions {
  readonly number: string;
  readonly callerNumber: string;
  /** Rings the places one after the other instead, and tells which were not there. */
  readonly inTurn?: OnFailed;
}

/** A call that may come in, and by which line. */
export interface Arrival extends LineSide {
  /** The caller's number to show. */
  readonly remote: string;
  /** The number that was dialled, where the line writes it otherwise than the Request-URI does. */
  readonly dialled?: string;
}

/** At the end of the endpoint, an answer that was just given waits no longer than this for its ACK. */
const ACK_WAIT_MS = 500;

/** Asks a telephone to answer by itself: RFC 5373, and the two ways that telephones had before it. */
const ANSWER_AT_ONCE: readonly Header[] = [
  ["answer-mode", "Auto"],
  ["call-info", "<sip:paging.invalid>;answer-after=0"],
  ["alert-info", "<http://paging.invalid>;info=alert-autoanswer;delay=0"],
];

/** A challenge that stands in the end means the login, not the number. */
function refusalOf(
  { status, reason }: { readonly status: number; readonly reason?: string },
  place: Place | undefined,
): DialOutcome {
  if (status !== 401 && status !== 407) return outcomeOf(status, reason);
  return { type: "unreachable", reason: place?.credentials ? "wrong password" : "a login is asked for and none is configured" };
}

function once(tell: () => void): () => void {
  let told = false;
  return () => {
    if (!told) tell();
    told = true;
  };
}

/** Every call of the endpoint: takes the ones that come, makes the ones that are dialled, ends them all. */
export class Calls implements AsyncDisposable {
  readonly #deps: CallsDeps;
  readonly #incoming = new Channel<Leg>();
  readonly #sessions = new Set<Session>();
  /** Incoming calls that are not answered yet; without a session while their RTP port is being opened. */
  readonly #ringing = new Map<ServerTransaction, Session | undefined>();
  readonly #closing = new AbortController();

  constructor(deps: CallsDeps) {
    this.#deps = deps;
  }

  /** Calls of which anything is left. */
  get size(): number {
    return this.#sessions.size + this.#ringing.size;
  }

  /** How many calls from an address wait for their answer. */
  ringingFrom(host: string): number {
    return [...this.#ringing].filter(([{ peer }, session]) => peer.host === host && session?.early !== false).length;
  }

  get incoming(): AsyncIterable<Leg> {
    return this.#incoming;
  }

  /** Takes a call that may come in. Never rejects: a call that cannot be taken is refused, and undefined. */
  async take(invite: ServerTransaction, arrival: Arrival): Promise<Leg | undefined> {
    const { core } = this.#deps;
    const { request } = invite;
    const offer = bodyOf(request, SDP_TYPE);
    const localTag = newTag();
    const dialog = dialogOfRequest(request, localTag);
    const { srtp = this.#deps.srtp, dialled = userOf(request.uri) } = arrival;
    const refuse = (status: number, ...headers: Header[]): undefined =>
      void core.respond(invite, status, { toTag: localTag, headers });
    if (!dialog) return refuse(400);
    if (isTooBrief(request)) return refuse(422, minimum);
    const replaced = this.#replacedBy(request);
    if (typeof replaced === "number") return refuse(replaced);
    if (offer !== undefined && !isAnswerable(offer, srtp)) return refuse(488);
    if (this.#closing.signal.aborted || this.#busy >= this.#deps.maxCalls) return refuse(503);
    const flow =
      cameThroughNat(request) || isUnreachable(contactOf(request) ?? request.uri, invite.peer) ? invite.peer : undefined;
    this.#ringing.set(invite, undefined);
    const port = await this.#openPort();
    try {
      const contact = await core.contact(userOf(request.uri), invite.peer, request.uri);
      const { host: address } = await core.transports.localAddress(invite.peer);
      // Cancelled or closed meanwhile, and answered so.
      if (!this.#ringing.has(invite)) return void (await port?.[Symbol.asyncDispose]());
      if (!port) throw new Error("no RTP port is free");
      const { remote, line, credentials } = arrival;
      const link = new DialogLink({ core, dialog, flow, contact, credentials, outgoing: false });
      const media = new CallMedia(port, { srtp });
      const ringing = new Ringing(
        { clock: core.clock, link, media, address, invite, offer },
        () => void session.hangup("failed"),
      );
      const userAgent = headerOf(request, "user-agent");
      const session = new Session({
        core,
        link,
        media,
        address,
        peer: invite.peer,
        userAgent,
        remote,
        dialled,
        line,
        mayTransferTo: arrival.mayTransferTo,
        replaces: replaced instanceof Session ? replaced : undefined,
        sessionSeconds: this.#deps.sessionSeconds,
        ringing,
      });
      this.#ringing.set(invite, session);
      this.#track(session, () => this.#ringing.delete(invite));
      if (replaced instanceof EarlyDialog) return void (await this.#pickUp(replaced, session));
      ringing.begin();
      this.#incoming.push(session);
      return session;
    } catch (err) {
      core.log.error("a call could not be taken", { err });
      this.#ringing.delete(invite);
      await port?.[Symbol.asyncDispose]();
      return refuse(503);
    }
  }

  /** Takes what rings elsewhere; whoever dialled it gets this leg. */
  async #pickUp(early: EarlyDialog, leg: Session): Promise<void> {
    if (early.pickUp(leg)) await leg.answer();
    else await leg.hangup("unreachable");
  }

  /** What an INVITE means to replace, or why it cannot (RFC 3891 §3). */
  #replacedBy(invite: SipRequest): Session | EarlyDialog | number | undefined {
    const replaced = replacedBy(invite);
    if (replaced === undefined) return undefined;
    if (replaced === "malformed") return 400;
    const user = this.#deps.core.dialog(replaced.key);
    if (user instanceof EarlyDialog) return user;
    const session = sessionAt(this.#deps.core, replaced.key);
    // One that we have not answered is not ours to give away.
    if (!session || session.early) return 481;
    if (session.over) return 603;
    return replaced.earlyOnly ? 486 : session;
  }

  /** The caller gave up. */
  cancel(invite: ServerTransaction): void {
    const session = this.#ringing.get(invite);
    if (session) session.cancelled();
    else if (this.#ringing.delete(invite)) this.#deps.core.respond(invite, 487, { toTag: newTag() });
  }

  /** The call has been ringing for longer than anybody waits. */
  async expire(invite: ServerTransaction): Promise<void> {
    await this.#ringing.get(invite)?.hangup("no-answer");
  }

  /** Rings every place at once; the first to answer has the call. Aborting the signal gives up. */
  async dial(places: readonly Place[], request: DialRequest): Promise<DialOutcome> {
    const { core } = this.#deps;
    const { number, signal } = request;
    if (signal.aborted) return { type: "no-answer" };
    if (this.#closing.signal.aborted) return { type: "unreachable", reason: "the endpoint is closed" };
    await using owned = new AsyncDisposableStack();
    const port = await this.#openPort();
    if (!port) return { type: "unreachable", reason: "no RTP port is free" };
    const media = owned.use(new CallMedia(port, { srtp: places[0]?.srtp ?? this.#deps.srtp }));
    const pickUp = new PickUp();
    const stop = AbortSignal.any([signal, this.#closing.signal, pickUp.signal]);
    const { inTurn } = request;
    const alone = places.length === 1 || inTurn !== undefined;
    const invitation = { ...this.#invitation(request, media, alone), onPickUp: pickUp.take, signal: stop };
    const outcome = await (inTurn ? ringInTurn(places, invitation, inTurn) : ringAll(places, invitation));
    if (pickUp.leg) return { type: "answered", leg: pickUp.leg };
    if (outcome.type !== "answered") {
      if (stop.aborted) return { type: "no-answer" };
      return outcome.type === "refused" ? refusalOf(outcome, places[0]) : outcome;
    }
    const { link, answer, offer, place, address, response } = outcome;
    const { peer, line } = place;
    const userAgent = userAgentOf(response);
    const { sessionSeconds } = this.#deps;
    const { mayTransferTo } = place;
    const call = { remote: number, dialled: number, line, mayTransferTo, sessionSeconds, answer: response };
    const session = new Session({ core, link, media, address, peer, userAgent, ...call });
    owned.move();
    this.#track(session, () => {});
    const agreed = outcome.agreed || (answer !== undefined && media.accept(answer, offer));
    if (agreed && !stop.aborted) return { type: "answered", leg: session };
    await session.hangup(agreed ? "normal" : "failed");
    return agreed ? { type: "no-answer" } : { type: "unreachable", reason: "no audio that both speak" };
  }

  /** What every INVITE of a dial has in common. */
  #invitation(request: DialRequest, media: CallMedia, alone: boolean): Omit<ForkOptions, "signal" | "onPickUp"> {
    const { callerNumber, callerName, answerAtOnce, onProgress } = request;
    const onRinging = once(() => onProgress?.({ type: "ringing" }));
    const onSound = once(() => onProgress?.({ type: "early-media", audio: media.port }));
    return {
      core: this.#deps.core,
      callerNumber,
      callerName,
      sessionSeconds: this.#deps.sessionSeconds,
      headers: answerAtOnce === true ? ANSWER_AT_ONCE : [],
      offer: (address, options) => media.offer(address, options),
      onRinging,
      // Several phones would all talk into the one port.
      onEarly: (answer, offer) => {
        const heard = alone && media.accept(answer, offer);
        if (heard) onSound();
        return heard;
      },
      onOffer: (offer, address) => media.answer(offer, address),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const invite of [...this.#ringing.keys()]) if (!this.#ringing.get(invite)) this.cancel(invite);
    const sessions = [...this.#sessions];
    this.#incoming.close();
    await Promise.all(sessions.map((session) => session.hangup("normal")));
    const timeUp = new AbortController();
    const waiting = this.#deps.core.clock.sleep(ACK_WAIT_MS, timeUp.signal).catch(() => {});
    await Promise.race([waiting, Promise.all(sessions.map((session) => session.closed()))]);
    timeUp.abort();
    await Promise.all(sessions.map((session) => session.leave()));
    await Promise.all(sessions.map((session) => session.closed()));
  }

  /** Calls that are not over. */
  get #busy(): number {
    return [...this.#sessions].filter(({ over }) => !over).length;
  }

  async #openPort(): Promise<RtpPort | undefined> {
    try {
      return await this.#deps.rtp.open(this.#deps.host);
    } catch (err) {
      this.#deps.core.log.error("no RTP port could be opened", { err });
      return undefined;
    }
  }

  #track(session: Session, after: () => void): void {
    this.#sessions.add(session);
    void session.ended
      .then(() => {
        after();
        return session.closed();
      })
      .then(() => this.#sessions.delete(session));
  }
}
