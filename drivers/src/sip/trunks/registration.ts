import { randomBytes } from "node:crypto";
import type { SipTrunk } from "@sitebox/core/contract";
import { backoffMs } from "@sitebox/core/kernel";
import {
  type Header,
  headerOf,
  listOf,
  type NameAddr,
  noBody,
  noParams,
  parseNameAddr,
  type SipRequest,
  type SipResponse,
  sipUri,
  userOf,
} from "../parser/index.ts";
import { newCallId, newTag } from "../transactions/index.ts";
import type { Peer } from "../transports/index.ts";
import type { Credentials } from "./credentials.ts";
import { exchange, type Reply, type Signalling, type Trouble, troubleOf, unreachable } from "./signalling.ts";

/** A login that failed is tried again after this, ever later: a carrier bans whoever hammers it. */
const BACKOFF = { firstMs: 5_000, maxMs: 300_000 };
/** At the end, the carrier has this long to take our leave. */
const LEAVE_MS = 1_500;
/** The times of its life that a registration is renewed at: not all lines of all boxes at once. */
const RENEW = { from: 0.8, to: 0.9 };

export interface RegistrationDeps {
  readonly trunk: SipTrunk;
  readonly signalling: Signalling;
  readonly credentials: Credentials | undefined;
  /** The far end's places, the first to be tried first. Rejects when there is none. */
  readonly hosts: () => Promise<readonly Peer[]>;
  readonly onRegistered: (peer: Peer) => void;
  readonly onFailed: (trouble: Trouble) => void;
}

/** What came of asking one host. */
type Attempt =
  | { readonly type: "registered"; readonly seconds: number; readonly routes: readonly NameAddr[] }
  /** `elsewhere`: another host may do better (RFC 3263 §4.3). */
  | { readonly type: "failed"; readonly trouble: Trouble; readonly elsewhere: boolean };

const loginRefused = (reason: string): Trouble => ({ fault: "login-refused", reason });

