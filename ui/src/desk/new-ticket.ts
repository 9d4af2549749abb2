import type { CallId, HandOff, Priority, TicketDraft, TicketKind } from "@sitebox/core/contract";

/** What is already known when a ticket is written by hand. */
export interface Prefill {
  readonly place?: string;
  readonly summary?: string;
  readonly callId?: CallId;
  readonly callerNumber?: string;
}

/** The form as a person fills it. */
export interface TicketForm {
  kind: Extract<TicketKind, "repair" | "delivery" | "other">;
  priority: Priority;
  place: string;
  item: string;
  fault: string;
  quantity: number;
  summary: string;
}

export const emptyForm = (prefill: Prefill = {}): TicketForm => ({
  kind: "repair",
  priority: "P2",
  place: prefill.place ?? "",
  item: "",
  fault: "",
  quantity: 1,
  summary: prefill.summary ?? "",
});

export const prefillOf = (offer: HandOff): Prefill => ({
  callId: offer.callId,
  callerNumber: offer.callerNumber,
  summary: offer.summary,
  ...(offer.place !== undefined && { place: offer.place }),
});

/** What is still missing before it can be opened. */
export const isComplete = (form: TicketForm): boolean => form.item.trim() !== "" || form.summary.trim() !== "";

/** The draft of a filled form. `summarise` puts the parts into one line in the site's language where none was written. */
export function draftOf(form: TicketForm, prefill: Prefill, summarise: (form: TicketForm) => string): TicketDraft {
  const place = form.place.trim();
  const item = form.item.trim();
  const fault = form.fault.trim();
  return {
    kind: form.kind,
    intent: form.kind === "other" ? "desk.other" : `hotel.${form.kind}`,
    priority: form.priority,
    summary: form.summary.trim() || summarise(form),
    channel: prefill.callId === undefined ? "desk" : "phone",
    ...(place && { place }),
    ...(item && { item }),
    ...(form.kind === "repair" && fault && { fault }),
    ...(form.kind === "delivery" && { quantity: form.quantity }),
    ...(prefill.callId !== undefined && { callId: prefill.callId }),
    ...(prefill.callerNumber !== undefined && { callerNumber: prefill.callerNumber }),
  };
}
