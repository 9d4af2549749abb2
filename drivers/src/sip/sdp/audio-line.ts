import type { AudioCodec } from "../../line/index.ts";
import { type CryptoLine, formatCrypto, parseCrypto } from "./crypto.ts";
import type { Attribute, MediaDescription, SessionDescription } from "./description.ts";
import { type Direction, directionOf } from "./direction.ts";

export interface CodecNumber {
  readonly codec: AudioCodec;
  readonly payloadType: number;
}

/** Telephone events (RFC 4733). G.722 is sampled at 16 kHz but its clock is 8 kHz; some peers give its events the other rate. */
export interface EventNumber {
  readonly payloadType: number;
  readonly rate: 8_000 | 16_000;
}

/** What one end says of its audio stream. */
export interface AudioLine {
  readonly port: number;
  readonly protocol: string;
  /** Where it wants the sound; undefined for a name or nothing at all. */
  readonly address: string | undefined;
  /** In its order. */
  readonly codecs: readonly CodecNumber[];
  readonly events: readonly EventNumber[];
  readonly direction: Direction;
  /** Sound in one packet that it would like, ms. */
  readonly packetMs: number | undefined;
  /** RTCP on a port of its own (RFC 3605). */
  readonly rtcpPort: number | undefined;
  /** RTCP may share the port (RFC 5761). */
  readonly muxed: boolean;
  /** Keys of SRTP that we can speak, in its order. */
  readonly crypto: readonly CryptoLine[];
  /** It has lines of keys, whether we can speak them or not. */
  readonly keyed: boolean;
}

/** The numbers that RFC 3551 gives without an rtpmap. */
const STATIC: Readonly<Record<string, AudioCodec>> = { 0: "PCMU", 8: "PCMA", 9: "G722" };
/** The keys of a telephone (RFC 4733 §3.2). */
const EVENTS = "0-15";

export const staticNumber = (codec: AudioCodec): number => ({ PCMU: 0, PCMA: 8, G722: 9 })[codec];

/** Whether a stream is RTP with or without SRTP by keys in SDP. Feedback (AVPF) is left unsent; keys by DTLS are not spoken. */
const isRtp = (protocol: string) => /^RTP\/S?AVPF?$/.test(protocol);
export const isSecure = (protocol: string): boolean => protocol.startsWith("RTP/SAVP");

/** What the description says of payload types, "8" → "PCMA/8000" in upper case, static ones included. */
export function encodingsOf({ formats, attributes }: MediaDescription): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const format of formats) if (STATIC[format] !== undefined) names.set(format, `${STATIC[format]}/8000`);
  for (const [name, value = ""] of attributes) {
    const [, type, encoding] = (name === "rtpmap" && /^([0-9]{1,3}) +([^ ]+)/.exec(value)) || [];
    if (type !== undefined && encoding !== undefined && Number(type) < 128 && formats.includes(type))
      names.set(type, encoding.toUpperCase().replace(/^([^/]+\/[0-9]+)\/1$/, "$1"));
  }
  return names;
}

const codecNamed = (encoding: string | undefined): AudioCodec | undefined =>
  (["PCMA", "PCMU", "G722"] as const).find((codec) => encoding === `${codec}/8000`);

function numberIn(attributes: readonly Attribute[], name: string): number | undefined {
  const [, digits] = /^([0-9]{1,5})(?: |$)/.exec(attributes.find(([found]) => found === name)?.[1]?.trim() ?? "") ?? [];
  return digits === undefined || Number(digits) === 0 ? undefined : Number(digits);
}

/** Sound in a packet as asked for, in steps of 10 ms from 10 to 60, and no more than `maxptime`. */
function packetMsOf(attributes: readonly Attribute[]): number | undefined {
  const wanted = numberIn(attributes, "ptime");
  const most = numberIn(attributes, "maxptime") ?? 60;
  if (wanted === undefined && most >= 20) return undefined;
  return Math.max(10, Math.min(60, Math.floor(Math.min(wanted ?? 20, most) / 10) * 10));
}

/** Reads one stream; undefined when it is not audio over RTP. Lines of ICE and DTLS are passed over. */
export function audioLineOf(session: SessionDescription, medium: MediaDescription | undefined): AudioLine | undefined {
  if (medium?.kind !== "audio" || !isRtp(medium.protocol)) return undefined;
  const { attributes, formats, port, protocol } = medium;
  const encodings = encodingsOf(medium);
  const codecs: CodecNumber[] = [];
  const events: EventNumber[] = [];
  for (const format of formats) {
    const encoding = encodings.get(format);
    const codec = codecNamed(encoding);
    if (codec) codecs.push({ codec, payloadType: Number(format) });
    else if (encoding === "TELEPHONE-EVENT/8000") events.push({ payloadType: Number(format), rate: 8_000 });
    else if (encoding === "TELEPHONE-EVENT/16000") events.push({ payloadType: Number(format), rate: 16_000 });
  }
  return {
    port,
    protocol,
    address: medium.connection ?? session.connection,
    codecs,
    events,
    direction: directionOf([...attributes, ...session.attributes]),
    packetMs: packetMsOf(attributes),
    rtcpPort: numberIn(attributes, "rtcp"),
    muxed: attributes.some(([name]) => name === "rtcp-mux"),
    crypto: attributes.flatMap(([name, value = ""]) => (name === "crypto" ? (parseCrypto(value) ?? []) : [])),
    keyed: attributes.some(([name]) => name === "crypto"),
  };
}

/** A stream of ours as it is written. */
export interface OwnLine extends Pick<AudioLine, "port" | "protocol" | "codecs" | "direction" | "muxed" | "crypto"> {
  readonly event: EventNumber | undefined;
  readonly packetMs: number;
}

export function writeAudioLine({ port, protocol, codecs, event, packetMs, direction, muxed, crypto }: OwnLine): MediaDescription {
  const attributes: Attribute[] = codecs.map(({ codec, payloadType }) => ["rtpmap", `${payloadType} ${codec}/8000`]);
  if (event)
    attributes.push(["rtpmap", `${event.payloadType} telephone-event/${event.rate}`], ["fmtp", `${event.payloadType} ${EVENTS}`]);
  attributes.push(["ptime", String(packetMs)], [direction]);
  if (muxed) attributes.push(["rtcp-mux"]);
  for (const line of crypto) attributes.push(["crypto", formatCrypto(line)]);
  const formats = [...codecs, ...(event ? [event] : [])].map(({ payloadType }) => String(payloadType));
  return { kind: "audio", port, protocol, formats, attributes };
}
