import { type Clock, type Log, silentLog, systemClock } from "@sitebox/core/kernel";
import { noBody, noParams, type SipMessage, type SipRequest, sipUri } from "../parser/index.ts";
import { type Peer, Transports, type TransportsConfig, type TransportsDeps } from "./index.ts";

/** One end: what arrives at it, in order. */
export interface End extends AsyncDisposable {
  readonly transports: Transports;
  readonly logged: string[];
  /** The next message that arrives. */
  arrival(): Promise<{ readonly message: SipMessage; readonly peer: Peer }>;
}

export async function openEnd(
  config: Partial<TransportsConfig> = {},
  deps: Partial<Pick<TransportsDeps, "names">> & { readonly clock?: Clock } = {},
): Promise<End> {
  const waiting: PromiseWithResolvers<{ message: SipMessage; peer: Peer }>[] = [];
  const at = (index: number) => (waiting[index] ??= Promise.withResolvers());
  const logged: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (message, fields) => void logged.push(`${message}: ${String(fields?.reason ?? "")}`),
  };
  let arrived = 0;
  let taken = 0;
  const transports = new Transports(
    { host: "127.0.0.1", port: 0, ...config },
    { clock: systemClock, log, onMessage: (message, peer) => at(arrived++).resolve({ message, peer }), ...deps },
  );
  await transports.listen();
  return {
    transports,
    logged,
    arrival: () => at(taken++).promise,
    [Symbol.asyncDispose]: () => transports[Symbol.asyncDispose](),
  };
}

let branches = 0;

/** An OPTIONS for this peer, as `from` would send it; `padding` makes it long. */
export async function optionsTo(peer: Peer, from: Transports, padding = 0): Promise<SipRequest> {
  const via = { transport: peer.transport.toUpperCase(), ...(await from.localAddress(peer)) };
  return {
    type: "request",
    method: "OPTIONS",
    uri: sipUri(peer.host, { port: peer.port }),
    vias: [{ ...via, params: new Map([["branch", `z9hG4bKends${branches++}`]]) }],
    from: { uri: sipUri("a.example"), params: new Map([["tag", "a"]]) },
    to: { uri: sipUri("b.example"), params: noParams },
    callId: "ends",
    cseq: { number: 1, method: "OPTIONS" },
    headers: padding > 0 ? [["subject", "x".repeat(padding)]] : [],
    body: noBody,
  };
}
