import { silentLog } from "@sitebox/core/kernel";
import type { VirtualClock } from "@sitebox/core/testing";
import { RepetitionRunner } from "../dialogs/index.ts";
import {
  noBody,
  noParams,
  parseMessage,
  responseTo,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  serialize,
  sipUri,
} from "../parser/index.ts";
import type { VirtualNetwork } from "../testing/virtual-network/index.ts";
import type { Peer } from "../transports/index.ts";
import { newBranch, type ServerTransaction, type TransactionFault, Transactions } from "./index.ts";

export type Outcome = number | TransactionFault;

/** What one request of an end came to. */
export interface Sent {
  readonly request: SipRequest;
  readonly startedAt: number;
  readonly provisionalsAt: number[];
  /** Final responses and failures; a 2xx to an INVITE that comes again is noted once. */
  readonly outcomes: Outcome[];
  outcomeAt: number | undefined;
  /** Provisional responses after the final one: there must be none. */
  late: number;
}

/** How the called end treats a request; all times after it came, in ms. */
export interface Script {
  readonly provisionals: readonly { readonly afterMs: number; readonly status: number }[];
  /** Absent: the user never answers by itself. */
  readonly final?: { readonly afterMs: number; readonly status: number };
}

/** What became of a 2xx: the ACK came, or 64·T1 passed and a BYE went out. */
export interface Accepted {
  readonly startedAt: number;
  outcome: "waiting" | "acknowledged" | "abandoned";
  endedAt: number | undefined;
}

/** One end with a transaction layer and the simplest user above it that the standard allows. */
export class End {
  readonly transactions: Transactions;
  readonly sent: Sent[] = [];
  /** Requests that its user saw, by branch and method, with how often. */
  readonly seen = new Map<string, number>();
  readonly accepted = new Map<string, Accepted>();
  readonly statuses = new Map<string, number>();
  readonly peer: Peer;
  unanswered = 0;
  readonly #clock: VirtualClock;
  readonly #scripts: (callId: string) => Script;
  readonly #runners = new Map<string, RepetitionRunner>();
  #send: (message: SipMessage, peer: Peer) => Promise<void> = () => Promise.reject(new Error("not open"));

  constructor(clock: VirtualClock, host: string, scripts: (callId: string) => Script) {
    this.#clock = clock;
    this.#scripts = scripts;
    this.peer = { transport: "udp", host, port: 5060 };
    this.transactions = new Transactions({
      clock,
      log: silentLog,
      send: (message, peer) => this.#send(message, peer),
      user: {
        onRequest: (transaction) => this.#onRequest(transaction),
        onAck: (ack) => this.#onAck(ack),
        onUnanswered: (transaction) => {
          this.unanswered += 1;
          if (!this.statuses.has(transaction.request.callId)) this.#answer(transaction, 480);
        },
      },
    });
  }

  async open(network: VirtualNetwork): Promise<void> {
    const { transport } = await network.open(this.peer, (bytes, peer) => {
      const message = parseMessage(bytes);
      if (message.type === "malformed") throw new Error(`we sent what we cannot read: ${message.reason}`);
      this.transactions.receive(message, peer);
    });
    this.#send = (message, peer) => transport.send(serialize(message), peer);
  }

  /** Sends a request; with `cancelAfterMs` an INVITE is given up as soon after that as the standard allows. */
  request(to: Peer, method: string, callId: string, cancelAfterMs?: number): Sent {
    const request = this.#build(method, callId);
    const sent = this.#transact(request, to);
    if (cancelAfterMs !== undefined) this.#clock.after(cancelAfterMs, () => this.#cancel(sent, to));
    return sent;
  }

