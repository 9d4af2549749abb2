import { LIFETIME_MS, type ServerEvent, type Step, start, stay, stop, T4_MS, type TransactionEffect } from "./step.ts";

/** A request other than INVITE that came (RFC 3261 §17.2.2). */
export type Server =
  | { readonly state: "trying"; readonly reliable: boolean }
  | { readonly state: "proceeding"; readonly reliable: boolean }
  | { readonly state: "completed" }
  /** Over, but for copies of the request that are still under way: absorbed, so that none of them begins it anew. */
  | { readonly state: "expired" }
  | { readonly state: "terminated" };

type Next = Step<Server, TransactionEffect>;

/** An answer later than timer F of the sender would reach nobody (RFC 4320 §4.2), so the guard drops the request then. */
export function startServer(reliable: boolean): Next {
  return { next: { state: "trying", reliable }, effects: [{ type: "deliver" }, start("guard", LIFETIME_MS)] };
}

const end = (...effects: TransactionEffect[]): Next => ({ next: { state: "terminated" }, effects });
/** The sender repeats for 64·T1, and the last copy may be slower than the first by all that the network holds one back (T4). */
const expire = (...effects: TransactionEffect[]): Next => ({
  next: { state: "expired" },
  effects: [...effects, start("guard", T4_MS)],
});

/** The whole life of a request at its receiver. Events that make no sense in a state are ignored. */
export function stepServer(server: Server, event: ServerEvent): Next {
  switch (server.state) {
    case "trying":
    case "proceeding":
      if (event.type === "respond" && event.status >= 200) {
        if (server.reliable) return end({ type: "send" });
        return { next: { state: "completed" }, effects: [{ type: "send" }, stop("guard"), start("J", LIFETIME_MS)] };
      }
      if (event.type === "respond") return { next: { ...server, state: "proceeding" }, effects: [{ type: "send" }] };
      if (event.type === "request" && server.state === "proceeding") return { next: server, effects: [{ type: "resend" }] };
      if (event.type === "transport-failed") return end({ type: "fail", fault: "transport" });
      if (event.type !== "timer" || event.timer !== "guard") return stay(server);
      return (server.reliable ? end : expire)({ type: "fail", fault: "timeout" });
    case "completed":
      if (event.type === "request") return { next: server, effects: [{ type: "resend" }] };
      if (event.type === "transport-failed") return end({ type: "fail", fault: "transport" });
      return event.type === "timer" && event.timer === "J" ? expire() : stay(server);
    case "expired":
      return event.type === "timer" && event.timer === "guard" ? end() : stay(server);
    case "terminated":
      return stay(server);
  }
}
