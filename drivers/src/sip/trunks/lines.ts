import type { SipTrunk } from "@sitebox/core/contract";
import type { LineDeps as DriverDeps, LineState, Traffic, Trunk } from "../../line/index.ts";
import { headerOf, listOf, parseNameAddr, type SipRequest, userOf } from "../parser/index.ts";
import { isAddress, type Peer } from "../transports/index.ts";
import type { Credentials } from "./credentials.ts";
import { callerOf } from "./identity.ts";
import { Line, type LineChannel, type LineDeps } from "./line.ts";
import { rewritten } from "./numbers.ts";
import { withoutSecrets } from "./without-secrets.ts";

export interface LinesDeps extends Omit<LineDeps, "onChanged" | "onClosed" | "onTraffic"> {
  readonly trunks: readonly SipTrunk[];
  readonly isExtension: (number: string) => boolean;
}

/** What is known of a call that came by a line: whom to show, which number is wanted, and how its dialog is spoken. */
export interface LineArrival {
  readonly remote: string;
  readonly dialled: string;
  readonly line: string;
  readonly srtp: SipTrunk["srtp"];
  readonly mayTransferTo: (number: string) => boolean;
  readonly credentials?: Credentials["answer"];
}

/** A call that came by a line. */
export type LineCall =
  | {
      readonly type: "admitted";
      readonly arrival: LineArrival;
      /** The channel that it takes: whoever takes the call gives it back. */
      readonly channel: LineChannel;
    }
  | { readonly type: "refused"; readonly status: 404 | 486 };

/** Every line to the outside. */
export class Lines implements AsyncDisposable {
  readonly #deps: LinesDeps;
  readonly #lines = new Map<string, Line>();
  readonly #listeners = new Set<(state: LineState) => void>();
  #closed = false;

  constructor(deps: LinesDeps) {
    this.#deps = deps;
    for (const trunk of deps.trunks) this.#open(trunk);
  }

