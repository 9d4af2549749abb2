import type { SrtpKey } from "../../line/index.ts";

/** One `a=crypto` line that we can speak (RFC 4568 §4). */
export interface CryptoLine {
  /** Ties an answer's line to the offer's. */
  readonly tag: number;
  readonly key: SrtpKey;
}

/** The suites that we speak, the preferred one first. */
export const SUITES = ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"] as const;
/** Master key and master salt of both suites (RFC 4568 §6.2). */
export const KEY_BYTES = 30;

/** A key is never changed in mid-call by itself, so it has to last: five hours of packets of 20 ms. */
const MIN_LIFETIME_LOG2 = 20;
/** The most packets that the suites allow under one key (RFC 3711 §9.2). */
const MAX_LIFETIME_LOG2 = 48;

const isSuite = (name: string): name is SrtpKey["suite"] => SUITES.some((suite) => suite === name);

function lasts(lifetime: string): boolean {
  const [, power] = /^2\^([0-9]{1,3})$/.exec(lifetime) ?? [];
  const log2 = power === undefined ? Math.log2(Number(lifetime)) : Number(power);
  return log2 >= MIN_LIFETIME_LOG2 && log2 <= MAX_LIFETIME_LOG2;
}

/** Parameters that change nothing for us: the size of a window, no derivation of further keys, and what may be ignored (§6.3.7). */
const isHarmless = (parameter: string) => /^(?:WSH=[0-9]+|KDR=0|-.*)$/.test(parameter);

/**
 * Reads the value of an `a=crypto` line. Undefined when we cannot speak it, so that the next one is looked at (§5.1.2): another
 * suite, several keys or a key with an identifier in each packet (MKI), a key that would not last, protection switched off in part.
 */
export function parseCrypto(value: string): CryptoLine | undefined {
  const [tag = "", suite = "", key = "", ...parameters] = value.trim().split(/ +/);
  const [, text, lifetime] = /^inline:([A-Za-z0-9+/]{40})(?:\|([0-9^]+))?$/.exec(key) ?? [];
  if (!/^[0-9]{1,9}$/.test(tag) || !isSuite(suite) || text === undefined) return undefined;
  if ((lifetime !== undefined && !lasts(lifetime)) || !parameters.every(isHarmless)) return undefined;
  return { tag: Number(tag), key: { suite, masterKeyAndSalt: new Uint8Array(Buffer.from(text, "base64")) } };
}

export const formatCrypto = ({ tag, key }: CryptoLine): string =>
  `${tag} ${key.suite} inline:${Buffer.from(key.masterKeyAndSalt).toString("base64")}`;

export const isSameKey = (one: SrtpKey | undefined, other: SrtpKey | undefined): boolean =>
  one?.suite === other?.suite && Buffer.compare(one?.masterKeyAndSalt ?? noKey, other?.masterKeyAndSalt ?? noKey) === 0;

const noKey = new Uint8Array();
