import {
  type ClientEvent,
  LIFETIME_MS,
  type Step,
  start,
  stay,
  stop,
  T1_MS,
  T2_MS,
  T4_MS,
  type TransactionEffect,
} from "./step.ts";

/** A request other than INVITE that we sent (RFC 3261 §17.1.2). */
export type Client =
  | { readonly state: "trying"; readonly reliable: boolean; readonly intervalMs: number }
  | { readonly state: "proceeding"; readonly reliable: boolean }
  | { readonly state: "completed" }
  | { readonly state: "terminated" };

type Next = Step<Client, TransactionEffect>;

export function startClient(reliable: boolean): Next {
  const timers = reliable ? [] : [start("E", T1_MS)];
  return {
    next: { state: "trying", reliable, intervalMs: T1_MS },
    effects: [{ type: "send" }, ...timers, start("F", LIFETIME_MS)],
  };
}

const end = (...effects: TransactionEffect[]): Next => ({ next: { state: "terminated" }, effects });

function onResponse(client: Extract<Client, { reliable: boolean }>, status: number): Next {
  const { reliable } = client;
  if (status < 200) {
    // Timers E and F run on: a peer that only ever says "Trying" must not hold us (RFC 3261 §17.1.2.2).
    return { next: { state: "proceeding", reliable }, effects: [{ type: "deliver" }] };
  }
  if (reliable) return end({ type: "deliver" });
  return {
    next: { state: "completed" },
    effects: [{ type: "deliver" }, stop("E"), stop("F"), start("K", T4_MS)],
  };
}

/** The whole life of a request at its sender. Events that make no sense in a state are ignored. */
export function stepClient(client: Client, event: ClientEvent): Next {
  switch (client.state) {
    case "trying":
    case "proceeding":
      if (event.type === "response") return onResponse(client, event.status);
      if (event.type === "transport-failed") return end({ type: "fail", fault: "transport" });
      if (event.timer === "F") return end({ type: "fail", fault: "timeout" });
      if (event.timer !== "E") return stay(client);
      if (client.state === "proceeding") return { next: client, effects: [{ type: "resend" }, start("E", T2_MS)] };
      return {
        next: { ...client, intervalMs: Math.min(client.intervalMs * 2, T2_MS) },
        effects: [{ type: "resend" }, start("E", Math.min(client.intervalMs * 2, T2_MS))],
      };
    case "completed":
      return event.type === "timer" && event.timer === "K" ? end() : stay(client);
    case "terminated":
      return stay(client);
  }
}
