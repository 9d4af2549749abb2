import { randomBytes } from "node:crypto";
import type { Clock } from "@sitebox/core/kernel";
import type { LineDeps } from "../../line/index.ts";
import { formatCredentials, parseCredentials } from "../../sip/parser/index.ts";
import { type DigestAlgorithm, digestResponse } from "../../sip/registrar/index.ts";
import { textOfBytes } from "../answer-text.ts";
import { ManagementError } from "../management.ts";
import type { Exchange } from "./exchange.ts";
import { formatAnswer, formatRequest, type HttpAnswer, headerOf } from "./http-message.ts";

/** An answer that takes longer is none. */
const TIMEOUT_MS = 10_000;
/** Some firmwares take each challenge but once, and have a new one in every refusal. */
const MOST_PROOFS = 3;

export interface DeviceHttpDeps {
  readonly clock: Clock;
  /** With its port. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly onTraffic: LineDeps["onTraffic"];
  readonly exchange: Exchange;
}

export interface HttpQuestion {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** How the gateway wants it proven who asks (RFC 7616, RFC 7617). */
type Challenge =
  | { readonly scheme: "basic" }
  | {
      readonly scheme: "digest";
      readonly realm: string;
      readonly nonce: string;
      readonly algorithm: DigestAlgorithm;
      readonly spelt: string | undefined;
      readonly counted: boolean;
      readonly opaque: string | undefined;
      /** Questions that it was used for. */
      used: number;
    };

/**
 * Asks a device over HTTP, one connection a question: these servers close idle connections at will, and a question on one that is being closed
 * cannot be told from one that was carried out. Whatever goes wrong is a ManagementError.
 */
export class DeviceHttp {
  readonly #deps: DeviceHttpDeps;
  /** The newest; it serves for further questions until the gateway finds it too old. */
  #challenge: Challenge | undefined;
  /** The names of connections that are open. */
  readonly #open = new Set<string>();

  constructor(deps: DeviceHttpDeps) {
    this.#deps = deps;
  }

  /** The JSON that is answered. Rejects with ManagementError, or with the signal's reason when aborted. */
  async ask(question: HttpQuestion, signal: AbortSignal): Promise<unknown> {
    let challenge = this.#challenge;
    for (let proofs = challenge ? 1 : 0; ; proofs++) {
      const answer = await this.#exchange(question, challenge, signal);
      if (answer.status !== 401) return jsonOf(answer);
      const next = challengeOf(headerOf(answer, "www-authenticate"));
      if (!next) throw new ManagementError("it asks for a login in a way that is not known", { fault: "login-refused" });
      // Another nonce than the one that was proven by: that one was too old, or used up by a question beside this one.
      const isRefused = challenge !== undefined && !(next.scheme === "digest" && next.nonce !== nonceOf(challenge));
      this.#challenge = isRefused || proofs === MOST_PROOFS ? undefined : next;
      if (!this.#challenge) throw new ManagementError("it refuses the user name or the password", { fault: "login-refused" });
      challenge = this.#challenge;
    }
  }

  async #exchange(
    { method, path, body }: HttpQuestion,
    challenge: Challenge | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { host, clock, exchange } = this.#deps;
    const content = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
    const proof = challenge && this.#proof(challenge, method, path);
    const headers: Readonly<Record<string, string>> = {
      host,
      accept: "application/json",
      connection: "close",
      ...(content.length > 0 && { "content-type": "application/json", "content-length": `${content.length}` }),
      ...(proof !== undefined && { authorization: proof }),
    };
    const silent = new AbortController();
    using _timer = clock.after(TIMEOUT_MS, () =>
      silent.abort(new ManagementError(`no answer for ${TIMEOUT_MS / 1_000} s`, { fault: "not-answering" })),
    );
    const stop = AbortSignal.any([signal, silent.signal]);
    stop.throwIfAborted();
    using connection = this.#connection(path);
    try {
      const request = { method, path, headers, body: content };
      this.#trace(connection.name, "out", formatRequest(request));
      const answer = await exchange(request, connection.name, stop);
      this.#trace(connection.name, "in", formatAnswer(answer));
      return answer;
    } catch (err) {
      this.#trace(connection.name, "in", new Uint8Array());
      if (stop.aborted) throw stop.reason;
      if (err instanceof ManagementError) throw err;
      throw new ManagementError(err instanceof Error ? err.message : "no connection", { fault: "unreachable", cause: err });
    }
  }

