import type { HandOff } from "@sitebox/core/contract";

/** An agent's softphone. `offer` is kept through the call: it is the context the agent works from. */
export type AgentPhone =
  | { readonly state: "away" }
  | { readonly state: "ready" }
  | { readonly state: "ringing"; readonly offer: HandOff }
  | { readonly state: "answering"; readonly offer: HandOff }
  | {
      readonly state: "talking";
      readonly offer: HandOff;
      readonly sinceAt: number;
      readonly muted: boolean;
      readonly weak: boolean;
    }
  | { readonly state: "ended"; readonly offer: HandOff; readonly reason: string };

export type AgentPhoneEvent =
  | { readonly type: "ready-set"; readonly ready: boolean }
  /** The offers as they stand now, oldest first. */
  | { readonly type: "offers-changed"; readonly offers: readonly HandOff[] }
  | { readonly type: "answer-pressed" }
  | { readonly type: "answered"; readonly at: number }
  | { readonly type: "answer-failed"; readonly reason: string }
  /** The box had kept this person's call while the page was away; its sound has still to be laid. */
  | { readonly type: "resumed"; readonly offer: HandOff; readonly sinceAt: number }
  | { readonly type: "mute-pressed" }
  /** The browser's way to the box broke down or came back while a call is on. */
  | { readonly type: "sound-lost" }
  | { readonly type: "sound-restored" }
  | { readonly type: "call-ended"; readonly callId: string; readonly reason: string }
  | { readonly type: "dismissed" };

/** The whole life of the softphone. Events that make no sense in a state are ignored. */
export function stepAgentPhone(phone: AgentPhone, event: AgentPhoneEvent): AgentPhone {
  switch (event.type) {
    case "ready-set":
      if (phone.state === "away" && event.ready) return { state: "ready" };
      if ((phone.state === "ready" || phone.state === "ringing") && !event.ready) return { state: "away" };
      return phone;
    case "offers-changed":
      return offersChanged(phone, event.offers);
    case "answer-pressed":
      return phone.state === "ringing" ? { state: "answering", offer: phone.offer } : phone;
    case "answered":
      return phone.state === "answering"
        ? { state: "talking", offer: phone.offer, sinceAt: event.at, muted: false, weak: false }
        : phone;
    case "answer-failed":
      return phone.state === "answering" ? { state: "ended", offer: phone.offer, reason: event.reason } : phone;
    case "resumed":
      if (phone.state === "talking") return phone.offer.callId === event.offer.callId ? { ...phone, weak: true } : phone;
      return { state: "talking", offer: event.offer, sinceAt: event.sinceAt, muted: false, weak: true };
    case "mute-pressed":
      return phone.state === "talking" ? { ...phone, muted: !phone.muted } : phone;
    case "sound-lost":
      return phone.state === "talking" ? { ...phone, weak: true } : phone;
    case "sound-restored":
      return phone.state === "talking" ? { ...phone, weak: false } : phone;
    case "call-ended":
      return (phone.state === "talking" || phone.state === "answering") && phone.offer.callId === event.callId
        ? { state: "ended", offer: phone.offer, reason: event.reason }
        : phone;
    case "dismissed":
      return phone.state === "ended" ? { state: "ready" } : phone;
  }
}

function offersChanged(phone: AgentPhone, offers: readonly HandOff[]): AgentPhone {
  const first = offers[0];
  if (phone.state === "ready" && first) return { state: "ringing", offer: first };
  if (phone.state !== "ringing") return phone;
  const same = offers.find(({ callId }) => callId === phone.offer.callId);
  if (same) return { state: "ringing", offer: same };
  return first ? { state: "ringing", offer: first } : { state: "ready" };
}
