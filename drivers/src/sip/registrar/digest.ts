import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "@sitebox/core/kernel";
import type { Credentials } from "../parser/index.ts";

export type DigestAlgorithm = "MD5" | "SHA-256";

/** "stale": right, but the nonce has served its time or the count was seen; a new challenge lets an honest client go on. */
export type DigestVerdict = "right" | "wrong" | "stale";

/** How long a challenge can be answered, and how many answered ones are remembered for replays. */
const NONCE_LIFE_MS = 300_000;
const MAX_NONCES = 10_000;

const hashOf = (algorithm: DigestAlgorithm) => (algorithm === "MD5" ? "md5" : "sha256");

export interface DigestParts {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Present with qop=auth (RFC 7616 §3.4.1), absent with a client of RFC 2069. */
  readonly qop?: { readonly count: string; readonly cnonce: string };
}

/** The response of a digest challenge (RFC 7616 §3.4, RFC 8760), in hexadecimal. */
export function digestResponse(parts: DigestParts): string {
  const hash = (text: string) => createHash(hashOf(parts.algorithm)).update(text).digest("hex");
  const secret = hash(`${parts.username}:${parts.realm}:${parts.password}`);
  const request = hash(`${parts.method}:${parts.uri}`);
  const middle = parts.qop ? `${parts.nonce}:${parts.qop.count}:${parts.qop.cnonce}:auth` : parts.nonce;
  return hash(`${secret}:${middle}:${request}`);
}

/** Makes challenges and checks answers to them. A nonce carries its own time and seal, so that unanswered ones cost nothing. */
export class Digest {
  readonly #clock: Clock;
  readonly #realm: string;
  readonly #key = randomBytes(32);
  /** The highest count seen of each nonce that was answered rightly, oldest first. */
  readonly #counts = new Map<string, number>();

  constructor(clock: Clock, realm: string) {
    this.#clock = clock;
    this.#realm = realm;
  }

  /** A challenge (RFC 7616 §3.3) for `algorithm`, as the value of WWW-Authenticate. */
  challenge(algorithm: DigestAlgorithm, stale: boolean): Credentials {
    const params = new Map([
      ["realm", this.#realm],
      ["nonce", this.#nonce()],
      ["algorithm", algorithm],
      ["qop", "auth"],
    ]);
    if (stale) params.set("stale", "true");
    return { scheme: "Digest", params };
  }

  /** Checks an answer for a method. Every right answer can be given once (nonce-count, RFC 7616 §3.4.5). */
  check(answer: Credentials, method: string, password: string): DigestVerdict {
    const value = (name: string) => answer.params.get(name) ?? "";
    const algorithm = algorithmOf(value("algorithm"));
    const count = value("nc");
    const qop = value("qop").toLowerCase();
    const counted = qop === "auth" && /^[0-9a-f]{8}$/i.test(count);
    if (!algorithm || value("realm") !== this.#realm || (qop !== "" && !counted)) return "wrong";
    const expected = digestResponse({
      algorithm,
      username: value("username"),
      realm: this.#realm,
      password,
      method,
      uri: value("uri"),
      nonce: value("nonce"),
      ...(counted && { qop: { count, cnonce: value("cnonce") } }),
    });
    if (!same(expected, value("response").toLowerCase())) return "wrong";
    return this.#use(value("nonce"), counted ? Number.parseInt(count, 16) : 1) ? "right" : "stale";
  }

  #nonce(): string {
    const text = `${Math.floor(this.#clock.monotonic()).toString(36)}.${randomBytes(8).toString("hex")}`;
    return `${text}.${this.#seal(text)}`;
  }

  #seal = (text: string) => createHmac("sha256", this.#key).update(text).digest("hex").slice(0, 32);

  /** Whether the nonce is ours, in its time, and the count is new. */
  #use(nonce: string, count: number): boolean {
    const [issued = "", random, seal = ""] = nonce.split(".");
    const ageMs = this.#clock.monotonic() - Number.parseInt(issued, 36);
    if (!same(this.#seal(`${issued}.${random}`), seal) || !(ageMs <= NONCE_LIFE_MS)) return false;
    if (count <= (this.#counts.get(nonce) ?? 0)) return false;
    this.#counts.set(nonce, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MAX_NONCES && oldest !== undefined) this.#counts.delete(oldest);
    return true;
  }
}

const algorithmOf = (text: string): DigestAlgorithm | undefined => {
  const name = text.toUpperCase();
  return name === "" || name === "MD5" ? "MD5" : name === "SHA-256" ? "SHA-256" : undefined;
};

const same = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
