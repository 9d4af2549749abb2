import { isIP } from "node:net";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { SipUri } from "../parser/index.ts";
import { DeadNamesError, type Names, type ServiceRecord } from "./names.ts";
import type { Peer } from "./peer.ts";

/** While nobody answers, the last known addresses serve for this long before it is asked again. */
const DEAD_MS = 30_000;
const MAX_KNOWN = 1_000;

const SERVICES = { udp: "_sip._udp", tcp: "_sip._tcp", tls: "_sips._tcp" } as const;
const portOf = (transport: Peer["transport"]) => (transport === "tls" ? 5061 : 5060);

/** The transport that a URI asks for; undefined where it leaves it open (RFC 3263 §4.1). */
function transportOf(uri: SipUri): Peer["transport"] | undefined {
  const stated = uri.params.get("transport")?.toLowerCase();
  if (uri.scheme === "sips" || stated === "tls") return "tls";
  return stated === "tcp" || stated === "udp" ? stated : undefined;
}

/** The order in which the ways to a service are tried: by priority, and by chance in proportion to the weights (RFC 2782). */
export function inOrder(records: readonly ServiceRecord[], random: () => number = Math.random): readonly ServiceRecord[] {
  const left = records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: ServiceRecord[] = [];
  while (left.length > 0) {
    const peers = left.filter(({ priority }) => priority === left[0]?.priority);
    let lot = random() * peers.reduce((sum, { weight }) => sum + weight, 0);
    const at = peers.findIndex(({ weight }) => {
      lot -= weight;
      return lot < 0;
    });
    ordered.push(...left.splice(Math.max(at, 0), 1));
  }
  return ordered;
}

/** What those that succeed give, in order; the failure where all that succeed give nothing. */
async function some<T>(questions: readonly Promise<readonly T[]>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(questions);
  const found = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  const failed = results.find((result) => result.status === "rejected");
  if (found.length === 0 && failed) throw failed.reason;
  return found;
}

export interface LocatorDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly names: Names;
  /** The families that our sockets speak. */
  readonly families: readonly (4 | 6)[];
}

/** Finds the places that a URI names, the first to be tried first (RFC 3263 without NAPTR: the transport is configured or stated). */
export class Locator {
  readonly #deps: LocatorDeps;
  /** What each question was answered with last: used only while nobody can be asked. */
  readonly #known = new Map<string, readonly Peer[]>();
  #deadUntil = Number.NEGATIVE_INFINITY;

  constructor(deps: LocatorDeps) {
    this.#deps = deps;
  }

  /** @throws when the name has no address, or nobody can be asked and it was never known. */
  async locate(uri: SipUri): Promise<readonly Peer[]> {
    const name = uri.params.get("maddr") ?? uri.host;
    const transport = transportOf(uri);
    if (isIP(name) !== 0) {
      const chosen = transport ?? "udp";
      return [{ transport: chosen, host: name, port: uri.port ?? portOf(chosen), ...(chosen === "tls" && { name: uri.host }) }];
    }
    const key = `${transport ?? ""}:${name.toLowerCase()}:${uri.port ?? ""}`;
    const known = this.#known.get(key);
    if (known && this.#deps.clock.monotonic() < this.#deadUntil) return known;
    try {
      const asked = await this.#ask(name, transport, uri.port);
      if (asked.length === 0) throw new Error(`the name ${name} has no address`);
      const found = asked.map((peer) => (peer.transport === "tls" ? { ...peer, name: uri.host } : peer));
      this.#keep(key, found);
      return found;
    } catch (err) {
      if (!(err instanceof DeadNamesError) || !known) throw err;
      this.#deadUntil = this.#deps.clock.monotonic() + DEAD_MS;
      this.#deps.log.warn("no name server answers, the last known addresses are used", { name, err });
      return known;
    }
  }

  async #ask(name: string, transport: Peer["transport"] | undefined, port: number | undefined): Promise<readonly Peer[]> {
    if (port !== undefined) return this.#at(name, { transport: transport ?? "udp", port });
    for (const way of transport ? [transport] : (["udp", "tcp", "tls"] as const)) {
      const records = await this.#deps.names.services(`${SERVICES[way]}.${name}`);
      if (records.length === 0) continue;
      return some(inOrder(records).map((record) => this.#at(record.host, { transport: way, port: record.port })));
    }
    const chosen = transport ?? "udp";
    return this.#at(name, { transport: chosen, port: portOf(chosen) });
  }

  async #at(name: string, way: Pick<Peer, "transport" | "port">): Promise<readonly Peer[]> {
    if (isIP(name) !== 0) return [{ ...way, host: name }];
    // "." is how a domain says that it has no such service (RFC 2782).
    if (name === "" || name === ".") return [];
    const found = await some(this.#deps.families.map((family) => this.#deps.names.addresses(name, family)));
    return found.map((host) => ({ ...way, host }));
  }

  #keep(key: string, found: readonly Peer[]): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, found);
    this.#deadUntil = Number.NEGATIVE_INFINITY;
  }
}
