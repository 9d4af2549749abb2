import type { RtpRemote } from "../../line/index.ts";
import { type Attribute, isUsableAddress, type MediaDescription, type SessionDescription } from "./description.ts";

/** Our end of a session: where we listen, and the numbers that mark our descriptions. */
export interface LocalMedia {
  readonly address: string;
  readonly port: number;
  readonly sessionId: string;
  /** Goes up by one with each description that differs (RFC 3264 §8). */
  readonly version: number;
}

export type Negotiation =
  | { readonly type: "agreed"; readonly answer: SessionDescription; readonly remote: RtpRemote }
  /** Nothing in the offer that we can speak: 488 (RFC 3261 §21.4.26). */
  | { readonly type: "refused"; readonly reason: string };

type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** What we call the telephone events in our own offers; the far end's number counts when we send. */
const EVENT_TYPE = 101;
const CODEC_NAMES = { 0: "PCMU/8000", 8: "PCMA/8000" } as const;
/** The keys of a telephone (RFC 4733 §3.2). */
const EVENTS = "0-15";

const isDirection = (name: string): name is Direction =>
  name === "sendrecv" || name === "sendonly" || name === "recvonly" || name === "inactive";

function directionOf(session: SessionDescription, medium: MediaDescription): Direction {
  const stated = [...medium.attributes, ...session.attributes].map(([name]) => name).find(isDirection);
  return stated ?? "sendrecv";
}

/** The payload type that the description gives to RFC 4733 events at 8 kHz. */
function eventTypeOf(medium: MediaDescription): number | undefined {
  for (const [name, value] of medium.attributes) {
    const [, type] = (name === "rtpmap" && /^([0-9]{1,3}) telephone-event\/8000$/i.exec(value ?? "")) || [];
    if (type !== undefined && medium.formats.includes(type) && Number(type) < 128) return Number(type);
  }
  return undefined;
}

const isOurs = (medium: MediaDescription) =>
  medium.kind === "audio" && medium.protocol === "RTP/AVP" && medium.port !== 0 && codecOf(medium) !== undefined;

/** A-law first: nothing between a site and its lines is then converted. */
function codecOf(medium: MediaDescription): 0 | 8 | undefined {
  if (medium.formats.includes("8")) return 8;
  return medium.formats.includes("0") ? 0 : undefined;
}

/** Reads where their audio is; they may be on hold by direction or by an address of zeros (RFC 2543 §B.5). */
function remoteOf(session: SessionDescription, medium: MediaDescription, payloadType: 0 | 8): RtpRemote | undefined {
  const address = medium.connection ?? session.connection;
  const held = address === "0.0.0.0" || address === "::";
  if (!held && !isUsableAddress(address)) return undefined;
  const direction = directionOf(session, medium);
  const telephoneEvent = eventTypeOf(medium);
  return {
    address: address ?? "",
    port: medium.port,
    codec: payloadType === 0 ? "PCMU" : "PCMA",
    payloadType,
    ...(telephoneEvent !== undefined && { telephoneEvent }),
    send: !held && (direction === "sendrecv" || direction === "recvonly"),
    receive: direction === "sendrecv" || direction === "sendonly",
  };
}

const directionFor = ({ send, receive }: { send: boolean; receive: boolean }): Direction =>
  send ? (receive ? "sendrecv" : "sendonly") : receive ? "recvonly" : "inactive";

function audio(local: LocalMedia, codecs: readonly (0 | 8)[], event: number | undefined, direction: Direction): MediaDescription {
  const attributes: Attribute[] = codecs.map((codec) => ["rtpmap", `${codec} ${CODEC_NAMES[codec]}`]);
  if (event !== undefined) attributes.push(["rtpmap", `${event} telephone-event/8000`], ["fmtp", `${event} ${EVENTS}`]);
  return {
    kind: "audio",
    port: local.port,
    protocol: "RTP/AVP",
    formats: [...codecs.map(String), ...(event === undefined ? [] : [String(event)])],
    attributes: [...attributes, ["ptime", "20"], [direction]],
  };
}

const session = (local: LocalMedia, media: readonly MediaDescription[]): SessionDescription => ({
  origin: { user: "-", sessionId: local.sessionId, version: String(local.version), address: local.address },
  connection: local.address,
  attributes: [],
  media,
});

/** What we propose: G.711 both ways and telephone events. */
export const buildOffer = (local: LocalMedia): SessionDescription =>
  session(local, [audio(local, [8, 0], EVENT_TYPE, "sendrecv")]);

/** Answers an offer (RFC 3264 §6): the first audio stream that we can speak; every other stream is refused with port 0. */
export function answerOffer(offer: SessionDescription, local: LocalMedia): Negotiation {
  const chosen = offer.media.find(isOurs);
  const codec = chosen && codecOf(chosen);
  if (!chosen || codec === undefined) return { type: "refused", reason: "no G.711 audio over RTP in the offer" };
  const remote = remoteOf(offer, chosen, codec);
  if (!remote) return { type: "refused", reason: "no address to send audio to in the offer" };
  const direction = directionFor(remote);
  const media = offer.media.map((medium) =>
    medium === chosen
      ? audio(local, [codec], remote.telephoneEvent, direction)
      : { kind: medium.kind, port: 0, protocol: medium.protocol, formats: medium.formats, attributes: [] },
  );
  return { type: "agreed", answer: session(local, media), remote };
}

/** Reads the answer to our own offer; undefined when it agrees to nothing. */
export function readAnswer(answer: SessionDescription): RtpRemote | undefined {
  const [medium] = answer.media;
  if (!medium || !isOurs(medium)) return undefined;
  // Several codecs may be left; the first is the one that they mean to send (RFC 3264 §6.1).
  const first = medium.formats.find((format) => format === "8" || format === "0");
  return remoteOf(answer, medium, first === "0" ? 0 : 8);
}
