import type { SipConfig } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { headerOf, type SipRequest } from "../parser/index.ts";
import type { Gate, Peer } from "../transports/index.ts";
import { Buckets } from "./buckets.ts";
import { Recent } from "./recent.ts";
import { Throttle } from "./throttle.ts";

/** What a source was banned for, for pages that have words of their own. */
export type BanKind = "failures" | "scanner" | "malformed";

/** An address from which nothing is taken. */
export interface Ban {
  readonly address: string;
  /** Epoch ms. */
  readonly since: number;
  readonly until: number;
  readonly kind: BanKind;
  /** In plain words. */
  readonly reason: string;
  /** How often it failed before. */
  readonly failures: number;
}

export interface GuardDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly config: SipConfig["guard"];
  /** Addresses that are never banned or throttled: trusted networks, and far ends of lines. */
  readonly isTrusted: (peer: Peer) => boolean;
  /** Whether an extension is registered from the very place: its neighbours' mistakes are not its own. */
  readonly isRegistered: (peer: Peer) => boolean;
}

/** Failures are counted within this time. */
const WINDOW_MS = 600_000;
/** A telephone with a fault of its own sends something malformed now and then; a flood of it is no telephone's. */
const MALFORMED_FOR_ONE = 10;
const MAX_SOURCES = 10_000;
const MAX_BANS = 10_000;

/** What tools that look for weak boxes call themselves. Some are used by honest people, but not from where nobody trusts them. */
const SCANNERS =
  /friendly-(?:scanner|request)|sipvicious|sundayddr|sip-?scan|sipcli|vaxsipuseragent|pplsip|\biwar\b|\bsmap\b|sipptk|\bsipsak\b|svwar|svcrack|svmap/i;

interface Tally {
  readonly since: number;
  readonly passwords: number;
  readonly numbers: number;
  readonly malformed: number;
}
type Failure = "passwords" | "numbers" | "malformed";

interface Banned extends Ban {
  /** Monotonic ms, by which it really ends. */
  readonly ends: number;
}

const count = (number: number, one: string) => (number === 0 ? [] : [`${number} ${one}${number === 1 ? "" : "s"}`]);

/** Keeps off who floods, tries passwords or looks for extensions. Its tables are bounded and it has no timers. */
export class Guard implements Gate {
  readonly #deps: GuardDeps;
  readonly #buckets: Buckets;
  readonly #throttle: Throttle;
  readonly #tallies = new Recent<Tally>(MAX_SOURCES);
  readonly #bans = new Recent<Banned>(MAX_BANS);
  readonly #listeners = new Set<(ban: Ban) => void>();

  constructor(deps: GuardDeps) {
    this.#deps = deps;
    this.#buckets = new Buckets(deps.clock, deps.config.requestsPerSecond);
    this.#throttle = new Throttle(deps.clock);
  }

  /** Whether anything of this peer is let in. */
  admits(peer: Peer): boolean {
    return this.#bans.size === 0 || this.#banOf(peer.host) === undefined || this.#deps.isRegistered(peer);
  }

  /** Whether one more message of this peer is within measure; counts it. A registered telephone has a measure of its own. */
  takes(peer: Peer): boolean {
    if (this.#buckets.take(peer.host)) return true;
    if (this.#deps.isTrusted(peer)) return true;
    return this.#deps.isRegistered(peer) && this.#buckets.take(`${peer.transport}:${peer.host}:${peer.port}`);
  }

  malformed(peer: Peer): void {
    this.#failed(peer, "malformed");
  }

  /** Whether a request comes from a tool that looks for weak boxes; then its source is banned. */
  recognises(request: SipRequest, peer: Peer): boolean {
    const found = SCANNERS.exec(headerOf(request, "user-agent") ?? "") ?? SCANNERS.exec(headerOf(request, "server") ?? "");
    if (!found || this.#deps.isTrusted(peer)) return false;
    this.#ban(peer, "scanner", { reason: `calls itself ${found[0]}, a tool that looks for weak telephone systems`, failures: 1 });
    return true;
  }

  /** Whether nothing more is to be answered for now to who claims to be `name`: an answer would only help to go on trying. */
  silences(peer: Peer, name: string): boolean {
    return this.#throttle.blocked(peer.host, name);
  }

  /** Somebody claimed to be `name` with a wrong password, or there is no such extension. */
  refused(peer: Peer, name: string, failure: "passwords" | "numbers"): void {
    this.#throttle.failed(peer.host, name);
    this.#failed(peer, failure);
  }

  /** Somebody asked for an extension that there is none of, or to be let out, without claiming to be anybody of ours. */
  strange(peer: Peer): void {
    this.#failed(peer, "numbers");
  }

  /** Somebody proved to be `name`. */
  proved(peer: Peer, name: string): void {
    this.#throttle.succeeded(peer.host, name);
  }

  /** Whether one more call may ring for this peer, of whose address `ringing` do so. */
  mayRing(peer: Peer, ringing: number): boolean {
    return ringing < this.#deps.config.ringingCalls || this.#deps.isTrusted(peer);
  }

  /** Who is banned now, the oldest ban first. */
  bans(): readonly Ban[] {
    return this.#bans.values().flatMap(({ address }) => {
      const ban = this.#banOf(address);
      if (!ban) return [];
      const { ends: _, ...shown } = ban;
      return [shown];
    });
  }

  /** Lifts a ban and forgets what led to it. False where there is none. */
  unban(address: string): boolean {
    const banned = this.#banOf(address) !== undefined;
    this.#tallies.delete(address);
    this.#bans.delete(address);
    return banned;
  }

  /** Hears of every ban until the result is disposed. */
  onBan(listener: (ban: Ban) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #banOf(address: string): Banned | undefined {
    const ban = this.#bans.get(address);
    if (!ban || this.#deps.clock.monotonic() < ban.ends) return ban;
    this.#bans.delete(address);
    return undefined;
  }

  #failed(peer: Peer, failure: Failure): void {
    const { clock, config, isTrusted } = this.#deps;
    if (isTrusted(peer)) return;
    const now = clock.monotonic();
    const known = this.#tallies.get(peer.host);
    const current = known && now - known.since < WINDOW_MS ? known : { since: now, passwords: 0, numbers: 0, malformed: 0 };
    const tally: Tally = { ...current, [failure]: current[failure] + 1 };
    this.#tallies.set(peer.host, tally);
    const { passwords, numbers, malformed } = tally;
    const within = `within ${WINDOW_MS / 60_000} minutes`;
    if (passwords + numbers >= config.failures) {
      const counts = [...count(passwords, "wrong password"), ...count(numbers, "unknown number")];
      this.#ban(peer, "failures", { reason: `${counts.join(" and ")} ${within}`, failures: passwords + numbers });
    } else if (malformed >= config.failures * MALFORMED_FOR_ONE) {
      this.#ban(peer, "malformed", { reason: `${count(malformed, "malformed message").join()} ${within}`, failures: malformed });
    }
  }

  #ban({ host: address }: Peer, kind: BanKind, { reason, failures }: Pick<Ban, "reason" | "failures">): void {
    if (this.#banOf(address)) return;
    const { clock, config, log } = this.#deps;
    const forMs = config.banMinutes * 60_000;
    const since = clock.now();
    const ban: Ban = { address, since, until: since + forMs, kind, reason, failures };
    this.#tallies.delete(address);
    this.#bans.set(address, { ...ban, ends: clock.monotonic() + forMs });
    log.warn("an address was banned", { address, reason, untilAt: ban.until });
    for (const listener of this.#listeners) listener(ban);
  }
}
