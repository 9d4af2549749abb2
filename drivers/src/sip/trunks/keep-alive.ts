import type { SipTrunk } from "@sitebox/core/contract";
import { type Header, noBody, noParams, type SipRequest, type SipResponse, sipUri } from "../parser/index.ts";
import { newCallId, newTag } from "../transactions/index.ts";
import { type Peer, peerKey } from "../transports/index.ts";
import type { Credentials } from "./credentials.ts";
import { exchange, type Reply, type Signalling, type Trouble, troubleOf, unreachable } from "./signalling.ts";

export interface KeepAliveDeps {
  readonly trunk: SipTrunk;
  readonly signalling: Signalling;
  readonly credentials: Credentials | undefined;
  readonly hosts: () => Promise<readonly Peer[]>;
  /** Told after each round why nobody is there; undefined when somebody is. */
  readonly onRound: (trouble: Trouble | undefined) => void;
}

/** Asks the far end's hosts with OPTIONS whether they are there (RFC 3261 §11), and keeps routers open on the way. */
export class KeepAlive {
  readonly #deps: KeepAliveDeps;
  /** Why each host that does not work does not. */
  readonly #faults = new Map<string, Trouble>();

  constructor(deps: KeepAliveDeps) {
    this.#deps = deps;
  }

  /** The hosts in the order in which calls try them: those that work before those that do not. */
  inOrder(hosts: readonly Peer[]): readonly Peer[] {
    const works = (peer: Peer) => !this.#faults.has(peerKey(peer));
    return [...hosts.filter(works), ...hosts.filter((peer) => !works(peer))];
  }

  /** A call found out what the next round would. */
  failed(peer: Peer, reason: string): void {
    this.#faults.set(peerKey(peer), unreachable(reason));
  }

  /** One round after the other until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps.signalling;
    while (!signal.aborted) {
      const trouble = await this.#round(signal);
      if (signal.aborted) return;
      this.#deps.onRound(trouble);
      await clock.sleep(this.#deps.trunk.keepAliveSeconds * 1_000, signal).catch(() => {});
    }
  }

  async #round(signal: AbortSignal): Promise<Trouble | undefined> {
    const hosts = await this.#deps.hosts().catch(() => []);
    const faults = await Promise.all(hosts.map(async (peer) => ({ peer, fault: await this.#ask(peer, signal) })));
    this.#faults.clear();
    for (const { peer, fault } of faults) if (fault !== undefined) this.#faults.set(peerKey(peer), fault);
    if (hosts.length === 0) return unreachable("its name has no address");
    return faults.some(({ fault }) => fault === undefined) ? undefined : faults[0]?.fault;
  }

  async #ask(peer: Peer, signal: AbortSignal): Promise<Trouble | undefined> {
    const { trunk, signalling, credentials } = this.#deps;
    const { host, user } = trunk;
    const contact = await signalling.contact(user ?? "", peer).catch((): Header => ["contact", ""]);
    const request: SipRequest = {
      type: "request",
      method: "OPTIONS",
      uri: sipUri(host),
      vias: [],
      from: { uri: sipUri(host, user === undefined ? {} : { user }), params: new Map([["tag", newTag()]]) },
      to: { uri: sipUri(host), params: noParams },
      callId: newCallId(),
      cseq: { number: 1, method: "OPTIONS" },
      headers: [["max-forwards", "70"], contact, ["accept", "application/sdp"]],
      body: noBody,
    };
    return faultOf(await exchange({ request, peer, credentials, signal }, signalling), credentials);
  }
}

/** Many do not know OPTIONS and say so: they are there all the same. */
const REFUSES = new Set([401, 403, 407, 408]);

function faultOf(reply: Reply, credentials: Credentials | undefined): Trouble | undefined {
  if (reply.type === "none") return unreachable(reply.reason);
  const { response } = reply;
  return isRefusal(response) ? troubleOf(response, credentials) : undefined;
}

const isRefusal = ({ status }: SipResponse) => REFUSES.has(status) || (status >= 500 && status !== 501);
