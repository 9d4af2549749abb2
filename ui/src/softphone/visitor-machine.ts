import type { MicrophoneFault } from "./microphone.ts";

export type VisitorFault = MicrophoneFault | "box-offline" | "failed";

/** A visitor's call from the browser. */
export type VisitorCall =
  | { readonly state: "idle" }
  | { readonly state: "asking" }
  | { readonly state: "ringing"; readonly callId?: string }
  | {
      readonly state: "connected";
      readonly callId: string;
      readonly sinceAt: number;
      readonly muted: boolean;
      /** The way to the box broke down; it is being laid anew. */
      readonly weak: boolean;
    }
  | { readonly state: "ended"; readonly lastedMs: number }
  | { readonly state: "failed"; readonly fault: VisitorFault };

export type VisitorEvent =
  | { readonly type: "call-pressed" }
  | { readonly type: "microphone-given" }
  | { readonly type: "placed"; readonly callId: string }
  | { readonly type: "answered"; readonly callId: string; readonly at: number }
  | { readonly type: "mute-pressed" }
  /** The box had kept the call while the page was away; its sound has still to be laid. */
  | { readonly type: "resumed"; readonly callId: string; readonly sinceAt: number }
  | { readonly type: "sound-lost" }
  | { readonly type: "sound-restored" }
  | { readonly type: "hung-up"; readonly at: number }
  | { readonly type: "failed"; readonly fault: VisitorFault }
  | { readonly type: "dismissed" };

/** The whole life of a visitor's call. Events that make no sense in a state are ignored. */
export function stepVisitorCall(call: VisitorCall, event: VisitorEvent): VisitorCall {
  switch (event.type) {
    case "call-pressed":
      return isUnderWay(call) ? call : { state: "asking" };
    case "microphone-given":
      return call.state === "asking" ? { state: "ringing" } : call;
    case "placed":
      return call.state === "ringing" ? { state: "ringing", callId: event.callId } : call;
    case "answered":
      return call.state === "ringing"
        ? { state: "connected", callId: event.callId, sinceAt: event.at, muted: false, weak: false }
        : call;
    case "mute-pressed":
      return call.state === "connected" ? { ...call, muted: !call.muted } : call;
    case "resumed":
      if (call.state === "connected") return { ...call, weak: true };
      return { state: "connected", callId: event.callId, sinceAt: event.sinceAt, muted: false, weak: true };
    case "sound-lost":
      return call.state === "connected" ? { ...call, weak: true } : call;
    case "sound-restored":
      return call.state === "connected" ? { ...call, weak: false } : call;
    case "hung-up":
      if (!isUnderWay(call)) return call;
      return { state: "ended", lastedMs: call.state === "connected" ? event.at - call.sinceAt : 0 };
    case "failed":
      return isUnderWay(call) ? { state: "failed", fault: event.fault } : call;
    case "dismissed":
      return call.state === "ended" || call.state === "failed" ? { state: "idle" } : call;
  }
}

export const isUnderWay = (call: VisitorCall): boolean =>
  call.state === "asking" || call.state === "ringing" || call.state === "connected";
