import { asked, type Dialog, dialogOfResponse, type TimerWishes, wantedAtLeast } from "../dialogs/index.ts";
import {
  bodyOf,
  formatNameAddr,
  type Header,
  headerOf,
  type NameAddr,
  noBody,
  noParams,
  type SipRequest,
  type SipResponse,
  sipUri,
  tagOf,
  withParam,
} from "../parser/index.ts";
import { isUnreachable } from "../registrar/index.ts";
import { LIFETIME_MS, newCallId, newTag } from "../transactions/index.ts";
import type { Core } from "./core.ts";
import { Acks, DialogLink } from "./dialog-link.ts";
import { EarlyDialog } from "./early-dialog.ts";
import { type OfferOptions, SDP_TYPE } from "./media.ts";
import type { Place } from "./place.ts";
import { ALLOW, SUPPORTED } from "./screening.ts";
import type { Session } from "./session.ts";

export type BranchOutcome =
  | {
      readonly type: "answered";
      readonly link: DialogLink;
      readonly answer: string | undefined;
      /** The offer of ours that it answers. */
      readonly offer: string;
      /** Offer and answer were settled before. */
      readonly agreed: boolean;
      readonly place: Place;
      /** Our address as this phone reaches it. */
      readonly address: string;
      readonly response: SipResponse;
    }
  /** `reason`: the far end's own words. */
  | { readonly type: "refused"; readonly status: number; readonly reason?: string }
  | { readonly type: "unreachable"; readonly reason: string };

export interface BranchOptions {
  readonly core: Core;
  readonly place: Place;
  readonly callerNumber: string;
  readonly callerName: string | undefined;
  readonly sessionSeconds: number;
  readonly headers: readonly Header[];
  /** Our offer, for a phone that reaches us at `address`; `secure` where nobody on the way can read it. */
  readonly offer: (address: string, options: Pick<OfferOptions, "secure" | "onlySecure">) => string;
  /** Asked at the first answer: false when the call is answered elsewhere already. */
  readonly claim: () => boolean;
  readonly onRinging: () => void;
  /** Hears how the place sounds before it answers; false when that is not wanted. */
  readonly onEarly: (answer: string, offer: string) => boolean;
  /** Answers an offer of a place that was heard early. */
  readonly onOffer: (offer: string, address: string) => string | undefined;
  /** Somebody wants the call for a telephone that rings here; false when it is taken already. */
  readonly onPickUp: (leg: Session) => boolean;
}

/** What our INVITEs say of us to this place. */
interface Self {
  readonly address: string;
  readonly offer: string;
  readonly contact: Header;
}

/** Every challenge or better knowledge is worth one more try, but not for ever. */
const MAX_TRIES = 5;
/** A proxy may ring this many telephones for one INVITE of ours. */
const MAX_FORKS = 20;

/** One phone that is rung: an INVITE of ours and everything that may come back to it (RFC 3261 §13.2). */
export class Branch {
  readonly #options: BranchOptions;
  readonly #outcome = Promise.withResolvers<BranchOutcome>();
  readonly #acks: Acks;
  readonly #owned = new DisposableStack();
  /** By the far end's tag: a proxy may ring several telephones for us. */
  readonly #early = new Map<string, EarlyDialog>();
  #invite: SipRequest | undefined;
  #wishes: TimerWishes;
  #tries = 0;
  #cancelling = false;
  #ringing = false;
  #settled = false;
  /** The tag of who is heard before the answer. */
  #heard: string | undefined;

  constructor(options: BranchOptions) {
    this.#options = options;
    this.#acks = new Acks(options.core);
    this.#wishes = { seconds: options.sessionSeconds, atLeast: 0 };
  }

  /** How it ended: with its first final response, or without any. */
  get outcome(): Promise<BranchOutcome> {
    return this.#outcome.promise;
  }