  #build(method: string, callId: string): SipRequest {
    const { host, port } = this.peer;
    return {
      type: "request",
      method,
      uri: sipUri("box.example", { user: "8000" }),
      vias: [{ transport: "UDP", host, port, params: new Map([["branch", newBranch()]]) }],
      from: { uri: sipUri("phone.example"), params: new Map([["tag", callId]]) },
      to: { uri: sipUri("box.example"), params: noParams },
      callId,
      cseq: { number: 1, method },
      headers: [["max-forwards", "70"]],
      body: noBody,
    };
  }

  #transact(request: SipRequest, to: Peer): Sent {
    const sent: Sent = { request, startedAt: this.#clock.now(), provisionalsAt: [], outcomes: [], outcomeAt: undefined, late: 0 };
    this.sent.push(sent);
    this.transactions.request(request, to, {
      onResponse: (response) => this.#onResponse(sent, response, to),
      onFailure: (fault) => this.#settle(sent, fault),
    });
    return sent;
  }

  #onResponse(sent: Sent, response: SipResponse, to: Peer): void {
    const { status } = response;
    if (status < 200) {
      if (sent.outcomes.length > 0) sent.late += 1;
      sent.provisionalsAt.push(this.#clock.now());
      return;
    }
    const again = sent.request.method === "INVITE" && status < 300 && sent.outcomes.includes(status);
    if (!again) this.#settle(sent, status);
    if (sent.request.method === "INVITE" && status < 300) {
      const ack = { ...this.#build("ACK", sent.request.callId), to: response.to };
      void this.#send(ack, to);
    }
  }

  #settle(sent: Sent, outcome: Outcome): void {
    sent.outcomes.push(outcome);
    sent.outcomeAt = this.#clock.now();
  }

  /** Not before the first sign of life, not after the end (RFC 3261 §9.1). */
  #cancel(sent: Sent, to: Peer): void {
    if (sent.outcomes.length > 0) return;
    if (sent.provisionalsAt.length === 0) return void this.#clock.after(200, () => this.#cancel(sent, to));
    this.#transact({ ...sent.request, method: "CANCEL", cseq: { number: 1, method: "CANCEL" } }, to);
  }

  #onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    const key = `${request.vias[0]?.params.get("branch")} ${request.method}`;
    this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
    if (request.method === "CANCEL") this.#onCancel(transaction);
    else if (request.method === "BYE") transaction.respond(responseTo(request, 200));
    else this.#follow(transaction);
  }

  #follow(transaction: ServerTransaction): void {
    const { request } = transaction;
    const { provisionals, final } = this.#scripts(request.callId);
    for (const { afterMs, status } of provisionals)
      this.#clock.after(afterMs, () => {
        if (!this.statuses.has(request.callId)) transaction.respond(responseTo(request, status, { toTag: "b" }));
      });
    if (final) this.#clock.after(final.afterMs, () => this.#answer(transaction, final.status));
  }

  #onCancel(transaction: ServerTransaction): void {
    const invite = this.transactions.inviteOf(transaction.request);
    transaction.respond(responseTo(transaction.request, invite ? 200 : 481));
    if (invite) this.#answer(invite, 487);
  }

  /** Answers for good, once; a 2xx to an INVITE until the ACK comes (RFC 3261 §13.3.1.4). */
  #answer(transaction: ServerTransaction, status: number): void {
    const { request } = transaction;
    const { callId } = request;
    if (this.statuses.has(callId)) return;
    this.statuses.set(callId, status);
    const send = () => transaction.respond(responseTo(request, status, { toTag: "b" }));
    if (request.method === "INVITE" && status < 300) this.#accept(callId, send, transaction.peer);
    else send();
  }

  #accept(callId: string, send: () => void, peer: Peer): void {
    const accepted: Accepted = { startedAt: this.#clock.now(), outcome: "waiting", endedAt: undefined };
    this.accepted.set(callId, accepted);
    const runner = new RepetitionRunner({
      clock: this.#clock,
      send,
      giveUp: () => {
        this.#close(accepted, "abandoned");
        this.#transact(this.#build("BYE", `${callId}-bye`), peer);
      },
    });
    this.#runners.set(callId, runner);
    runner.begin();
  }

  #onAck(ack: SipRequest): void {
    const accepted = this.accepted.get(ack.callId);
    this.#runners.get(ack.callId)?.acknowledge();
    if (accepted?.outcome === "waiting") this.#close(accepted, "acknowledged");
  }

  #close(accepted: Accepted, outcome: Accepted["outcome"]): void {
    accepted.outcome = outcome;
    accepted.endedAt = this.#clock.now();
  }
}
