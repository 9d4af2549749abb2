import type { DialogEffect, DialogEvent } from "../../dialog/index.ts";
import type { Script } from "../assistant.ts";

const listening = { grammar: { id: "any", jsgf: "", hotwords: [] }, profile: { endpointMs: 300, maxMs: 5_000 } };
const say = (id: string): DialogEffect => ({ type: "say", prompt: { id }, interruptible: true });
const listen: DialogEffect = { type: "listen", ...listening, keys: { mode: "single", betweenMs: 300 }, idleMs: 10_000 };
const keys: DialogEffect = { type: "await-keys", keys: { mode: "single", betweenMs: 300 }, idleMs: 10_000 };
const ticket: Extract<DialogEffect, { type: "open-ticket" }> = {
  type: "open-ticket",
  draft: { kind: "repair", intent: "hotel.repair", place: "806", item: "空调", fault: "不制冷", summary: "806 空调不制冷" },
  withMessage: false,
};

/** The smallest dialog with every effect: what a caller says names what happens next. */
function stepMini(event: DialogEvent): DialogEffect[] {
  switch (event.type) {
    case "answered":
      return [{ type: "say", prompt: { id: "notice" }, interruptible: false }, say("open"), listen];
    case "heard":
      if (event.text === "人工") return [{ type: "hand-off", reason: "asked", place: "806", summary: "要人工" }];
      if (event.text === "着火了") return [{ ...ticket, draft: { ...ticket.draft, intent: "common.emergency" } }];
      return event.text === "" ? [say("again"), listen] : [ticket];
    case "keys":
      return event.digits === "1" ? [ticket] : [say("keys"), keys];
    case "listening-lost":
      return [say("keys"), keys];
    case "ticket-opened":
      return [say(`number ${event.number}`), { type: "hang-up" }];
    case "hand-off-failed":
      return [say("leave a message"), { type: "record-message", maxMs: 5_000 }];
    case "message-recorded":
      return [{ ...ticket, withMessage: true }];
    case "silence":
    case "ticket-failed":
    case "caller-left":
      return [{ type: "hang-up" }];
  }
}

export const miniScript: Script<undefined> = {
  initial: undefined,
  step: (_state, event) => ({ next: undefined, effects: stepMini(event) }),
  segments: ({ id }) => [id],
  opening: listening,
};