/** Keeps one login of ours at a carrier (RFC 3261 §10.2): renews it in time, tries again when it fails, takes it back at the end. */
export class LineRegistration {
  /** The user part of our Contact: nobody else can know it, so a call to it came by this login. */
  readonly token = randomBytes(12).toString("hex");
  readonly #deps: RegistrationDeps;
  readonly #callId = newCallId();
  readonly #fromTag = newTag();
  #sequence = 0;
  #seconds: number;
  #peer: Peer | undefined;
  #contact = "";
  #routes: readonly NameAddr[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(deps: RegistrationDeps) {
    this.#deps = deps;
    this.#seconds = deps.trunk.registerSeconds;
  }

  /** Where we are logged in; undefined while we are not. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** What the carrier wants calls to go through (RFC 3608). */
  get routes(): readonly NameAddr[] {
    return this.#routes;
  }

  /** Runs until the signal aborts, and takes the login back then. */
  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const seconds = await this.#attempt(signal);
      failures = seconds === undefined ? failures + 1 : 0;
      const share = RENEW.from + Math.random() * (RENEW.to - RENEW.from);
      await this.#rest(seconds === undefined ? backoffMs(failures - 1, BACKOFF) : seconds * 1_000 * share, signal);
    }
    await this.#leave();
  }

  /** Logs in anew where our address is no longer the one that the carrier knows: another network, another connection. */
  async check(): Promise<void> {
    if (!this.#peer) return;
    const contact = await this.#deps.signalling.contact(this.token, this.#peer).catch(() => undefined);
    if (contact && contact[1] !== this.#contact) this.again();
  }

  /** Logs in anew now, e.g. because the host is gone. */
  again(): void {
    this.#wake.resolve();
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const wake = this.#wake.promise;
    const sleeping = this.#deps.signalling.clock.sleep(ms, AbortSignal.any([signal, stop.signal])).catch(() => {});
    await Promise.race([sleeping, wake]);
    stop.abort();
    this.#wake = Promise.withResolvers();
  }

  /** @returns how long the login holds; undefined when there is none. */
  async #attempt(signal: AbortSignal): Promise<number | undefined> {
    let trouble = unreachable("its name has no address");
    for (const peer of await this.#deps.hosts().catch(() => [])) {
      const attempt = await this.#register(peer, signal);
      if (attempt.type === "registered") {
        this.#peer = peer;
        this.#routes = attempt.routes;
        this.#deps.onRegistered(peer);
        return attempt.seconds;
      }
      if (signal.aborted) return undefined;
      trouble = attempt.trouble;
      if (!attempt.elsewhere) break;
    }
    this.#peer = undefined;
    this.#deps.onFailed(trouble);
    return undefined;
  }

  async #register(peer: Peer, signal: AbortSignal): Promise<Attempt> {
    for (let tries = 0; ; tries++) {
      const reply = await this.#ask(peer, this.#seconds, signal);
      if (reply.type === "none") return { type: "failed", trouble: unreachable(reply.reason), elsewhere: true };
      const { response } = reply;
      const least = response.status === 423 ? Number(headerOf(response, "min-expires")) : Number.NaN;
      // Longer is wanted (RFC 3261 §10.2.8).
      if (tries === 0 && least > this.#seconds && least <= 2 ** 31) this.#seconds = least;
      else return this.#verdict(response);
    }
  }

  #verdict(response: SipResponse): Attempt {
    const { credentials } = this.#deps;
    if (response.status >= 300) {
      const elsewhere = response.status === 503 || response.status === 408;
      return { type: "failed", trouble: troubleOf(response, credentials), elsewhere };
    }
    const contacts = (listOf(response, "contact") ?? []).flatMap((text) => parseNameAddr(text) ?? []);
    const ours = contacts.find(({ uri }) => userOf(uri) === this.token);
    if (!ours && contacts.length > 0)
      return { type: "failed", trouble: loginRefused("the login was taken without our address"), elsewhere: false };
    const seconds = Number(ours?.params.get("expires") ?? headerOf(response, "expires") ?? this.#seconds);
    const routes = (listOf(response, "service-route") ?? []).flatMap((text) => parseNameAddr(text) ?? []);
    return seconds > 0
      ? { type: "registered", seconds: Math.min(seconds, 86_400), routes }
      : { type: "failed", trouble: loginRefused("the login was taken for no time"), elsewhere: false };
  }

  async #ask(peer: Peer, seconds: number, signal: AbortSignal): Promise<Reply> {
    const { signalling, credentials } = this.#deps;
    const contact = await signalling.contact(this.token, peer).catch((): Header => ["contact", ""]);
    this.#sequence += 1;
    this.#contact = contact[1];
    const request = this.#request([
      ["contact", `${contact[1]};expires=${seconds}`],
      ["expires", String(seconds)],
    ]);
    const reply = await exchange({ request, peer, credentials, signal }, signalling);
    this.#sequence = reply.sequence;
    return reply;
  }

  #request(headers: readonly Header[]): SipRequest {
    const { host, user, name } = this.#deps.trunk;
    const account = sipUri(host, { user: user ?? name });
    return {
      type: "request",
      method: "REGISTER",
      uri: sipUri(host),
      vias: [],
      from: { uri: account, params: new Map([["tag", this.#fromTag]]) },
      to: { uri: account, params: noParams },
      callId: this.#callId,
      cseq: { number: this.#sequence, method: "REGISTER" },
      headers: [["max-forwards", "70"], ...headers],
      body: noBody,
    };
  }

  async #leave(): Promise<void> {
    const peer = this.#peer;
    this.#peer = undefined;
    if (!peer) return;
    const late = new AbortController();
    using _deadline = this.#deps.signalling.clock.after(LEAVE_MS, () => late.abort());
    await this.#ask(peer, 0, late.signal);
  }
}
