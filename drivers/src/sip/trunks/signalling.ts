import type { Clock, Log } from "@sitebox/core/kernel";
import { type Header, headerOf, type SipRequest, type SipResponse } from "../parser/index.ts";
import { type ClientUser, LIFETIME_MS } from "../transactions/index.ts";
import type { Peer, Transports } from "../transports/index.ts";
import type { Credentials } from "./credentials.ts";

/** What a line needs of the layers below. */
export interface Signalling {
  readonly clock: Clock;
  readonly log: Log;
  readonly transports: Pick<Transports, "locate" | "failureOf">;
  contact(user: string, peer: Peer): Promise<Header>;
  addressed(request: SipRequest, peer: Peer): Promise<SipRequest>;
  transact(request: SipRequest, peer: Peer, user: ClientUser): void;
}

/** What came of a request: the final response, or why there was none. */
export type Reply =
  | { readonly type: "response"; readonly response: SipResponse; readonly sequence: number }
  | { readonly type: "none"; readonly reason: string; readonly sequence: number };

export interface Question {
  readonly request: SipRequest;
  readonly peer: Peer;
  readonly credentials: Credentials | undefined;
  /** Aborting stops waiting. */
  readonly signal: AbortSignal;
}

/** Asks `peer` and proves who we are where it wants that: with the first challenge, and once more where the proof was merely stale. */
export async function exchange({ request, peer, credentials, signal }: Question, signalling: Signalling): Promise<Reply> {
  const early = credentials?.early(request);
  let asking = early ? { ...request, headers: [...request.headers, early] } : request;
  for (;;) {
    const reply = await once(asking, { peer, signal }, signalling);
    if (reply.type === "none" || !isChallenge(reply.response)) return reply;
    const proof = credentials?.answer(asking, reply.response);
    if (!proof) return reply;
    const sequence = asking.cseq.number + 1;
    const headers = [...asking.headers.filter(([name]) => name !== proof[0]), proof];
    asking = { ...asking, headers, cseq: { ...asking.cseq, number: sequence } };
  }
}

const isChallenge = ({ status }: SipResponse) => status === 401 || status === 407;

async function once(
  request: SipRequest,
  { peer, signal }: Pick<Question, "peer" | "signal">,
  signalling: Signalling,
): Promise<Reply> {
  const sequence = request.cseq.number;
  const reply = Promise.withResolvers<Reply>();
  const stop = () => reply.resolve({ type: "none", reason: "the box is closing", sequence });
  signal.addEventListener("abort", stop);
  try {
    signalling.transact(await signalling.addressed(request, peer), peer, {
      onResponse: (response) => {
        if (response.status >= 200) reply.resolve({ type: "response", response, sequence });
      },
      onFailure: (fault) => {
        const why = fault === "timeout" ? undefined : signalling.transports.failureOf(peer);
        reply.resolve({ type: "none", reason: why ?? `no answer for ${LIFETIME_MS / 1_000} s`, sequence });
      },
    });
  } catch (err) {
    signalling.log.info("a request of a line could not be sent", { peer, err });
    reply.resolve({ type: "none", reason: "there is no way to the host", sequence });
  }
  if (signal.aborted) stop();
  const ended = await reply.promise;
  signal.removeEventListener("abort", stop);
  return ended;
}

/** Why a line does not work: in a word that pages know, and in the far end's own. */
export interface Trouble {
  readonly fault: "login-refused" | "unreachable";
  readonly reason: string;
}

export const unreachable = (reason: string): Trouble => ({ fault: "unreachable", reason });

/** What a refusal of ours means for the line. */
export function troubleOf(response: SipResponse, credentials: Credentials | undefined): Trouble {
  const fault = [401, 403, 407].includes(response.status) ? "login-refused" : "unreachable";
  return { fault, reason: refusalText(response, credentials) };
}

/** What a refusal means to who looks after the line: the far end's own words, or that the password is wrong. */
function refusalText({ status, reason, ...response }: SipResponse, credentials: Credentials | undefined): string {
  if (status !== 401 && status !== 407) return warningOf({ status, reason, ...response });
  if (!credentials) return `${status} ${reason}: a login is asked for and none is configured`;
  return "wrong password";
}

/** Some say in Warning what is the matter (RFC 3261 §20.43). */
function warningOf(response: SipResponse): string {
  const [, warning] = /"((?:[^"\\]|\\.)*)"/.exec(headerOf(response, "warning") ?? "") ?? [];
  return `${response.status} ${response.reason}${warning === undefined || warning === "" ? "" : ` (${warning})`}`;
}
