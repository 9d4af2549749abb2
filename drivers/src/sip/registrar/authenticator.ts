import type { Clock, Log } from "@sitebox/core/kernel";
import type { Guard } from "../guard/index.ts";
import { formatCredentials, type Header, parseCredentials, type SipRequest } from "../parser/index.ts";
import type { Peer } from "../transports/index.ts";
import { Digest, type DigestAlgorithm } from "./digest.ts";

export interface Account {
  readonly number: string;
  readonly password: string;
}

export type AuthVerdict =
  | { readonly type: "known"; readonly number: string }
  | { readonly type: "refused"; readonly status: 400 | 401 | 403; readonly headers: readonly Header[] }
  /** Too many wrong passwords: not a word more (an answer would only help to go on trying). */
  | { readonly type: "ignored" };

export interface AuthenticatorOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly realm: string;
  /** What is challenged with; answers in either algorithm are taken. */
  readonly algorithms: readonly DigestAlgorithm[];
  readonly accounts: readonly Account[];
  /** Told who failed and who did not; says whom not to answer. */
  readonly guard: Pick<Guard, "silences" | "refused" | "proved">;
}

/** Finds out who sent a request by digest (RFC 3261 §22, RFC 8760). */
export class Authenticator {
  readonly #log: Log;
  readonly #realm: string;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #digest: Digest;
  readonly #guard: AuthenticatorOptions["guard"];

  constructor(options: AuthenticatorOptions) {
    this.#log = options.log;
    this.#realm = options.realm;
    this.#algorithms = options.algorithms;
    this.#passwords = new Map(options.accounts.map(({ number, password }) => [number, password]));
    this.#digest = new Digest(options.clock, options.realm);
    this.#guard = options.guard;
  }

  isAccount(number: string): boolean {
    return this.#passwords.has(number);
  }

  check(request: SipRequest, peer: Peer): AuthVerdict {
    const answers = request.headers
      .filter(([name]) => name === "authorization")
      // Another scheme may stand beside ours (RFC 3261 §22.3); it is not for us.
      .filter(([, value]) => /^\s*Digest\s/i.test(value))
      .map(([, value]) => parseCredentials(value));
    if (answers.includes(undefined)) return { type: "refused", status: 400, headers: [] };
    const answer = answers.find((found) => found?.params.get("realm") === this.#realm);
    if (!answer) return this.#challenge(false);
    const name = answer.params.get("username") ?? "";
    const silent = this.#guard.silences(peer, name);
    const password = this.#passwords.get(name);
    const verdict = password === undefined ? "wrong" : this.#digest.check(answer, request.method, password);
    // Who goes on trying is still counted.
    if (verdict === "wrong") this.#guard.refused(peer, name, password === undefined ? "numbers" : "passwords");
    if (silent) return { type: "ignored" };
    if (verdict === "stale") return this.#challenge(true);
    if (verdict === "right") {
      this.#guard.proved(peer, name);
      return { type: "known", number: name };
    }
    this.#log.warn("wrong SIP password", { source: peer, pii: { extension: name } });
    return { type: "refused", status: 403, headers: [] };
  }

  /** One challenge an algorithm, the preferred one first (RFC 8760 §2.4). */
  #challenge(stale: boolean): AuthVerdict {
    const headers = this.#algorithms.map(
      (algorithm): Header => ["www-authenticate", formatCredentials(this.#digest.challenge(algorithm, stale), true)],
    );
    return { type: "refused", status: 401, headers };
  }
}
