import type { Clock, Log } from "@sitebox/core/kernel";
import {
  formatUri,
  type Header,
  headerOf,
  listOf,
  type NameAddr,
  parseNameAddr,
  type ResponseOptions,
  type SipRequest,
  type SipUri,
  type Uri,
  userOf,
} from "../parser/index.ts";
import { type Peer, peerKey } from "../transports/index.ts";
import { cameThroughNat } from "./nat.ts";

/** A place where an extension can be rung. */
export interface Registration {
  readonly number: string;
  readonly contact: SipUri;
  /** Where the registration came from, by which a phone behind a NAT is reached. */
  readonly source: Peer;
  /** Whether the contact's own address is of no use to us. */
  readonly behindNat: boolean;
  /** Which of an extension's phones is preferred, from 0 to 1, as they state it (RFC 3261 §20.10). */
  readonly preference: number;
  readonly userAgent?: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

interface Binding extends Registration {
  readonly callId: string;
  readonly sequence: number;
  /** Monotonic ms, by which it really ends. */
  readonly until: number;
}

type Outcome = ResponseOptions & { readonly status: number };

const DEFAULT_S = 3_600;
const MIN_S = 60;
const MAX_S = 7_200;
/** Phones of one extension. */
const MAX_CONTACTS = 10;

/** Two spellings of the same place (RFC 3261 §19.1.4, as far as contacts go). */
const placeOf = (uri: Uri): string =>
  uri.scheme === "other"
    ? uri.text
    : formatUri({ ...uri, host: uri.host.toLowerCase(), params: new Map(), port: uri.port ?? 5060 }) +
      (uri.params.get("transport") ?? "").toLowerCase();

/** Reads a number of seconds; undefined when absent, NaN when it is none. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[0-9]{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : Number.NaN;
}

/** Reads Expires: what is no number, e.g. the date of RFC 2543, counts as an hour (RFC 3261 §20.19); a number beyond its range is NaN. */
const expiresOf = (text: string | undefined): number | undefined =>
  text === undefined || /^[0-9]+$/.test(text.trim()) ? secondsOf(text?.trim()) : DEFAULT_S;

/** RFC 3261 §25.1 qvalue; undefined when it is none. Who states nothing is preferred. */
function preferenceOf(text: string | undefined): number | undefined {
  if (text === undefined) return 1;
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined;
}

/** Where each extension can be rung (RFC 3261 §10.3). Who asks has been authenticated before. */
export class Registrar {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #bindings = new Map<string, readonly Binding[]>();
  /** Until when a phone is registered from a place; undefined after a change until it is asked for. */
  #places: ReadonlyMap<string, number> | undefined;

  constructor(deps: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Every phone that can be rung now, or those of one extension, of which the preferred ones come first. */
  registrations(number?: string): readonly Registration[] {
    const numbers = number === undefined ? [...this.#bindings.keys()] : [number];
    return numbers.flatMap((one) => this.#alive(one).toSorted((a, b) => b.preference - a.preference));
  }

  /** Whether a phone is registered from this very place: asked of every packet, so it is looked up. */
  isRegistered(peer: Peer): boolean {
    this.#places ??= this.#placesNow();
    return (this.#places.get(peerKey(peer)) ?? 0) > this.#clock.monotonic();
  }

  /** Carries out a REGISTER of `number` and says what to answer. */
  register(request: SipRequest, number: string, peer: Peer): Outcome {
    if (userOf(request.to.uri) !== number) return { status: 403 };
    const texts = listOf(request, "contact");
    const expires = expiresOf(headerOf(request, "expires"));
    if (!texts || Number.isNaN(expires)) return { status: 400 };
    if (texts.includes("*")) return this.#removeAll(request, number, texts.length === 1 && expires === 0);
    const changes: Binding[] = [];
    for (const text of texts) {
      const change = this.#bindingOf(parseNameAddr(text), { request, number, peer, expires });
      if (!change) return { status: 400 };
      if (change === "too-brief") return { status: 423, headers: [["min-expires", String(MIN_S)]] };
      changes.push(change);
    }
    return this.#change(number, changes);
  }

  #placesNow(): ReadonlyMap<string, number> {
    const places = new Map<string, number>();
    for (const { source, until } of [...this.#bindings.values()].flat()) {
      const place = peerKey(source);
      places.set(place, Math.max(until, places.get(place) ?? 0));
    }
    return places;
  }

  #alive(number: string): readonly Binding[] {
    const now = this.#clock.monotonic();
    return (this.#bindings.get(number) ?? []).filter(({ until }) => until > now);
  }

  #bindingOf(
    contact: NameAddr | undefined,
    { request, number, peer, expires }: { request: SipRequest; number: string; peer: Peer; expires: number | undefined },
  ): Binding | "too-brief" | undefined {
    const own = secondsOf(contact?.params.get("expires"));
    // A value that cannot be read counts as none (RFC 3261 §20.10), unlike in the header of that name.
    const wantedS = Math.min(own === undefined || Number.isNaN(own) ? (expires ?? DEFAULT_S) : own, MAX_S);
    const preference = preferenceOf(contact?.params.get("q"));
    if (!contact || contact.uri.scheme === "other" || preference === undefined) return undefined;
    if (wantedS > 0 && wantedS < MIN_S) return "too-brief";
    const userAgent = headerOf(request, "user-agent");
    return {
      number,
      contact: contact.uri,
      source: peer,
      behindNat: cameThroughNat(request),
      preference,
      ...(userAgent !== undefined && { userAgent }),
      expiresAt: this.#clock.now() + wantedS * 1_000,
      until: this.#clock.monotonic() + wantedS * 1_000,
      callId: request.callId,
      sequence: request.cseq.number,
    };
  }

  /** All of the contacts or none: a request older than what is stored changes nothing (RFC 3261 §10.3 step 7). */
  #change(number: string, changes: readonly Binding[]): Outcome {
    let bindings = this.#alive(number);
    const now = this.#clock.monotonic();
    for (const change of changes) {
      const place = placeOf(change.contact);
      const before = bindings.find(({ contact }) => placeOf(contact) === place);
      if (before && before.callId === change.callId && change.sequence <= before.sequence) return { status: 500 };
      bindings = bindings.filter((binding) => binding !== before);
      if (change.until > now) bindings = [...bindings, change];
      if (!before || change.until <= now) {
        const message = change.until > now ? "extension registered" : "extension unregistered";
        this.#log.info(message, { source: change.source, userAgent: change.userAgent, pii: { extension: number } });
      }
    }
    // The oldest gives way: a phone that changes its port with every start must not lock itself out.
    this.#bindings.set(number, bindings.slice(-MAX_CONTACTS));
    this.#places = undefined;
    return this.#listing(number);
  }

  #removeAll(request: SipRequest, number: string, proper: boolean): Outcome {
    if (!proper) return { status: 400 };
    const left = this.#alive(number);
    if (left.some(({ callId, sequence }) => callId === request.callId && request.cseq.number <= sequence)) return { status: 500 };
    this.#bindings.delete(number);
    this.#places = undefined;
    return this.#listing(number);
  }

  #listing(number: string): Outcome {
    const now = this.#clock.monotonic();
    const headers = this.#alive(number).map(({ contact, preference, until }): Header => {
      const stated = preference === 1 ? "" : `;q=${preference}`;
      return ["contact", `<${formatUri(contact)}>${stated};expires=${Math.ceil((until - now) / 1_000)}`];
    });
    return { status: 200, headers };
  }
}
