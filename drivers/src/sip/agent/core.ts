import type { Clock, Log } from "@sitebox/core/kernel";
import { type Dialog, dialogKey, nextHop } from "../dialogs/index.ts";
import {
  formatNameAddr,
  type Header,
  noParams,
  type ResponseOptions,
  responseTo,
  type SipRequest,
  sipUri,
  type Uri,
  withParam,
} from "../parser/index.ts";
import {
  type ClientUser,
  LIFETIME_MS,
  newBranch,
  type ServerTransaction,
  type TransactionFault,
  type Transactions,
} from "../transactions/index.ts";
import type { Peer, Transports } from "../transports/index.ts";

/** Who we are in User-Agent and Server. */
export const PRODUCT = "Sitebox";

/** What a dialog's owner hears of it. */
export interface DialogUser {
  /** A request inside the dialog, screened already. */
  onRequest(transaction: ServerTransaction): void;
  onAck(ack: SipRequest): void;
}

export interface CoreDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly transports: Transports;
  readonly transactions: Transactions;
}

/** What every call shares: the layers below, the table of dialogs, and how our own messages look. */
export class Core {
  readonly clock: Clock;
  readonly log: Log;
  readonly transports: Transports;
  readonly #transactions: Transactions;
  readonly #dialogs = new Map<string, DialogUser>();

  constructor(deps: CoreDeps) {
    this.clock = deps.clock;
    this.log = deps.log;
    this.transports = deps.transports;
    this.#transactions = deps.transactions;
  }

  dialog(key: string): DialogUser | undefined {
    return this.#dialogs.get(key);
  }

  /** How many dialogs have an owner. */
  get dialogs(): number {
    return this.#dialogs.size;
  }

  /** Sends the dialog's requests to `user` until the result is disposed or another takes it over. */
  own(dialog: Dialog, user: DialogUser): Disposable {
    const key = dialogKey(dialog);
    this.#dialogs.set(key, user);
    return {
      [Symbol.dispose]: () => {
        if (this.#dialogs.get(key) === user) this.#dialogs.delete(key);
      },
    };
  }

  /** Answers a request with our name on it. */
  respond(transaction: ServerTransaction, status: number, options: ResponseOptions = {}): void {
    const { request } = transaction;
    // Whoever wants to stay on the dialog's way has to be in the answer that opens it (RFC 3261 §12.1.1).
    const opening = (request.method === "INVITE" || request.method === "SUBSCRIBE") && status > 100 && status < 300;
    const routes = opening ? request.headers.filter(([name]) => name === "record-route") : [];
    const headers: readonly Header[] = [...routes, ["server", PRODUCT], ...(options.headers ?? [])];
    transaction.respond(responseTo(request, status, { ...options, headers }));
  }

  /** Our Contact for calls of `user` with this peer; a sips: address where the call is for one (RFC 3261 §8.1.1.8). */
  async contact(user: string, peer: Peer, called?: Uri): Promise<Header> {
    const { host, port } = await this.transports.localAddress(peer);
    const uri =
      called?.scheme === "sips"
        ? { ...sipUri(host, { user, port }), scheme: called.scheme }
        : sipUri(host, { user, port, transport: peer.transport });
    return ["contact", formatNameAddr({ uri, params: noParams })];
  }

  /** Where the dialog's next request goes: over the far end's own flow where its address is of no use, else where it says. */
  async peerOf(dialog: Dialog, flow: Peer | undefined): Promise<Peer> {
    return dialog.routes.length === 0 && flow && this.transports.connected(flow) ? flow : this.resolve(nextHop(dialog));
  }

  /** Rejects for a URI that leads nowhere. */
  async resolve(uri: Uri): Promise<Peer> {
    if (uri.scheme === "other") throw new Error("not a SIP address");
    return this.transports.resolve(uri);
  }

  /** What it means that a request to this peer got no answer, for whoever asks why. */
  whyUnanswered(fault: TransactionFault, peer: Peer): string {
    const unsent = fault === "transport" ? this.transports.failureOf(peer) : undefined;
    return unsent ?? `no answer for ${LIFETIME_MS / 1_000} s`;
  }

  /** Gives the request a Via of ours with a new branch (RFC 3261 §8.1.1.7, RFC 3581) and our name. */
  async addressed(request: SipRequest, peer: Peer, branch = newBranch()): Promise<SipRequest> {
    const via = { transport: peer.transport.toUpperCase(), ...(await this.transports.localAddress(peer)), params: new Map() };
    return {
      ...request,
      vias: [withParam(withParam(via, "branch", branch), "rport")],
      headers: [...request.headers, ["user-agent", PRODUCT]],
    };
  }

  /** Starts a client transaction for a request that is addressed already. */
  transact(request: SipRequest, peer: Peer, user: ClientUser): void {
    this.#transactions.request(request, peer, user);
  }
}
