import { HandOff, TicketDraft } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { draftOf, emptyForm, isComplete, prefillOf } from "./new-ticket.ts";

const summarise = () => "made up";

describe("a ticket written by hand", () => {
  it("needs an item or a summary", () => {
    expect(isComplete(emptyForm())).toBe(false);
    expect(isComplete({ ...emptyForm(), item: " " })).toBe(false);
    expect(isComplete({ ...emptyForm(), item: "tv" })).toBe(true);
    expect(isComplete({ ...emptyForm(), summary: "please come" })).toBe(true);
  });

  it("becomes a draft of the contract with only what was filled in", () => {
    const draft = draftOf({ ...emptyForm(), place: " 806 ", item: "tv", fault: "dark" }, {}, summarise);
    expect(draft).toEqual({
      kind: "repair",
      intent: "hotel.repair",
      priority: "P2",
      summary: "made up",
      channel: "desk",
      place: "806",
      item: "tv",
      fault: "dark",
    });
    expect(TicketDraft.safeParse(draft).success).toBe(true);
  });

  it("of a delivery has a quantity and no fault, of anything else neither", () => {
    const form = { ...emptyForm(), item: "towel", fault: "left over", quantity: 3 };
    expect(draftOf({ ...form, kind: "delivery" }, {}, summarise)).toMatchObject({ intent: "hotel.delivery", quantity: 3 });
    expect(draftOf({ ...form, kind: "other" }, {}, summarise)).not.toHaveProperty("fault");
  });

  it("from a handed-over call carries the call, its place and its summary", () => {
    const offer = HandOff.parse({
      callId: "c1",
      callerNumber: "139",
      reason: "asked",
      place: "hall",
      summary: "wants a person",
      moments: [],
    });
    const prefill = prefillOf(offer);
    expect(draftOf(emptyForm(prefill), prefill, summarise)).toMatchObject({
      channel: "phone",
      callId: "c1",
      callerNumber: "139",
      place: "hall",
      summary: "wants a person",
    });
  });
});
