import { type ClientEvent, LIFETIME_MS, type Step, start, stay, stop, T1_MS, type TransactionEffect } from "./step.ts";

/** A far end may ring this long without a word; each provisional response starts it anew (timer C, RFC 3261 §16.6). */
const RINGING_LIMIT_MS = 180_000;

/** An INVITE that we sent (RFC 3261 §17.1.1 with the accepted state of RFC 6026 §7.2). */
export type InviteClient =
  | { readonly state: "calling"; readonly reliable: boolean; readonly intervalMs: number }
  | { readonly state: "proceeding"; readonly reliable: boolean }
  /** Refused and acknowledged, or given up; waits for repetitions of the refusal, or for the first. */
  | { readonly state: "completed" }
  /** Answered; repetitions of the 2xx, and those of other forks, still reach the user. */
  | { readonly state: "accepted" }
  | { readonly state: "terminated" };

type Next = Step<InviteClient, TransactionEffect>;

export function startInviteClient(reliable: boolean): Next {
  const timers = reliable ? [] : [start("A", T1_MS)];
  return {
    next: { state: "calling", reliable, intervalMs: T1_MS },
    effects: [{ type: "send" }, ...timers, start("B", LIFETIME_MS)],
  };
}

const end = (...effects: TransactionEffect[]): Next => ({ next: { state: "terminated" }, effects });

function onResponse(client: Extract<InviteClient, { reliable: boolean }>, status: number): Next {
  const { reliable } = client;
  const quiet = [stop("A"), stop("B"), stop("C")];
  if (status < 200)
    return {
      next: { state: "proceeding", reliable },
      effects: [{ type: "deliver" }, stop("A"), stop("B"), start("C", RINGING_LIMIT_MS)],
    };
  if (status < 300) return { next: { state: "accepted" }, effects: [{ type: "deliver" }, ...quiet, start("M", LIFETIME_MS)] };
  if (reliable) return end({ type: "acknowledge" }, { type: "deliver" });
  return {
    next: { state: "completed" },
    effects: [{ type: "acknowledge" }, { type: "deliver" }, ...quiet, start("D", LIFETIME_MS)],
  };
}

/** The whole life of an INVITE at the caller. Events that make no sense in a state are ignored. */
export function stepInviteClient(client: InviteClient, event: ClientEvent): Next {
  switch (client.state) {
    case "calling":
      if (event.type === "response") return onResponse(client, event.status);
      if (event.type === "transport-failed") return end({ type: "fail", fault: "transport" });
      if (event.timer === "B") return end({ type: "fail", fault: "timeout" });
      if (event.timer !== "A") return stay(client);
      return {
        next: { ...client, intervalMs: client.intervalMs * 2 },
        effects: [{ type: "resend" }, start("A", client.intervalMs * 2)],
      };
    case "proceeding":
      if (event.type === "response") return onResponse(client, event.status);
      if (event.type !== "timer" || event.timer !== "C") return stay(client);
      // The user sends a CANCEL now; the refusal that comes of it is to be acknowledged.
      return { next: { state: "completed" }, effects: [{ type: "fail", fault: "timeout" }, start("D", LIFETIME_MS)] };
    case "completed":
      if (event.type === "response" && event.status >= 300) return { next: client, effects: [{ type: "acknowledge" }] };
      if (event.type === "transport-failed") return end({ type: "fail", fault: "transport" });
      return event.type === "timer" && event.timer === "D" ? end() : stay(client);
    case "accepted":
      if (event.type === "response" && event.status >= 200 && event.status < 300)
        return { next: client, effects: [{ type: "deliver" }] };
      return event.type === "timer" && event.timer === "M" ? end() : stay(client);
    case "terminated":
      return stay(client);
  }
}
