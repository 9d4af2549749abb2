import { isDeepStrictEqual } from "node:util";
import type { RtpRemote } from "../../line/index.ts";
import { type AudioLine, audioLineOf, encodingsOf, isSecure, writeAudioLine } from "./audio-line.ts";
import { canBeSent, choose, eventOf, isZero, remoteOf } from "./choice.ts";
import { isSameKey } from "./crypto.ts";
import type { MediaDescription, SessionDescription } from "./description.ts";
import { agreedFlow, directionFor, type Flow, flowOf } from "./direction.ts";
import { audioToOffer, type LocalAudio } from "./local-audio.ts";
import type { Agreed, Agreement, Negotiated } from "./negotiated.ts";

/** The offers and answers of one session (RFC 3264 §4): at most one offer is open at a time. */
export type OfferAnswer = Negotiated &
  (
    | { readonly state: "stable" }
    | { readonly state: "local-offer"; readonly index: number; readonly secured: boolean }
    | { readonly state: "remote-offer"; readonly offer: SessionDescription }
  );

/** An offer in the wrong moment: 491 when ours is open (RFC 3261 §14.1), 500 when theirs is not answered yet (§14.2). */
export interface Glare {
  readonly type: "glare";
  readonly status: 491 | 500;
}

/** Nothing that we can speak: 488 (RFC 3261 §21.4.26). What was agreed before stays; `next` has no open offer. */
export interface Refused {
  readonly type: "refused";
  readonly status: 488;
  readonly reason: string;
  readonly next: OfferAnswer;
}

/** Nothing was open that this could belong to, as with a repeated answer. */
export interface Ignored {
  readonly type: "ignored";
}

export interface Offered {
  readonly type: "offered";
  readonly next: OfferAnswer;
  readonly offer: SessionDescription;
}

export interface Taken {
  readonly type: "taken";
  readonly next: OfferAnswer;
}

export interface Answered {
  readonly type: "answered";
  readonly next: OfferAnswer;
  readonly answer: SessionDescription;
  readonly agreement: Agreement;
}

export interface Accepted {
  readonly type: "agreed";
  readonly next: OfferAnswer;
  readonly agreement: Agreement;
}

export const startOfferAnswer = (sessionId: string): OfferAnswer => ({
  state: "stable",
  sessionId,
  sent: undefined,
  agreed: undefined,
  used: new Map(),
});

const kept = ({ sessionId, sent, agreed, used }: OfferAnswer): Negotiated => ({ sessionId, sent, agreed, used });
const stable = (session: OfferAnswer, change: Partial<Negotiated> = {}): OfferAnswer => ({
  ...kept(session),
  ...change,
  state: "stable",
});
const refusal = (session: OfferAnswer, reason: string): Refused => ({
  type: "refused",
  status: 488,
  reason,
  next: stable(session),
});

/** A stream that is not spoken, in its place (RFC 3264 §6, §8.2). */
const closed = ({ kind, protocol, formats }: MediaDescription): MediaDescription => ({
  kind,
  port: 0,
  protocol,
  formats,
  attributes: [],
});

/** Our next description: one that says the same as the last is the last, another has the next version (RFC 3264 §8). */
function stated({ sent, sessionId }: Negotiated, address: string, media: readonly MediaDescription[]): SessionDescription {
  const version = sent?.origin.version ?? "1";
  const description: SessionDescription = {
    origin: { user: "-", sessionId, version, address },
    connection: address,
    attributes: [],
    media,
  };
  if (!sent || isDeepStrictEqual(sent, description)) return description;
  return { ...description, origin: { ...description.origin, version: String(Number(version) + 1) } };
}

const withNumbers = ({ used }: Negotiated, ...media: readonly (MediaDescription | undefined)[]): Negotiated["used"] =>
  new Map([...used, ...media.flatMap((medium) => (medium ? [...encodingsOf(medium)] : []))]);

/**
 * Proposes what `local` says, in the place of the audio that there is already.
 * @param options.anew the far end asked for an offer without making one, perhaps for another peer: new keys.
 */
export function makeOffer(session: OfferAnswer, local: LocalAudio, options: { readonly anew?: boolean } = {}): Offered | Glare {
  if (session.state !== "stable") return { type: "glare", status: session.state === "local-offer" ? 491 : 500 };
  const { agreed } = session;
  const audio = audioToOffer(session, local, options.anew ?? false);
  const index = agreed?.index ?? 0;
  const media = agreed ? agreed.local.media.map((medium, at) => (at === index ? audio : closed(medium))) : [audio];
  const offer = stated(session, local.address, media);
  const used = withNumbers(session, audio);
  const next: OfferAnswer = {
    ...kept(session),
    sent: offer,
    used,
    state: "local-offer",
    index,
    secured: local.srtp === "require",
  };
  return { type: "offered", next, offer };
}

/** Looks at the far end's offer; what `local` cannot speak is refused and leaves everything as it was. */
export function takeOffer(session: OfferAnswer, offer: SessionDescription, local: LocalAudio): Taken | Refused | Glare {
  if (session.state !== "stable") return { type: "glare", status: session.state === "local-offer" ? 491 : 500 };
  const chosen = choose(offer, local, session.agreed);
  if (typeof chosen === "string" && !(session.agreed && isSilent(offer))) return refusal(session, chosen);
  return { type: "taken", next: { ...kept(session), state: "remote-offer", offer } };
}

