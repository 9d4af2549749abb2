import type { Clock, Log } from "@sitebox/core/kernel";
import { type Header, headerOf, noBody, type SipRequest, type SipResponse } from "../parser/index.ts";
import type { ServerTransaction } from "../transactions/index.ts";
import type { EventPackage, Telling } from "./packages.ts";
import { wantedSeconds } from "./wanted-seconds.ts";

/** Our side of the dialog that a subscription is. */
export interface NotifierLink {
  readonly contact: Header;
  take(request: SipRequest): boolean;
  refresh(message: SipRequest): void;
  respond(transaction: ServerTransaction, status: number, parts?: { readonly headers?: readonly Header[] }): void;
  /** Never rejects. */
  request(
    method: "NOTIFY",
    parts: { readonly headers: readonly Header[]; readonly body: Uint8Array },
  ): Promise<{ readonly type: "answered"; readonly response: SipResponse } | { readonly type: "lost" }>;
  own(user: { onRequest(transaction: ServerTransaction): void; onAck(ack: SipRequest): void }): Disposable;
}

export interface SubscriptionOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly link: NotifierLink;
  readonly kind: EventPackage;
  readonly number: string;
  readonly telling: Telling;
  /** What is repeated in every notification: the package's name, and the id where one was given (RFC 6665 §8.2.1). */
  readonly event: string;
  /** Whether this request in the dialog comes from the watcher; answered where it does not. */
  readonly proven: (transaction: ServerTransaction) => boolean;
  readonly onEnd: (subscription: Subscription) => void;
}

/** Why a subscription ends, as its watcher is told it (RFC 6665 §4.1.3). */
export type EndReason = "timeout" | "probation;retry-after=30";

/** One watcher of one resource (RFC 6665 §4.2): one notification at a time, and what changes meanwhile is told together afterwards. */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #owned: Disposable;
  #expiresAt = 0;
  #timer: Disposable | undefined;
  #over = false;
  #telling = false;
  #next: "nothing" | "news" | "everything" = "nothing";

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#owned = options.link.own({ onRequest: (transaction) => this.#onRequest(transaction), onAck: () => {} });
  }

  /** Answers the SUBSCRIBE that began it and tells everything; 0 seconds only tells (RFC 6665 §4.4.3: fetch). */
  begin(transaction: ServerTransaction, seconds: number): void {
    this.#accept(transaction, seconds);
  }

  /** Something may have changed at a resource of its kind. */
  changed(kind: EventPackage, number: string): void {
    if (kind === this.#options.kind && number === this.#options.number) this.#tell("news");
  }

  /** Ends it with a last word. */
  end(reason: EndReason): void {
    if (this.#over) return;
    this.#drop();
    void this.#notify(`terminated;reason=${reason}`, true);
  }

  /** Ends it without a word. */
  #drop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.[Symbol.dispose]();
    this.#owned[Symbol.dispose]();
    this.#options.onEnd(this);
  }

  #onRequest(transaction: ServerTransaction) {
    const { link, event, proven } = this.#options;
    const { request } = transaction;
    if (!link.take(request)) return link.respond(transaction, 500);
    if (request.method !== "SUBSCRIBE") return link.respond(transaction, 405, { headers: [["allow", "SUBSCRIBE"]] });
    if (headerOf(request, "event")?.replaceAll(/\s/g, "").toLowerCase() !== event.toLowerCase())
      return link.respond(transaction, 489, { headers: [["allow-events", this.#options.kind.name]] });
    if (!proven(transaction)) return;
    const wanted = wantedSeconds(request);
    if (wanted.type === "refused") return link.respond(transaction, wanted.status, wanted);
    link.refresh(request);
    this.#accept(transaction, wanted.seconds);
  }

  #accept(transaction: ServerTransaction, seconds: number): void {
    const { clock, link } = this.#options;
    link.respond(transaction, 200, { headers: [link.contact, ["expires", String(seconds)]] });
    if (seconds === 0) return void this.end("timeout");
    this.#expiresAt = clock.monotonic() + seconds * 1_000;
    this.#timer?.[Symbol.dispose]();
    this.#timer = clock.after(seconds * 1_000, () => this.end("timeout"));
    this.#tell("everything");
  }

  #tell(what: "news" | "everything"): void {
    if (this.#over) return;
    if (this.#next !== "everything") this.#next = what;
    if (!this.#telling) void this.#run();
  }

  async #run(): Promise<void> {
    this.#telling = true;
    while (this.#next !== "nothing" && !this.#over) {
      const whole = this.#next === "everything";
      this.#next = "nothing";
      const leftS = Math.max(0, Math.ceil((this.#expiresAt - this.#options.clock.monotonic()) / 1_000));
      // Who does not take notifications any more has lost the subscription (RFC 6665 §4.2.2).
      if (!(await this.#notify(`active;expires=${leftS}`, whole))) this.#drop();
    }
    this.#telling = false;
  }

  /** False when it was not taken. */
  async #notify(state: string, whole: boolean): Promise<boolean> {
    const { link, kind, event, log } = this.#options;
    let text: string | undefined;
    try {
      text = await this.#options.telling.next(whole);
      // Nothing is told after the last word.
      if (text === undefined || (this.#over && state.startsWith("active"))) return true;
    } catch (err) {
      log.error("what is watched could not be read", { package: kind.name, err });
    }
    const content: readonly Header[] = text === undefined ? [] : [["content-type", kind.type]];
    const headers: readonly Header[] = [link.contact, ["event", event], ["subscription-state", state], ...content];
    const reply = await link.request("NOTIFY", { headers, body: text === undefined ? noBody : Buffer.from(text) });
    return reply.type === "answered" && reply.response.status < 300;
  }
}