  start(): void {
    for (const line of this.#lines.values()) line.start();
  }

  /**
   * Opens one more line while the others go on; disposing it ends its calls and its login, and frees its name.
   * @throws RangeError where another line has the name, or when all are closed.
   */
  async add(trunk: SipTrunk, onTraffic?: DriverDeps["onTraffic"]): Promise<Line> {
    if (this.#closed) throw new RangeError("the SIP endpoint is closed");
    if (this.#lines.has(trunk.name)) throw new RangeError(`there is already a line called ${trunk.name}`);
    const line = this.#open(trunk, onTraffic);
    line.start();
    // Calls from an address are the line's from now on; a name may take its time, and nobody waits for it.
    if (isAddress(trunk.host)) await line.located();
    return line;
  }

  /** @throws RangeError for a name that is not configured. */
  line(name: string): Trunk {
    const line = this.#lines.get(name);
    if (!line) throw new RangeError(`no line is called ${name}`);
    return line;
  }

  states(): readonly LineState[] {
    return [...this.#lines.values()].map(({ state }) => state);
  }

  /** Hears of every change of a line's state or number of calls until the result is disposed. */
  onChanged(listener: (state: LineState) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /**
   * Whether an INVITE comes by a line, and for which number. What its headers say of the sender plays no part in it: only the place that it
   * comes from, or that it is sent to the secret address of our login. Undefined: it comes from somebody else.
   */
  take(request: SipRequest, peer: Peer): LineCall | undefined {
    const line = this.#lineOf(request, peer);
    if (!line) return undefined;
    const dialled = this.#dialled(request, line);
    if (dialled === undefined) return { type: "refused", status: 404 };
    const channel = line.occupy();
    if (!channel) return { type: "refused", status: 486 };
    const { credentials, trunk } = line;
    const remote = rewritten(callerOf(request), trunk.incomingRules);
    const arrival = {
      remote,
      dialled,
      line: trunk.name,
      srtp: trunk.srtp,
      mayTransferTo: this.#deps.isOwn,
      ...(credentials && { credentials }),
    };
    return { type: "admitted", arrival, channel };
  }

  /** The line by which a request comes; undefined when it comes from somebody else. */
  nameOf(request: SipRequest, peer: Peer): string | undefined {
    return this.#lineOf(request, peer)?.trunk.name;
  }

  /**
   * Tells those lines of a message that want to know of theirs: what goes to or comes from a far end that no other line has, else what names
   * one of the line's users.
   */
  overhear({ direction, bytes }: Pick<Traffic, "direction" | "bytes">, peer: Peer): void {
    const there = [...this.#lines.values()].filter((line) => line.originOf(peer) !== undefined);
    for (const line of there) {
      const alone = there.length === 1 && line.originOf(peer) === "exact";
      if (line.onTraffic && (alone || line.isNamedIn(bytes)))
        line.onTraffic({ port: "sip", direction, bytes: withoutSecrets(bytes) });
    }
  }

  /** Whether this is where a line's far end is, or may be. */
  isFrom(peer: Peer): boolean {
    return [...this.#lines.values()].some((line) => line.originOf(peer) !== undefined);
  }

  /** Whether this is the far end of a line: who looks after strangers leaves it alone. */
  knows(peer: Peer): boolean {
    return [...this.#lines.values()].some((line) => line.originOf(peer) !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#lines.values()].map((line) => line[Symbol.asyncDispose]()));
  }

  #open(trunk: SipTrunk, onTraffic?: DriverDeps["onTraffic"]): Line {
    const onChanged = (state: LineState) => {
      for (const listener of this.#listeners) listener(state);
    };
    const onClosed = () => void this.#lines.delete(trunk.name);
    const line = new Line(trunk, { ...this.#deps, onChanged, onClosed, onTraffic });
    this.#lines.set(trunk.name, line);
    return line;
  }

  #lineOf(request: SipRequest, peer: Peer): Line | undefined {
    const lines = [...this.#lines.values()];
    const user = userOf(request.uri);
    const byLogin = lines.find(({ token }) => token !== undefined && token === user);
    if (byLogin) return byLogin;
    const exact = lines.filter((line) => line.originOf(peer) === "exact");
    if (exact.length > 0) return exact.find(({ trunk }) => trunk.numbers.includes(user)) ?? exact[0];
    // A telephone may stand behind the address of a gateway; who claims to be one has to prove it.
    const claims = headerOf(request, "authorization") !== undefined || this.#deps.isExtension(userOf(request.from.uri));
    if (claims) return undefined;
    const near = lines.filter((line) => line.originOf(peer) === "address");
    return near.find(({ trunk }) => trunk.numbers.includes(user)) ?? near[0];
  }

  /**
   * The number that is wanted: one that the line owns or the box answers itself. A line whose numbers are not known may bring any, but none
   * that is a code. Never leads outside: nothing here dials.
   */
  #dialled(request: SipRequest, line: Line): string | undefined {
    const { numbers, incomingRules, user } = line.trunk;
    const stated = userOf(request.uri) === line.token ? meantBy(request) : [userOf(request.uri)];
    const found = stated.flatMap((number) => [number, rewritten(number, incomingRules)]);
    const owned = found.find((number) => numbers.includes(number) || this.#deps.isOwn(number));
    if (owned !== undefined) return owned;
    // A carrier may call the login itself: that means the line.
    if (stated.some((number) => number === line.token || (number === user && user !== undefined))) return numbers[0] ?? user;
    return numbers.length === 0 ? found.find((number) => /^\+?[0-9A-Za-z._-]{1,32}$/.test(number)) : undefined;
  }
}

/** Which number a call to our login is for (RFC 7315 P-Called-Party-ID, else To). */
function meantBy(request: SipRequest): readonly string[] {
  const called = (listOf(request, "p-called-party-id") ?? []).flatMap((text) => parseNameAddr(text) ?? []);
  return [...called.map(({ uri }) => userOf(uri)), userOf(request.to.uri)].filter((user) => user !== "");
}
