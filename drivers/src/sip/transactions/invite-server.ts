import {
  LIFETIME_MS,
  type ServerEvent,
  type Step,
  start,
  stay,
  stop,
  T1_MS,
  T2_MS,
  T4_MS,
  type TransactionEffect,
} from "./step.ts";

/** How long an INVITE may stay without a final response before its user is reminded. */
const UNANSWERED_LIMIT_MS = 300_000;

/** An INVITE that came (RFC 3261 §17.2.1 with the accepted state of RFC 6026 §7.1). */
export type InviteServer =
  | { readonly state: "proceeding"; readonly reliable: boolean; readonly responded: boolean }
  /** Refused; the refusal is repeated until the ACK comes. */
  | { readonly state: "completed"; readonly reliable: boolean; readonly intervalMs: number }
  /** Over, but for late copies of the ACK, or of the INVITE itself where no ACK came: absorbed. */
  | { readonly state: "confirmed" }
  /** Answered; the user repeats its 2xx, and repetitions of the INVITE are absorbed. */
  | { readonly state: "accepted"; readonly reliable: boolean }
  | { readonly state: "terminated" };

type Next = Step<InviteServer, TransactionEffect>;

export function startInviteServer(reliable: boolean): Next {
  return {
    next: { state: "proceeding", reliable, responded: false },
    effects: [{ type: "deliver" }, start("guard", UNANSWERED_LIMIT_MS)],
  };
}

const end = (...effects: TransactionEffect[]): Next => ({ next: { state: "terminated" }, effects });
/** Waits for what is still under way: the slowest copy is no later than T4. */
const confirm = (...effects: TransactionEffect[]): Next => ({
  next: { state: "confirmed" },
  effects: [...effects, start("I", T4_MS)],
});

function onRespond(server: Extract<InviteServer, { state: "proceeding" }>, status: number): Next {
  const { reliable } = server;
  if (status < 200) return { next: { ...server, responded: true }, effects: [{ type: "send" }] };
  if (status < 300)
    return { next: { state: "accepted", reliable }, effects: [{ type: "send" }, stop("guard"), start("L", LIFETIME_MS)] };
  const repeating = reliable ? [] : [start("G", T1_MS)];
  return {
    next: { state: "completed", reliable, intervalMs: T1_MS },
    effects: [{ type: "send" }, stop("guard"), ...repeating, start("H", LIFETIME_MS)],
  };
}

/** The whole life of an INVITE at the called end. Events that make no sense in a state are ignored. */
export function stepInviteServer(server: InviteServer, event: ServerEvent): Next {
  switch (server.state) {
    case "proceeding":
      if (event.type === "respond") return onRespond(server, event.status);
      if (event.type === "request" && server.responded) return { next: server, effects: [{ type: "resend" }] };
      if (event.type !== "timer" || event.timer !== "guard") return stay(server);
      return { next: server, effects: [{ type: "fail", fault: "timeout" }, start("guard", UNANSWERED_LIMIT_MS)] };
    case "completed":
      return stepCompleted(server, event);
    case "confirmed":
      return event.type === "timer" && event.timer === "I" ? end() : stay(server);
    case "accepted":
      if (event.type === "respond" && event.status >= 200 && event.status < 300)
        return { next: server, effects: [{ type: "send" }] };
      if (event.type !== "timer" || event.timer !== "L") return stay(server);
      return server.reliable ? end() : confirm();
    case "terminated":
      return stay(server);
  }
}

function stepCompleted(server: Extract<InviteServer, { state: "completed" }>, event: ServerEvent): Next {
  switch (event.type) {
    case "request":
      return { next: server, effects: [{ type: "resend" }] };
    case "ack":
      return server.reliable ? end() : confirm(stop("G"), stop("H"));
    case "transport-failed":
      return end({ type: "fail", fault: "transport" });
    case "respond":
      return stay(server);
    case "timer": {
      if (event.timer === "H") return (server.reliable ? end : confirm)(stop("G"), { type: "fail", fault: "timeout" });
      if (event.timer !== "G") return stay(server);
      const intervalMs = Math.min(server.intervalMs * 2, T2_MS);
      return { next: { ...server, intervalMs }, effects: [{ type: "resend" }, start("G", intervalMs)] };
    }
  }
}