  /** Sends the INVITE. Never rejects: what goes wrong is the outcome. */
  async start(): Promise<void> {
    const { core, place, callerNumber } = this.#options;
    const { target, peer } = place;
    try {
      const { host: address } = await core.transports.localAddress(peer);
      const contact = await core.contact(callerNumber, peer, target);
      const offer = this.#options.offer(address, { secure: peer.transport === "tls" });
      await this.#send(
        { address, contact, offer },
        {
          type: "request",
          method: "INVITE",
          uri: target,
          vias: [],
          from: withParam(this.#from(address), "tag", newTag()),
          to: { uri: target, params: noParams },
          callId: newCallId(),
          cseq: { number: 1, method: "INVITE" },
          headers: [...this.#headers(), contact, ALLOW, SUPPORTED, ...asked(this.#wishes), ["content-type", SDP_TYPE]],
          body: Buffer.from(offer),
        },
      );
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

  #from(address: string): NameAddr {
    const { place, callerNumber, callerName } = this.#options;
    if (place.identity) return place.identity.from;
    const named = callerName === undefined ? {} : { displayName: callerName };
    return { ...named, uri: sipUri(address, { user: callerNumber }), params: noParams };
  }

  #headers(): readonly Header[] {
    const { place, headers } = this.#options;
    const routes = (place.routes ?? []).map((route): Header => ["route", formatNameAddr(route)]);
    return [...routes, ["max-forwards", "70"], ...(place.identity?.headers ?? []), ...headers];
  }

  async #send(self: Self, request: SipRequest): Promise<void> {
    const { core, place } = this.#options;
    const invite = await core.addressed(request, place.peer);
    if (this.#cancelling) return this.#settle({ type: "refused", status: 487 });
    this.#invite = invite;
    this.#early.clear();
    this.#ringing = false;
    this.#tries += 1;
    core.transact(invite, place.peer, {
      onResponse: (response) => this.#onResponse(self, invite, response),
      onFailure: (fault) => {
        // It rang too long without a word: whoever is still rung hears that nobody waits (as with timer C, RFC 3261 §16.8).
        if (fault === "timeout" && this.#ringing && !this.#cancelling) this.#sendCancel();
        this.#settle({ type: "unreachable", reason: core.whyUnanswered(fault, place.peer) });
      },
    });
  }

  #onResponse(self: Self, invite: SipRequest, response: SipResponse) {
    if (response.status < 200) return this.#onProvisional(self, invite, response);
    if (response.status < 300) return this.#onAnswer(self, invite, response);
    const hopeless = this.#cancelling || this.#settled || this.#tries >= MAX_TRIES;
    const offer = hopeless ? undefined : this.#secureOffer(self, response);
    const improved = hopeless ? undefined : this.#improved(invite, response);
    const next = offer === undefined ? improved : { ...again(invite, []), body: Buffer.from(offer) };
    if (!next) return this.#settle({ type: "refused", status: response.status, reason: response.reason });
    this.#send({ ...self, ...(offer !== undefined && { offer }) }, next).catch((err: unknown) => {
      this.#options.core.log.info("an INVITE could not be sent again", { err });
      this.#settle({ type: "unreachable", reason: "no route" });
    });
  }

  /** Telephones that are told to encrypt always refuse plain RTP, even with keys for SRTP beside it: they are offered SRTP alone. */
  #secureOffer({ address, offer }: Self, { status }: SipResponse): string | undefined {
    const optional = offer.includes(" RTP/AVP ") && offer.includes("a=crypto:");
    return status === 488 && optional ? this.#options.offer(address, { secure: true, onlySecure: true }) : undefined;
  }

  /** The same INVITE with what the refusal asks for; undefined when there is nothing that helps. */
  #improved(invite: SipRequest, refusal: SipResponse): SipRequest | undefined {
    const atLeast = refusal.status === 422 ? wantedAtLeast(refusal, this.#wishes) : undefined;
    if (atLeast !== undefined) {
      this.#wishes = { ...this.#wishes, atLeast };
      return again(invite, asked(this.#wishes));
    }
    if (refusal.status !== 401 && refusal.status !== 407) return undefined;
    const answer = this.#options.place.credentials?.(invite, refusal);
    return answer && again(invite, [answer]);
  }

  #onProvisional(self: Self, invite: SipRequest, response: SipResponse) {
    // Before the first sign of life a CANCEL could overtake the INVITE (RFC 3261 §9.1).
    const first = !this.#ringing;
    this.#ringing = true;
    if (first && this.#cancelling) this.#sendCancel();
    if (this.#settled) return;
    if (response.status === 180 && !this.#cancelling) this.#options.onRinging();
    this.#earlyDialog(self, invite, response)?.take(response);
  }

  /** The dialog that a provisional response belongs to, where it makes one. */
  #earlyDialog({ offer, address, contact }: Self, invite: SipRequest, response: SipResponse): EarlyDialog | undefined {
    const tag = tagOf(response.to) ?? "";
    const known = this.#early.get(tag);
    const dialog = known || this.#early.size >= MAX_FORKS ? undefined : dialogOfResponse(invite, response);
    if (!dialog) return known;
    const early = new EarlyDialog({
      link: this.#link(dialog, contact),
      sequence: invite.cseq.number,
      takeAnswer: (answer) => this.#takeEarly(answer, { tag, offer }),
      answerOffer: (theirs) => this.#options.onOffer(theirs, address),
      pickUp: (leg) => !this.#settled && !this.#cancelling && this.#options.onPickUp(leg),
    });
    this.#early.set(tag, early);
    this.#owned.use(early.link.own(early));
    return early;
  }

  /** Whoever sounds first is heard; of the others what they say is kept until they answer. */
  #takeEarly(answer: string, { tag, offer }: { readonly tag: string; readonly offer: string }): boolean {
    if (this.#cancelling || (this.#heard !== undefined && this.#heard !== tag)) return false;
    if (!this.#options.onEarly(answer, offer)) return false;
    this.#heard = tag;
    return true;
  }

  #onAnswer({ address, contact, offer }: Self, invite: SipRequest, response: SipResponse) {
    if (this.#acks.repeat(response)) return;
    const dialog = dialogOfResponse(invite, response);
    if (!dialog) return this.#settle({ type: "unreachable", reason: "an answer without a tag" });
    const early = this.#early.get(tagOf(response.to) ?? "");
    const link = early?.link ?? this.#link(dialog, contact);
    link.confirm(dialog);
    const wanted = !this.#settled && !this.#cancelling && this.#options.claim();
    if (!wanted) this.#settle({ type: "refused", status: 487 });
    this.#settled = true;
    void this.#acknowledge(invite, link, wanted).then((acknowledged) => {
      if (!wanted) return;
      if (!acknowledged) return this.#settle({ type: "unreachable", reason: "no way back to who answered" });
      const answer = bodyOf(response, SDP_TYPE) ?? early?.description;
      const agreed = early?.agreed ?? false;
      this.#settle({ type: "answered", link, offer, answer, agreed, place: this.#options.place, address, response });
    });
  }

  /** ACKs every 2xx; one that nobody wants any more (another fork, or given up) is ended at once (RFC 3261 §13.2.2.4). */
  async #acknowledge(invite: SipRequest, link: DialogLink, wanted: boolean): Promise<boolean> {
    try {
      await link.acknowledge(this.#acks, invite);
    } catch (err) {
      this.#options.core.log.warn("an ACK could not be sent", { err });
      return false;
    }
    if (!wanted) void link.request("BYE");
    return true;
  }

  #link(dialog: Dialog, contact: Header): DialogLink {
    const { core, place } = this.#options;
    const { behindNat, peer, credentials } = place;
    const flow = behindNat || isUnreachable(dialog.target, peer) ? peer : undefined;
    return new DialogLink({ core, dialog, flow, contact, credentials, outgoing: true });
  }

  #sendCancel() {
    const { core, place } = this.#options;
    const invite = this.#invite;
    if (!invite || this.#settled) return;
    // The same but for the method: by the branch it finds its INVITE (RFC 3261 §9.1).
    const headers = invite.headers.filter(([name]) => name === "max-forwards" || name === "route");
    const cancel: SipRequest = { ...invite, method: "CANCEL", cseq: { ...invite.cseq, method: "CANCEL" }, headers, body: noBody };
    core.transact(cancel, place.peer, { onResponse: () => {}, onFailure: () => {} });
    // A peer may take the CANCEL and never end its INVITE.
    this.#owned.use(core.clock.after(LIFETIME_MS, () => this.#settle({ type: "refused", status: 487 })));
  }

  #settle(outcome: BranchOutcome) {
    this.#settled = true;
    this.#owned.dispose();
    this.#outcome.resolve(outcome);
  }
}

/** The next try of an INVITE (RFC 3261 §8.1.3.5): some headers said anew. */
const again = (invite: SipRequest, headers: readonly Header[]): SipRequest => ({
  ...invite,
  vias: [],
  cseq: { ...invite.cseq, number: invite.cseq.number + 1 },
  headers: [...invite.headers.filter(([name]) => name !== "user-agent" && !headers.some(([anew]) => anew === name)), ...headers],
});

/** What the far end calls its program. */
export const userAgentOf = (response: SipResponse): string | undefined =>
  headerOf(response, "server") ?? headerOf(response, "user-agent");
