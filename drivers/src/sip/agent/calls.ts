import { Channel } from "@sitebox/core/kernel";
import type { DialOutcome, Leg, RtpPort, RtpPorts } from "../../line/index.ts";
import { contactOf, dialogOfRequest } from "../dialogs/index.ts";
import { bodyOf, userOf } from "../parser/index.ts";
import { cameThroughNat, isUnreachable } from "../registrar/index.ts";
import { newTag, type ServerTransaction } from "../transactions/index.ts";
import { outcomeOf } from "./causes.ts";
import type { Core } from "./core.ts";
import { type Place, ringAll } from "./fork.ts";
import { CallMedia, isAnswerable, SDP_TYPE } from "./media.ts";
import { Session } from "./session.ts";

export interface CallsDeps {
  readonly core: Core;
  readonly rtp: RtpPorts;
  /** Where RTP ports are bound. */
  readonly host: string;
  /** Incoming calls beyond this many calls at once are refused. */
  readonly maxCalls: number;
}

export interface DialRequest {
  readonly number: string;
  readonly callerNumber: string;
  readonly signal: AbortSignal;
}

/** At the end of the endpoint, an answer that was just given waits no longer than this for its ACK. */
const ACK_WAIT_MS = 500;

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

  get incoming(): AsyncIterable<Leg> {
    return this.#incoming;
  }

  /** Takes a call that may come in. Never rejects: a call that cannot be taken is refused. */
  async take(invite: ServerTransaction, remote: string): Promise<void> {
    const { core } = this.#deps;
    const { request } = invite;
    const offer = bodyOf(request, SDP_TYPE);
    const localTag = newTag();
    const dialog = dialogOfRequest(request, localTag);
    const refuse = (status: number) => core.respond(invite, status, { toTag: localTag });
    if (!dialog) return refuse(400);
    if (offer !== undefined && !isAnswerable(offer)) return refuse(488);
    if (this.#closing.signal.aborted || this.#sessions.size >= this.#deps.maxCalls) return refuse(503);
    const flow =
      cameThroughNat(request) || isUnreachable(contactOf(request) ?? request.uri, invite.peer) ? invite.peer : undefined;
    const dialled = userOf(request.uri);
    this.#ringing.set(invite, undefined);
    const port = await this.#openPort();
    try {
      const contact = await core.contact(dialled, invite.peer);
      const { host: address } = await core.transports.localAddress(invite.peer);
      // Cancelled or closed meanwhile, and answered so.
      if (!this.#ringing.has(invite)) return void (await port?.[Symbol.asyncDispose]());
      if (!port) throw new Error("no RTP port is free");
      const ringing = { invite, offer };
      const session = new Session({ core, dialog, media: new CallMedia(port), flow, contact, address, remote, dialled, ringing });
      this.#ringing.set(invite, session);
      this.#track(session, () => this.#ringing.delete(invite));
      core.respond(invite, 180, { toTag: localTag, headers: [contact] });
      this.#incoming.push(session);
    } catch (err) {
      core.log.error("a call could not be taken", { err });
      this.#ringing.delete(invite);
      refuse(503);
      await port?.[Symbol.asyncDispose]();
    }
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
  async dial(places: readonly Place[], { number, callerNumber, signal }: DialRequest): Promise<DialOutcome> {
    const { core } = this.#deps;
    if (signal.aborted) return { type: "no-answer" };
    if (this.#closing.signal.aborted) return { type: "unreachable", reason: "the endpoint is closed" };
    await using owned = new AsyncDisposableStack();
    const port = await this.#openPort();
    if (!port) return { type: "unreachable", reason: "no RTP port is free" };
    const media = owned.use(new CallMedia(port));
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const offer = (address: string) => media.offer(address);
    const outcome = await ringAll(places, { core, callerNumber, offer, signal: stop });
    if (outcome.type !== "answered") {
      if (stop.aborted) return { type: "no-answer" };
      return outcome.type === "refused" ? outcomeOf(outcome.status) : outcome;
    }
    const { dialog, answer, flow, address, contact } = outcome;
    const session = new Session({ core, dialog, media, flow, contact, address, remote: number, dialled: number });
    owned.move();
    this.#track(session, () => {});
    const agreed = answer !== undefined && media.accept(answer);
    if (agreed && !stop.aborted) return { type: "answered", leg: session };
    await session.hangup(agreed ? "normal" : "failed");
    return agreed ? { type: "no-answer" } : { type: "unreachable", reason: "no audio that both speak" };
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
