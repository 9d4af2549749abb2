import type { RtpRemote } from "../../line/index.ts";
import { type AudioLine, audioLineOf, type CodecNumber, type EventNumber, isSecure } from "./audio-line.ts";
import type { CryptoLine } from "./crypto.ts";
import { isUsableAddress, type SessionDescription } from "./description.ts";
import type { LocalAudio } from "./local-audio.ts";
import type { Agreed } from "./negotiated.ts";

/** The stream of an offer that we take, and what of it. */
export interface Choice {
  readonly index: number;
  readonly line: AudioLine;
  readonly codec: CodecNumber;
  readonly event: EventNumber | undefined;
  readonly crypto: CryptoLine | undefined;
}

/** The "hold" of RFC 2543 §B.5: nothing is to be sent there. */
export const isZero = (address: string | undefined): boolean => address === "0.0.0.0" || address === "::";
export const canBeSent = (address: string | undefined): boolean => isZero(address) || isUsableAddress(address);

/** Telephone events by their proper clock; at 16 kHz only beside G.722. */
export function eventOf(line: AudioLine, codec: CodecNumber): EventNumber | undefined {
  const proper = line.events.find(({ rate }) => rate === 8_000);
  return proper ?? (codec.codec === "G722" ? line.events[0] : undefined);
}

/** What we take of one stream, or why not. */
function chosenOf(line: AudioLine, local: LocalAudio, agreed: Agreed | undefined): Omit<Choice, "index"> | string {
  if (!canBeSent(line.address)) return "no address to send audio to";
  const wanted = agreed ? [agreed.remote.codec, ...local.codecs] : local.codecs;
  const codec = wanted
    .filter((name) => local.codecs.includes(name))
    .map((name) => line.codecs.find((found) => found.codec === name))
    .find((found) => found !== undefined);
  if (!codec) return "no codec that we speak";
  const crypto = local.srtp === "off" ? undefined : line.crypto[0];
  if (!crypto && isSecure(line.protocol)) return "no key of SRTP that we take";
  if (!crypto && local.srtp === "require") return "no SRTP";
  return { line, codec, crypto, event: eventOf(line, codec) };
}

/**
 * Picks the stream of an offer that we speak: the one that is spoken already, else one with SRTP, else the first. A text says why
 * there is none.
 */
export function choose(offer: SessionDescription, local: LocalAudio, agreed: Agreed | undefined): Choice | string {
  const choices: Choice[] = [];
  const reasons: string[] = [];
  for (const [index, medium] of offer.media.entries()) {
    const line = medium.port === 0 ? undefined : audioLineOf(offer, medium);
    const chosen = line && chosenOf(line, local, agreed);
    if (typeof chosen === "string") reasons.push(chosen);
    else if (chosen) choices.push({ index, ...chosen });
  }
  const best = choices.find(({ index }) => index === agreed?.index) ?? choices.find(({ crypto }) => crypto) ?? choices[0];
  return best ?? reasons[0] ?? "no audio over RTP";
}

/** Where and how the far end's audio goes, but for keys and directions. */
export function remoteOf(
  line: AudioLine,
  { codec, payloadType }: CodecNumber,
  options: { readonly event: EventNumber | undefined; readonly muxed: boolean; readonly agreed: Agreed | undefined },
): Omit<RtpRemote, "send" | "receive" | "srtp"> {
  const { event, muxed, agreed } = options;
  const { packetMs, rtcpPort } = line;
  const rtcp = muxed ? "muxed" : rtcpPort;
  return {
    // A far end that holds us by zeros may still play its music from where it was.
    address: (isZero(line.address) ? agreed?.remote.address : undefined) ?? line.address ?? "",
    port: line.port,
    codec,
    payloadType,
    ...(packetMs !== undefined && packetMs !== 20 && { packetMs }),
    ...(event && { telephoneEvent: event.payloadType }),
    ...(rtcp !== undefined && { rtcp }),
  };
}
