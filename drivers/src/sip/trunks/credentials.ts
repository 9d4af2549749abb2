import { randomBytes } from "node:crypto";
import {
  formatCredentials,
  formatUri,
  type Header,
  headerOf,
  parseCredentials,
  type SipRequest,
  type SipResponse,
} from "../parser/index.ts";
import { type DigestAlgorithm, digestResponse } from "../registrar/index.ts";

/** A challenge that can be answered. */
interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  /** As the far end spelt it; undefined where it spelt none and means MD5. */
  readonly spelt: string | undefined;
  readonly counted: boolean;
  readonly opaque: string | undefined;
  readonly stale: boolean;
}

interface Kept {
  readonly challenge: Challenge;
  readonly header: "authorization" | "proxy-authorization";
  count: number;
}

/** Proves who we are to whoever challenges us (RFC 3261 §22, RFC 7616, RFC 8760): one login of one line. */
export class Credentials {
  readonly #user: string;
  readonly #password: string;
  readonly #kept = new Map<Kept["header"], Kept>();
  /** Nonces that took the place of stale ones: one that is stale at once is none that can be answered. */
  readonly #renewed = new Set<string>();

  constructor(user: string, password: string) {
    this.#user = user;
    this.#password = password;
  }

  /** The header that the next try of `request` carries; undefined to give up: the password is wrong, or nothing asked for can be done. */
  answer(request: SipRequest, response: SipResponse): Header | undefined {
    const header = response.status === 407 ? "proxy-authorization" : "authorization";
    const challenge = challengeOf(response);
    if (!challenge) return undefined;
    const before = parseCredentials(headerOf(request, header) ?? "")?.params;
    // Refused with the very nonce that it was challenged with. One that had served before may have grown old without a word of it.
    const tried = before !== undefined && !(Number.parseInt(before.get("nc") ?? "1", 16) > 1);
    const again = challenge.stale && !this.#renewed.has(before?.get("nonce") ?? "");
    if (tried && !again) return undefined;
    if (tried) this.#renew(challenge.nonce);
    const kept: Kept = { challenge, header, count: 0 };
    this.#kept.set(header, kept);
    return this.#proof(kept, request);
  }

  /** The header for a request that is likely to be challenged like the one before; undefined before the first challenge. */
  early(request: SipRequest): Header | undefined {
    const kept = this.#kept.get("authorization");
    return kept?.challenge.counted ? this.#proof(kept, request) : undefined;
  }

  #renew(nonce: string): void {
    if (this.#renewed.size >= 100) this.#renewed.clear();
    this.#renewed.add(nonce);
  }

  #proof(kept: Kept, request: SipRequest): Header {
    const { realm, nonce, algorithm, spelt, counted, opaque } = kept.challenge;
    kept.count += 1;
    const count = kept.count.toString(16).padStart(8, "0");
    const cnonce = randomBytes(8).toString("hex");
    const uri = formatUri(request.uri);
    const response = digestResponse({
      algorithm,
      username: this.#user,
      realm,
      password: this.#password,
      method: request.method,
      uri,
      nonce,
      ...(counted && { qop: { count, cnonce } }),
    });
    const params: readonly (readonly [string, string])[] = [
      ["username", this.#user],
      ["realm", realm],
      ["nonce", nonce],
      ["uri", uri],
      ["response", response],
      ...(spelt === undefined ? [] : [["algorithm", spelt] as const]),
      ...(opaque === undefined ? [] : [["opaque", opaque] as const]),
      ...(counted
        ? ([
            ["qop", "auth"],
            ["nc", count],
            ["cnonce", cnonce],
          ] as const)
        : []),
    ];
    return [kept.header, formatCredentials({ scheme: "Digest", params: new Map(params) })];
  }
}

/** The strongest challenge of a 401 or 407 that we can answer (RFC 8760 §2.4). */
function challengeOf(response: SipResponse): Challenge | undefined {
  const wanted = response.status === 407 ? "proxy-authenticate" : "www-authenticate";
  const challenges = response.headers.flatMap(([name, value]) => (name === wanted ? (readChallenge(value) ?? []) : []));
  return challenges.find(({ algorithm }) => algorithm === "SHA-256") ?? challenges[0];
}

function readChallenge(text: string): Challenge | undefined {
  const read = parseCredentials(text);
  const [realm, nonce] = [read?.params.get("realm"), read?.params.get("nonce")];
  const spelt = read?.params.get("algorithm");
  const algorithm = (["MD5", "SHA-256"] as const).find((known) => known === (spelt ?? "MD5").toUpperCase());
  if (read?.scheme.toLowerCase() !== "digest" || realm === undefined || nonce === undefined || !algorithm) return undefined;
  const qop = read.params
    .get("qop")
    ?.toLowerCase()
    .split(",")
    .map((one) => one.trim());
  // Only the whole body's digest is asked for: we do not do that.
  if (qop && !qop.includes("auth")) return undefined;
  const stale = read.params.get("stale")?.toLowerCase() === "true";
  return { realm, nonce, algorithm, spelt, counted: qop !== undefined, opaque: read.params.get("opaque"), stale };
}
