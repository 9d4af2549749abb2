import type { AudioCodec } from "../../line/index.ts";
import { type CodecNumber, type EventNumber, type OwnLine, staticNumber, writeAudioLine } from "./audio-line.ts";
import { type CryptoLine, SUITES } from "./crypto.ts";
import type { MediaDescription } from "./description.ts";
import type { Direction } from "./direction.ts";
import type { Agreed, Negotiated } from "./negotiated.ts";

/**
 * SRTP at our end. "off": never. "accept": where the far end offers it. "prefer": offered too, beside plain RTP, for a far end
 * whose signalling nobody can read. "require": nothing else is offered or taken.
 */
export type SrtpPolicy = "off" | "accept" | "prefer" | "require";

/** What we can and want now: it may change from one offer to the next. */
export interface LocalAudio {
  readonly address: string;
  readonly port: number;
  /** The preferred one first. */
  readonly codecs: readonly AudioCodec[];
  readonly srtp: SrtpPolicy;
  /** Sound in one packet that we would like to get, ms. */
  readonly packetMs: number;
  /** "sendrecv" to talk; "sendonly" or "inactive" to put the far end on hold. */
  readonly direction: Direction;
  /** `KEY_BYTES` random bytes: the key and salt of SRTP in our direction. */
  readonly newKey: () => Uint8Array;
}

/** What we call the telephone events where nothing speaks against it. */
const EVENT_TYPE = 101;
const FIRST_DYNAMIC_TYPE = 96;

/** A number keeps its meaning for the whole session (RFC 3264 §8.3.2), so a number that was used for something else is not taken. */
function eventNumber({ agreed, used }: Negotiated): EventNumber {
  if (agreed?.event) return agreed.event;
  const isFree = (type: number) => (used.get(String(type)) ?? "TELEPHONE-EVENT/8000") === "TELEPHONE-EVENT/8000";
  let payloadType = EVENT_TYPE;
  for (let type = FIRST_DYNAMIC_TYPE; !isFree(payloadType) && type < 128; type++) payloadType = type;
  return { payloadType, rate: 8_000 };
}

function codecNumbers(local: LocalAudio, agreed: Agreed | undefined): readonly CodecNumber[] {
  const known = agreed && { codec: agreed.remote.codec, payloadType: agreed.remote.payloadType };
  const others = local.codecs.filter((codec) => codec !== known?.codec);
  return [
    // What is spoken already comes first: a hold is no reason to change the codec.
    ...(known && local.codecs.includes(known.codec) ? [known] : []),
    ...others.map((codec) => ({ codec, payloadType: staticNumber(codec) })),
  ];
}

function keysToOffer({ agreed }: Negotiated, local: LocalAudio, anew: boolean): readonly CryptoLine[] {
  if (local.srtp === "off") return [];
  const fresh = (suite: CryptoLine["key"]["suite"]) => ({ suite, masterKeyAndSalt: local.newKey() });
  const own = agreed?.ownKey;
  if (own) return [anew ? { ...own, key: fresh(own.key.suite) } : own];
  const wanted = local.srtp === "require" || (local.srtp === "prefer" && (anew || !agreed));
  return wanted ? SUITES.map((suite, at) => ({ tag: at + 1, key: fresh(suite) })) : [];
}

/** Our audio as we propose it. `anew`: the far end may be handing over to another, so it gets keys that nobody had before. */
export function audioToOffer(negotiated: Negotiated, local: LocalAudio, anew: boolean): MediaDescription {
  const { agreed } = negotiated;
  const line: OwnLine = {
    port: local.port,
    protocol: agreed?.protocol ?? (local.srtp === "require" ? "RTP/SAVP" : "RTP/AVP"),
    codecs: codecNumbers(local, agreed),
    event: eventNumber(negotiated),
    packetMs: local.packetMs,
    direction: local.direction,
    muxed: agreed?.remote.rtcp === "muxed",
    crypto: keysToOffer(negotiated, local, anew),
  };
  return writeAudioLine(line);
}
