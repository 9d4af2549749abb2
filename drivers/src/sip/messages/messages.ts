import type { Clock } from "@sitebox/core/kernel";
import {
  type Header,
  headerOf,
  noParams,
  type SipRequest,
  type SipResponse,
  type SipUri,
  sipUri,
  userOf,
  withParam,
} from "../parser/index.ts";
import { type ClientUser, newCallId, newTag, type ServerTransaction } from "../transactions/index.ts";
import type { Peer } from "../transports/index.ts";

/** A text that is for nobody of the box, or comes from outside. Personal data. */
export interface IncomingMessage {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** The line that it came by; undefined from an extension of the box. */
  readonly line: string | undefined;
}

export interface MessagesDeps {
  readonly clock: Clock;
  /** Which extension proves to have sent the request; undefined where none does, and then it is answered. */
  readonly senderOf: (transaction: ServerTransaction) => string | undefined;
  /** The line that a request came by; undefined where it is none's. */
  readonly lineOf: (transaction: ServerTransaction) => string | undefined;
  readonly isExtension: (number: string) => boolean;
  /** Every phone of an extension that can be reached now. */
  readonly placesOf: (number: string) => Promise<readonly { readonly target: SipUri; readonly peer: Peer }[]>;
  readonly localAddress: (peer: Peer) => Promise<{ readonly host: string }>;
  readonly addressed: (request: SipRequest, peer: Peer) => Promise<SipRequest>;
  readonly transact: (request: SipRequest, peer: Peer, user: ClientUser) => void;
  readonly respond: (transaction: ServerTransaction, status: number, headers?: readonly Header[]) => void;
  /** Takes what is for no extension, or comes from outside; false where nobody wants it. Absent: nobody does. */
  readonly onMessage?: ((message: IncomingMessage) => Promise<boolean>) | undefined;
}

/** What fits into a datagram with its headers anywhere (RFC 3428 §8). */
const MAX_BYTES = 1_300;
/** A sender is told "accepted" when no phone has answered by then, and goes on waiting for nothing (RFC 3428 §7). */
const PATIENCE_MS = 4_000;

/** Texts from extension to extension (RFC 3428): every phone of the number gets it. They are kept nowhere. */
export class Messages {
  readonly #deps: MessagesDeps;

  constructor(deps: MessagesDeps) {
    this.#deps = deps;
  }

  /** Takes a MESSAGE outside a dialog. Never rejects. */
  async take(transaction: ServerTransaction): Promise<void> {
    const { respond, senderOf, lineOf, isExtension } = this.#deps;
    const { request } = transaction;
    const line = lineOf(transaction);
    const from = line === undefined ? senderOf(transaction) : userOf(request.from.uri);
    if (from === undefined) return;
    if (request.body.length > MAX_BYTES) return respond(transaction, 413);
    const to = userOf(request.uri);
    if (line === undefined && isExtension(to)) return this.#deliver(transaction, from, to);
    const taken = await this.#hand({ from, to, text: Buffer.from(request.body).toString("utf8"), line });
    respond(transaction, taken ? 202 : line === undefined ? 404 : 403);
  }

  async #hand(message: IncomingMessage): Promise<boolean> {
    try {
      return (await this.#deps.onMessage?.(message)) === true;
    } catch {
      return false;
    }
  }

  async #deliver(transaction: ServerTransaction, from: string, to: string): Promise<void> {
    const { respond, placesOf, clock } = this.#deps;
    const places = await placesOf(to);
    if (places.length === 0) return respond(transaction, 480);
    const waiting = new AbortController();
    const sendings = places.map((place) => this.#send(transaction.request, { ...place, from, to }));
    const taken = Promise.any(sendings.map(async (sending) => ((await sending) < 300 ? 200 : Promise.reject(await sending))));
    const slow = clock.sleep(PATIENCE_MS, waiting.signal).then(() => 202);
    const status = await Promise.race([taken, slow]).catch(async () => refusal(await Promise.all(sendings)));
    // It may have rejected for having been given up.
    slow.catch(() => {});
    taken.catch(() => {});
    waiting.abort();
    respond(transaction, status);
  }

  /** Resolves with the phone's final status; 408 where there is none. */
  async #send(
    message: SipRequest,
    { target, peer, from, to }: { readonly target: SipUri; readonly peer: Peer; readonly from: string; readonly to: string },
  ): Promise<number> {
    const status = Promise.withResolvers<number>();
    try {
      const { host } = await this.#deps.localAddress(peer);
      const { displayName } = message.from;
      const sender = { uri: sipUri(host, { user: from }), params: noParams, ...(displayName !== undefined && { displayName }) };
      const hops = Math.min(70, Number(headerOf(message, "max-forwards") ?? "70"));
      const contentType = headerOf(message, "content-type");
      const request: SipRequest = {
        type: "request",
        method: "MESSAGE",
        uri: target,
        vias: [],
        from: withParam(sender, "tag", newTag()),
        to: { uri: sipUri(host, { user: to }), params: noParams },
        callId: newCallId(),
        cseq: { number: 1, method: "MESSAGE" },
        headers: [
          ["max-forwards", String(hops - 1)],
          ...(contentType === undefined ? [] : [["content-type", contentType] as const]),
        ],
        body: message.body,
      };
      this.#deps.transact(await this.#deps.addressed(request, peer), peer, {
        onResponse: (response: SipResponse) => {
          if (response.status >= 200) status.resolve(response.status);
        },
        onFailure: () => status.resolve(408),
      });
    } catch {
      status.resolve(408);
    }
    return status.promise;
  }
}

/** What a sender is told when no phone took it: what one of them said, or that none is there. A challenge is not for the sender. */
const refusal = (statuses: readonly number[]): number =>
  statuses.find((status) => status >= 400 && ![401, 407, 408].includes(status)) ?? 480;
