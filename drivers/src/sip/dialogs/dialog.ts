import {
  formatNameAddr,
  type Header,
  listOf,
  type NameAddr,
  noBody,
  parseNameAddr,
  type SipRequest,
  type SipResponse,
  tagOf,
  type Uri,
  withParam,
} from "../parser/index.ts";

/** A call's signalling relation between two ends (RFC 3261 §12). */
export interface Dialog {
  readonly state: "early" | "confirmed";
  readonly callId: string;
  /** Our end, with our tag. */
  readonly local: NameAddr;
  /** The far end, with its tag. */
  readonly remote: NameAddr;
  /** The far end's Contact. */
  readonly target: Uri;
  readonly routes: readonly NameAddr[];
  readonly localSeq: number;
  readonly remoteSeq?: number;
}

/** What a dialog is found by, from its three names. */
export const dialogKeyNamed = (callId: string, localTag: string | undefined, remoteTag: string | undefined): string =>
  `${callId}|${localTag ?? ""}|${remoteTag ?? ""}`;

export const dialogKey = (dialog: Dialog): string => dialogKeyNamed(dialog.callId, tagOf(dialog.local), tagOf(dialog.remote));

/** The dialog that a request says it belongs to; undefined when it says none. */
export function dialogKeyOf(request: SipRequest): string | undefined {
  const localTag = tagOf(request.to);
  return localTag === undefined ? undefined : dialogKeyNamed(request.callId, localTag, tagOf(request.from));
}

/** The first Contact's URI; undefined when there is none or it cannot be read. */
export function contactOf(message: SipRequest | SipResponse): Uri | undefined {
  const [text] = listOf(message, "contact") ?? [];
  return text === undefined ? undefined : parseNameAddr(text)?.uri;
}

function recordRoutes(message: SipRequest | SipResponse): readonly NameAddr[] | undefined {
  const routes = listOf(message, "record-route")?.map(parseNameAddr);
  return routes?.every((route) => route !== undefined) ? routes : undefined;
}

/** The dialog that an INVITE opens at the called end (RFC 3261 §12.1.1); undefined when it lacks what that takes. */
export function dialogOfRequest(request: SipRequest, localTag: string): Dialog | undefined {
  const target = contactOf(request);
  const routes = recordRoutes(request);
  if (!target || !routes) return undefined;
  return {
    state: "early",
    callId: request.callId,
    local: withParam(request.to, "tag", localTag),
    remote: request.from,
    target,
    routes,
    localSeq: 0,
    remoteSeq: request.cseq.number,
  };
}

/** The dialog that a response opens at the caller (RFC 3261 §12.1.2); undefined when it lacks what that takes. */
export function dialogOfResponse(invite: SipRequest, response: SipResponse): Dialog | undefined {
  // An answer without a Contact still has to be acknowledged: at the place that was rung.
  const target = contactOf(response) ?? (response.status < 200 ? undefined : invite.uri);
  const routes = recordRoutes(response);
  if (!target || !routes || tagOf(response.to) === undefined) return undefined;
  return {
    state: response.status < 200 ? "early" : "confirmed",
    callId: invite.callId,
    local: invite.from,
    remote: response.to,
    target,
    routes: routes.toReversed(),
    localSeq: invite.cseq.number,
  };
}

export const confirmed = (dialog: Dialog): Dialog => ({ ...dialog, state: "confirmed" });

/** An early dialog of ours that was answered: its way is the answer's, its numbers go on (RFC 3261 §13.2.2.4). */
export const answeredBy = (early: Dialog, { target, routes }: Dialog): Dialog => ({ ...confirmed(early), target, routes });

/** A request that may move the far end's address has (RFC 3261 §12.2: target refresh). */
export function refreshed(dialog: Dialog, message: SipRequest | SipResponse): Dialog {
  const target = contactOf(message);
  return target ? { ...dialog, target } : dialog;
}

/** Takes a request's place in the order; undefined when it is older than one that was taken (500, RFC 3261 §12.2.2). */
export function taken(dialog: Dialog, request: SipRequest): Dialog | undefined {
  const { number } = request.cseq;
  return dialog.remoteSeq !== undefined && number <= dialog.remoteSeq ? undefined : { ...dialog, remoteSeq: number };
}

/** Where the next request of the dialog goes first. */
export const nextHop = (dialog: Dialog): Uri => dialog.routes[0]?.uri ?? dialog.target;

export interface RequestParts {
  readonly headers?: readonly Header[];
  readonly body?: Uint8Array;
}

/** The next request of the dialog, still without a Via (RFC 3261 §12.2.1.1). */
export function requestIn(dialog: Dialog, method: string, parts: RequestParts = {}): { dialog: Dialog; request: SipRequest } {
  const next = { ...dialog, localSeq: dialog.localSeq + 1 };
  return { dialog: next, request: build(next, { number: next.localSeq, method }, parts) };
}

/** The ACK for a 2xx: a request of its own with the INVITE's number (RFC 3261 §13.2.2.4). */
export const ackIn = (dialog: Dialog, inviteSeq: number, parts: RequestParts = {}): SipRequest =>
  build(dialog, { number: inviteSeq, method: "ACK" }, parts);

function build(dialog: Dialog, cseq: SipRequest["cseq"], { headers = [], body = noBody }: RequestParts): SipRequest {
  const [first, ...others] = dialog.routes;
  const loose = !first || first.uri.scheme === "other" || first.uri.params.has("lr");
  // A router of RFC 2543 takes the Request-URI for itself and finds ours at the end of the list.
  const routes = loose ? dialog.routes : [...others, { uri: dialog.target, params: new Map() }];
  return {
    type: "request",
    method: cseq.method,
    uri: loose ? dialog.target : first.uri,
    vias: [],
    from: dialog.local,
    to: dialog.remote,
    callId: dialog.callId,
    cseq,
    headers: [...routes.map((route): Header => ["route", formatNameAddr(route)]), ["max-forwards", "70"], ...headers],
    body,
  };
}
