import { Channel } from "@sitebox/core/kernel";
import type { DialOutcome, Leg, RtpPort, RtpPorts } from "../../line/index.ts";
import { contactOf, dialogOfRequest } from "../dialogs/index.ts";
import { bodyOf, type NameAddr, noParams, type SipUri, sipUri, userOf } from "../parser/index.ts";
import { cameThroughNat, isUnreachable } from "../registrar/index.ts";
import { newTag, type ServerTransaction } from "../transactions/index.ts";
import type { Peer } from "../transports/index.ts";
import { Branch, type BranchOutcome } from "./branch.ts";
import { outcomeOf } from "./causes.ts";
import type { Core } from "./core.ts";
import { CallMedia, isAnswerable, SDP_TYPE } from "./media.ts";
import { Session } from "./session.ts";

/** A place to ring. */
export interface Place {
  readonly target: SipUri;
  readonly peer: Peer;
  readonly behindNat: boolean;
}

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

type Dialling = Exclude<BranchOutcome, { type: "answered" }>;

/** Every call of the endpoint: takes the ones that come, makes the ones that are dialled, ends them all. */
export class Calls implements AsyncDisposable {
  readonly #deps: CallsDeps;
  readonly #incoming = new Channel<Leg>();
  readonly #sessions = new Set<Session>();
  /** Incoming calls that are not answered yet; without a session while their RTP port is being opened. */
  readonly #ringing = new Map<ServerTransaction, Session | undefined>();
  readonly #dialling = new Set<AbortController>();
  #closed = false;

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
    if (this.#closed || this.#sessions.size >= this.#deps.maxCalls) return refuse(503);
    const flow =
      cameThroughNat(request) || isUnreachable(contactOf(request) ?? request.uri, invite.peer) ? invite.peer : undefined;
    const dialled = userOf(request.uri);
    this.#ringing.set(invite, undefined);
    let port: RtpPort | undefined;
    try {
      const contact = await core.contact(dialled, invite.peer);
      const { host: address } = await core.transports.localAddress(invite.peer);
      port = await this.#deps.rtp.open(this.#deps.host);
      // Cancelled or closed meanwhile, and answered so.
      if (!this.#ringing.has(invite)) return void (await port[Symbol.asyncDispose]());
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

  /** Rings every place at once; the first to answer has the call and the others stop ringing. */
  async dial(places: readonly Place[], { number, callerNumber, signal }: DialRequest): Promise<DialOutcome> {
    const { core, rtp, host } = this.#deps;
    const giveUp = new AbortController();
    if (signal.aborted) return { type: "no-answer" };
    if (this.#closed) return { type: "unreachable", reason: "the endpoint is closed" };
    this.#dialling.add(giveUp);
    await using owned = new AsyncDisposableStack();
    owned.defer(() => void this.#dialling.delete(giveUp));
    const media = owned.use(new CallMedia(await rtp.open(host)));
    let claimed = false;
    const claim = () => {
      const first = !claimed;
      claimed = true;
      return first;
    };
    const branches = await Promise.all(places.map((place) => this.#branch(place, { callerNumber, media, claim })));
    const stopped = AbortSignal.any([signal, giveUp.signal]);
    const cancelAll = () => {
      for (const { branch } of branches) branch.cancel();
    };
    stopped.addEventListener("abort", cancelAll, { once: true });
    owned.defer(() => stopped.removeEventListener("abort", cancelAll));
    for (const { branch } of branches) void branch.start();
    if (stopped.aborted) cancelAll();
    const first = await firstAnswer(branches.map(({ branch }) => branch));
    if (stopped.aborted && first.type !== "answered") return { type: "no-answer" };
    if (first.type === "refused") return outcomeOf(first.status);
    if (first.type === "unreachable") return first;
    cancelAll();
    const { dialog, answer, flow } = first;
    const place = branches.find(({ branch }) => branch === first.branch);
    const contact = place?.contact ?? ["contact", ""];
    const session = new Session({
      core,
      dialog,
      media,
      flow,
      contact,
      address: place?.address ?? "",
      remote: number,
      dialled: number,
    });
    owned.move();
    this.#dialling.delete(giveUp);
    this.#track(session, () => {});
    if (answer !== undefined && media.accept(answer)) return { type: "answered", leg: session };
    await session.hangup("failed");
    return { type: "unreachable", reason: "no audio that both speak" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const controller of this.#dialling) controller.abort();
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

  async #branch(
    { target, peer, behindNat }: Place,
    { callerNumber, media, claim }: { callerNumber: string; media: CallMedia; claim: () => boolean },
  ) {
    const { core } = this.#deps;
    const { host: address } = await core.transports.localAddress(peer);
    const contact = await core.contact(callerNumber, peer);
    const from: NameAddr = { uri: sipUri(address, { user: callerNumber }), params: noParams };
    const branch = new Branch({ core, target, peer, behindNat, from, contact, offer: media.offer(address), claim });
    return { branch, address, contact };
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

/** The first branch that answered, or when none did the refusal that says most: busy before no answer before unreachable. */
async function firstAnswer(
  branches: readonly Branch[],
): Promise<(Extract<BranchOutcome, { type: "answered" }> & { branch: Branch }) | Dialling> {
  const refusals: Dialling[] = [];
  const answered = branches.map(async (branch) => {
    const outcome = await branch.outcome;
    if (outcome.type === "answered") return { ...outcome, branch };
    refusals.push(outcome);
    throw new Error("not answered");
  });
  return Promise.any(answered).catch(() => bestRefusal(refusals));
}

function bestRefusal(refusals: readonly Dialling[]): Dialling {
  const meaning = (refusal: Dialling) => (refusal.type === "refused" ? outcomeOf(refusal.status).type : "unreachable");
  for (const wanted of ["busy", "no-answer"]) {
    const found = refusals.find((refusal) => meaning(refusal) === wanted);
    if (found) return found;
  }
  return refusals[0] ?? { type: "unreachable", reason: "nowhere to ring" };
}