  /** A name for the connection of one question, the same for the same questions unless several are asked at once. */
  #connection(path: string): Disposable & { readonly name: string } {
    const [question = path] = path.split("?");
    let name = `http ${question}`;
    for (let count = 2; this.#open.has(name); count++) name = `http ${question} ${count}`;
    this.#open.add(name);
    return { name, [Symbol.dispose]: () => void this.#open.delete(name) };
  }

  #proof(challenge: Challenge, method: string, path: string): string {
    const { user, password } = this.#deps;
    if (challenge.scheme === "basic") return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const { realm, nonce, algorithm, spelt, counted, opaque } = challenge;
    challenge.used += 1;
    const count = challenge.used.toString(16).padStart(8, "0");
    const cnonce = randomBytes(8).toString("hex");
    const qop = counted ? { qop: { count, cnonce } } : {};
    const response = digestResponse({ algorithm, username: user, realm, password, method, uri: path, nonce, ...qop });
    const params = new Map([
      ["username", user],
      ["realm", realm],
      ["nonce", nonce],
      ["uri", path],
      ["response", response],
    ]);
    if (spelt !== undefined) params.set("algorithm", spelt);
    if (opaque !== undefined) params.set("opaque", opaque);
    if (counted) params.set("qop", "auth").set("nc", count).set("cnonce", cnonce);
    return formatCredentials({ scheme: "Digest", params });
  }

  #trace(port: string, direction: "in" | "out", bytes: Uint8Array): void {
    this.#deps.onTraffic?.({ port, direction, bytes });
  }
}

function jsonOf({ status, body }: HttpAnswer): unknown {
  if (status === 404)
    throw new ManagementError("it has no such interface: it is switched off, or the firmware is too old", {
      fault: "bad-firmware",
    });
  if (status === 403) throw new ManagementError("it refuses this user the interface", { fault: "login-refused" });
  if (status !== 200 && status !== 202) throw new ManagementError(`it answers with HTTP ${status}`, { fault: "failed" });
  const text = textOfBytes(body).replace(/^\ufeff/, "");
  try {
    return JSON.parse(withEscapes(text));
  } catch (cause) {
    throw new ManagementError("its answer is no JSON", { fault: "failed", cause });
  }
}

/** Line ends of a text that the gateway has put into its JSON as they are, as it must not. */
const withEscapes = (json: string) =>
  json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/gs, (string) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    string.replaceAll(/[\u0000-\u001f]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );

const nonceOf = (challenge: Challenge) => (challenge.scheme === "digest" ? challenge.nonce : undefined);

function challengeOf(text: string): Challenge | undefined {
  const read = parseCredentials(text);
  if (!read) return undefined;
  if (read.scheme.toLowerCase() === "basic") return { scheme: "basic" };
  const [realm, nonce] = [read.params.get("realm"), read.params.get("nonce")];
  const spelt = read.params.get("algorithm");
  const algorithm = (["MD5", "SHA-256"] as const).find((known) => known === (spelt ?? "MD5").toUpperCase());
  if (read.scheme.toLowerCase() !== "digest" || realm === undefined || nonce === undefined || !algorithm) return undefined;
  const [counted, opaque] = [read.params.has("qop"), read.params.get("opaque")];
  return { scheme: "digest", realm, nonce, algorithm, spelt, counted, opaque, used: 0 };
}
