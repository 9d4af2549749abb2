import type { Clock, Log } from "@sitebox/core/kernel";
import { type Header, headerOf, listOf, type SipRequest, userOf } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { EventPackage } from "./packages.ts";
import { type NotifierLink, Subscription } from "./subscription.ts";
import { wantedSeconds } from "./wanted-seconds.ts";

export type { NotifierLink } from "./subscription.ts";

export interface SubscriptionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly packages: readonly EventPackage[];
  /** Which extension proves to have sent the request; undefined where none does, and then it is answered. */
  readonly watcherOf: (transaction: ServerTransaction) => string | undefined;
  readonly isExtension: (number: string) => boolean;
  /** Opens the dialog that a SUBSCRIBE asks for; undefined where it lacks what that takes. Rejects where its sender cannot be reached. */
  readonly open: (transaction: ServerTransaction) => Promise<NotifierLink | undefined>;
  readonly respond: (transaction: ServerTransaction, status: number, headers?: readonly Header[]) => void;
}

/** Lamps of one extension's phones, and of all. */
const MAX_FOR_WATCHER = 200;
const MAX = 5_000;

/** Everybody who watches an extension's line or mailbox (RFC 6665). */
export class Subscriptions implements Disposable {
  readonly #deps: SubscriptionsDeps;
  readonly #subscriptions = new Map<Subscription, string>();
  readonly #listening = new DisposableStack();
  #closed = false;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
    for (const kind of deps.packages)
      this.#listening.use(
        kind.onChanged((number) => {
          for (const subscription of this.#subscriptions.keys()) subscription.changed(kind, number);
        }),
      );
  }

  get size(): number {
    return this.#subscriptions.size;
  }

  /** What can be watched, as Allow-Events says it; none where nothing can. */
  get allowed(): readonly Header[] {
    const names = this.#deps.packages.map(({ name }) => name);
    return names.length === 0 ? [] : [["allow-events", names.join(", ")]];
  }

  /** Takes a SUBSCRIBE outside a dialog. */
  async take(transaction: ServerTransaction): Promise<void> {
    const { respond, watcherOf, isExtension, open, packages, log, clock } = this.#deps;
    const { request } = transaction;
    const event = eventOf(request);
    const kind = packages.find(({ name }) => name === event?.name);
    if (!kind || !event) return respond(transaction, 489, this.allowed);
    const watcher = watcherOf(transaction);
    if (watcher === undefined) return;
    const number = userOf(request.uri);
    const wanted = wantedSeconds(request);
    const refusal = accepts(request, kind.type);
    if (refusal !== undefined) return respond(transaction, refusal);
    if (wanted.type === "refused") return respond(transaction, wanted.status, wanted.headers);
    if (!isExtension(number) || request.uri.scheme === "other") return respond(transaction, 404);
    if (!kind.mayWatch(watcher, number)) return respond(transaction, 403);
    const own = [...this.#subscriptions.values()].filter((one) => one === watcher).length;
    if (own >= MAX_FOR_WATCHER || this.#subscriptions.size >= MAX) return respond(transaction, 480);
    const { scheme, host, port, user = number } = request.uri;
    const entity = { scheme, host, user, params: new Map(), ...(port !== undefined && { port }) };
    try {
      const link = await open(transaction);
      if (!link) return respond(transaction, 400);
      if (this.#closed) return respond(transaction, 480);
      const subscription = new Subscription({
        clock,
        log,
        link,
        kind,
        number,
        telling: kind.tell({ number, entity }),
        event: event.text,
        proven: (again) => watcherOf(again) === watcher,
        onEnd: (ended) => this.#subscriptions.delete(ended),
      });
      this.#subscriptions.set(subscription, watcher);
      subscription.begin(transaction, wanted.seconds);
    } catch (err) {
      log.warn("somebody who wants to watch cannot be reached", { err });
      respond(transaction, 480);
    }
  }

  /** Ends them all, with a word that it is worth trying again. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#listening.dispose();
    for (const subscription of [...this.#subscriptions.keys()]) subscription.end("probation;retry-after=30");
  }
}

/** The package that is asked for, and the header as it is repeated in notifications. */
function eventOf(request: SipRequest): { readonly name: string; readonly text: string } | undefined {
  const [name = "", ...params] = headerOf(request, "event")?.replaceAll(/\s/g, "").split(";") ?? [];
  if (name === "") return undefined;
  const id = params.find((param) => /^id=[\w.!%*+`'~-]+$/i.test(param));
  return { name: name.toLowerCase(), text: [name.toLowerCase(), ...(id === undefined ? [] : [id])].join(";") };
}

/** Why the package's notifications would not be read; undefined when they would (RFC 6665 §3.1.3). */
function accepts(request: SipRequest, type: string): 400 | 406 | undefined {
  const accepted = listOf(request, "accept");
  if (!accepted) return 400;
  const ranges = accepted.map((range) => range.split(";")[0]?.trim().toLowerCase());
  return ranges.length === 0 || ranges.some((range) => range === type || range === "application/*" || range === "*/*")
    ? undefined
    : 406;
}