/** Every stream is closed: in mid-call another form of hold. */
const isSilent = (offer: SessionDescription) => offer.media.length > 0 && offer.media.every(({ port }) => port === 0);

/** Answers the offer that was taken (RFC 3264 §6): one audio stream with one codec; every other stream is refused with port 0. */
export function makeAnswer(session: OfferAnswer, local: LocalAudio): Answered | Refused | Ignored {
  if (session.state !== "remote-offer") return { type: "ignored" };
  const { offer, agreed } = session;
  const chosen = choose(offer, local, agreed);
  if (typeof chosen === "string") return agreed && isSilent(offer) ? silence(session, agreed, local) : refusal(session, chosen);
  const { index, line, codec, event, crypto } = chosen;
  const flow = flowTowards(line, flowOf(local.direction));
  // A far end that keeps its key is the same as before; another one would not know how far our key has been used.
  const same = crypto && agreed?.ownKey && isSameKey(agreed.remote.srtp?.remote, crypto.key);
  const ownKey = crypto && {
    tag: crypto.tag,
    key: same ? agreed.ownKey.key : { suite: crypto.key.suite, masterKeyAndSalt: local.newKey() },
  };
  const audio = writeAudioLine({
    port: local.port,
    protocol: line.protocol,
    codecs: [codec],
    event,
    packetMs: line.packetMs ?? local.packetMs,
    direction: directionFor(flow),
    muxed: line.muxed,
    crypto: ownKey ? [ownKey] : [],
  });
  const answer = stated(
    session,
    local.address,
    offer.media.map((medium, at) => (at === index ? audio : closed(medium))),
  );
  const remote: RtpRemote = {
    ...remoteOf(line, codec, { event, muxed: line.muxed, agreed }),
    ...flow,
    ...(crypto && ownKey && { srtp: { local: ownKey.key, remote: crypto.key } }),
  };
  const agreement = { remote, held: !wantsSound(line) };
  const next: Agreed = { ...agreement, local: answer, index, protocol: line.protocol, event, ownKey };
  const used = withNumbers(session, offer.media[index], audio);
  return { type: "answered", next: stable(session, { sent: answer, agreed: next, used }), answer, agreement };
}

const wantsSound = (line: AudioLine) => flowOf(line.direction).receive && !isZero(line.address);

function flowTowards(line: AudioLine, ours: Flow): Flow {
  const { send, receive } = agreedFlow(ours, flowOf(line.direction));
  return { send: send && wantsSound(line), receive };
}

function silence(session: OfferAnswer & { state: "remote-offer" }, agreed: Agreed, local: LocalAudio): Answered {
  const answer = stated(session, local.address, session.offer.media.map(closed));
  const agreement = silenced(agreed);
  const next = stable(session, { sent: answer, agreed: { ...agreed, ...agreement, local: answer } });
  return { type: "answered", next, answer, agreement };
}

const silenced = ({ remote }: Agreed): Agreement => ({ remote: { ...remote, send: false, receive: false }, held: true });

/** Takes the far end's answer to our offer. An answer that agrees to nothing is refused: the session is as it was before the offer. */
export function takeAnswer(session: OfferAnswer, answer: SessionDescription): Accepted | Refused | Ignored {
  if (session.state !== "local-offer" || !session.sent) return { type: "ignored" };
  const { agreed, index, sent: local, secured } = session;
  const ours = audioLineOf(local, local.media[index]);
  const line = audioLineOf(answer, answer.media[index]);
  if (!ours || !line) return refusal(session, "no audio over RTP in the answer");
  if (line.port === 0) {
    if (!agreed) return refusal(session, "the audio was declined");
    const agreement = silenced(agreed);
    return { type: "agreed", next: stable(session, { agreed: { ...agreed, ...agreement, local } }), agreement };
  }
  if (!canBeSent(line.address)) return refusal(session, "no address to send audio to");
  // Several codecs may be left; the first is the one that they mean to send (RFC 3264 §6.1).
  const codec = line.codecs.find((found) => ours.codecs.some((known) => known.codec === found.codec));
  if (!codec) return refusal(session, "no codec that we offered");
  const crypto = line.crypto.find(({ tag, key }) => ours.crypto.some((own) => own.tag === tag && own.key.suite === key.suite));
  const meant = secured || isSecure(ours.protocol) || isSecure(line.protocol) || (ours.crypto.length > 0 && line.keyed);
  if (!crypto && meant) return refusal(session, "no key of SRTP that we offered");
  const ownKey = crypto && ours.crypto.find(({ tag }) => tag === crypto.tag);
  const event = eventOf(line, codec);
  const flow = flowTowards(line, flowOf(ours.direction));
  const remote: RtpRemote = {
    ...remoteOf(line, codec, { event, muxed: ours.muxed && line.muxed, agreed }),
    ...flow,
    ...(crypto && ownKey && { srtp: { local: ownKey.key, remote: crypto.key } }),
  };
  // Where we did not offer to send, the answer cannot say whether they would listen.
  const held = flowOf(ours.direction).send ? !wantsSound(line) : (agreed?.held ?? false);
  const agreement = { remote, held };
  const next: Agreed = { ...agreement, local, index, protocol: ours.protocol, event: ours.events[0], ownKey };
  const used = withNumbers(session, answer.media[index]);
  return { type: "agreed", next: stable(session, { agreed: next, used }), agreement };
}

/** Forgets an open offer, of either side: it was refused or withdrawn, and what was agreed before holds (RFC 3264 §4). */
export const rollback = (session: OfferAnswer): OfferAnswer => stable(session);
