import { parseMessage, type SipMessage } from "../parser/index.ts";
import type { Fate } from "../testing/virtual-network/index.ts";
import { LIFETIME_MS, T1_MS, T2_MS } from "./index.ts";

type Seen = Fate & { readonly message: SipMessage };

/** What went over the wire for one request of a client: its copies, its answers and its ACKs. */
interface Exchange {
  readonly method: string;
  readonly sentAt: readonly number[];
  /** When each copy of a response reached the client. */
  readonly heard: readonly { readonly at: number; readonly status: number }[];
  readonly acksAt: readonly number[];
  /** When each copy of the request reached the server, what the server sent and when, and when an ACK reached it. */
  readonly arrivedAt: readonly number[];
  readonly answers: readonly { readonly at: number; readonly status: number }[];
  readonly acksArrivedAt: readonly number[];
}

function read(fates: readonly Fate[]): readonly Seen[] {
  return fates.map((fate) => {
    const message = parseMessage(fate.bytes);
    if (message.type === "malformed") throw new Error(`we wrote what we cannot read: ${message.reason}`);
    return { ...fate, message };
  });
}

const branchOf = ({ message }: Seen) => message.vias[0]?.params.get("branch");

/** Every client transaction that the wire shows. */
export function exchangesOf(fates: readonly Fate[]): readonly Exchange[] {
  const seen = read(fates);
  const requests = seen.filter(({ message }) => message.type === "request" && message.method !== "ACK");
  const keys = new Set(requests.map((fate) => `${fate.from} ${branchOf(fate)} ${fate.message.cseq.method}`));
  return [...keys].map((key) => {
    const [from, branch, method = ""] = key.split(" ");
    const same = seen.filter((fate) => branchOf(fate) === branch);
    const acks = same.filter(({ message }) => message.cseq.method === "ACK");
    const ofMethod = same.filter(({ message }) => message.cseq.method === method);
    const copies = ofMethod.filter(({ message, from: sender }) => message.type === "request" && sender === from);
    const answers = ofMethod.flatMap(({ message, at, arrivesAt }) =>
      message.type === "response" ? [{ at, status: message.status, arrivesAt }] : [],
    );
    return {
      method,
      sentAt: copies.map(({ at }) => at),
      heard: answers.flatMap(({ status, arrivesAt }) => arrivesAt.map((at) => ({ at, status }))).toSorted(byTime),
      acksAt: acks.map(({ at }) => at),
      arrivedAt: copies.flatMap(({ arrivesAt }) => arrivesAt).toSorted((one, other) => one - other),
      answers,
      acksArrivedAt: acks.flatMap(({ arrivesAt }) => arrivesAt),
    };
  });
}

const byTime = (one: { readonly at: number }, other: { readonly at: number }) => one.at - other.at;

/** When copies of a request are due that nobody answers: at T1 doubled, for others than INVITE no longer than T2 (timers A and E). */
export function dueAt({ method, sentAt, heard }: Exchange): readonly number[] {
  const [startedAt = 0] = sentAt;
  const final = heard.find(({ status }) => status >= 200)?.at ?? Number.POSITIVE_INFINITY;
  const sign = heard[0]?.at ?? Number.POSITIVE_INFINITY;
  const until = Math.min(startedAt + LIFETIME_MS, method === "INVITE" ? sign : final);
  const due: number[] = [];
  let intervalMs = T1_MS;
  for (let at = startedAt; at < until; ) {
    due.push(at);
    at += intervalMs;
    // A provisional answer slows the copies down from the next one on (RFC 3261 §17.1.2.2).
    if (method === "INVITE") intervalMs *= 2;
    else intervalMs = at >= sign ? T2_MS : Math.min(intervalMs * 2, T2_MS);
  }
  return due;
}

/** The far end may ring this long without a word (timer C). */
const RINGING_MS = 180_000;

/** When an INVITE's refusals are to be acknowledged: each copy that comes while the transaction lives (timers B, C and D). None was a 2xx. */
export function acksDueAt({ method, sentAt, heard }: Exchange): readonly number[] {
  if (method !== "INVITE") return [];
  const sign = heard[0];
  if (!sign || sign.at >= (sentAt[0] ?? 0) + LIFETIME_MS) return [];
  let givenUpAt = Number.POSITIVE_INFINITY;
  for (const { at, status } of heard) {
    // Given up after ringing, it still acknowledges the refusal that its CANCEL brings.
    if (at >= givenUpAt) break;
    if (status >= 200) givenUpAt = at;
    else givenUpAt = at + RINGING_MS;
  }
  return heard.filter(({ at, status }) => status >= 300 && at < givenUpAt + LIFETIME_MS).map(({ at }) => at);
}

/** Copies of the request that the server has to answer again: with its latest answer, until it gives up or need not any more (timers H and J). */
export function repeatsDueAt({ method, arrivedAt, answers, acksArrivedAt }: Exchange): readonly number[] {
  const [first = 0, ...copies] = arrivedAt;
  return copies.filter((at) => {
    const before = answers.filter((answer) => answer.at < at);
    const final = before.find(({ status }) => status >= 200);
    if (before.length === 0) return false;
    if (!final) return method === "INVITE" || at < first + LIFETIME_MS;
    const over = method === "INVITE" && (final.status < 300 || acksArrivedAt.some((ackAt) => ackAt < at));
    return !over && at < final.at + LIFETIME_MS;
  });
}
