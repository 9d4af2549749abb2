import type { HandOff } from "@sitebox/core/contract";
import type { DialogEvent, Prompt } from "./dialog.ts";
import { type PromptId, prompt } from "./prompts/index.ts";
import { besides, draftOf, emergencySummary, itemOf, MOST_REQUESTS, named, summarise } from "./requests.ts";
import { type DialogState, type DialogStep, type DialogStepResult, ignore, MOST_FAILURES, say, text } from "./state.ts";
import type { Analysis } from "./understanding/index.ts";

const MESSAGE_MAX_MS = 120_000;
const SHORTEST_MESSAGE_MS = 800;

export const over = (state: DialogState, lines: readonly Prompt[] = []): DialogStepResult => ({
  next: { ...state, step: { at: "over" } },
  effects: [...lines.map((line) => say(line)), { type: "hang-up" }],
});

export function sayNumber(state: DialogState, number: string, id: PromptId): DialogStepResult {
  const end = over({ ...state, opened: [...state.opened, number], requests: [] }, [prompt("goodbye")]);
  return { next: end.next, effects: [say(prompt(id, { number }), false), ...end.effects] };
}

export function ticketFailed(state: DialogState): DialogStepResult {
  const ticketFailures = state.ticketFailures + 1;
  if (ticketFailures >= MOST_FAILURES) return over({ ...state, ticketFailures }, [prompt("system-fault")]);
  return handOff({ ...state, ticketFailures }, "ticket-failed");
}

/** All that a person has to know of, an emergency before everything. */
const aboutOf = (state: DialogState): string[] => [
  ...(state.emergency === undefined ? [] : [state.emergency]),
  ...state.requests.filter(named).map((request) => summarise(request, state.vocabulary)),
];

export function handOff(state: DialogState, reason: HandOff["reason"]): DialogStepResult {
  const about = aboutOf(state);
  const why = state.emergency ?? state.wanted ?? text(state, reason === "asked" ? "summary.asked" : "summary.not-understood");
  const place = state.requests[0]?.room ?? state.room;
  const id =
    reason === "ticket-failed" ? "handing-off-ticket-failed" : reason === "asked" ? "handing-off" : "handing-off-not-understood";
  return {
    next: { ...state, step: { at: "handing-off" } },
    effects: [
      say(prompt(state.emergency === undefined ? id : "emergency")),
      { type: "hand-off", reason, summary: about.length > 0 ? about.join(";") : why, ...(place !== undefined && { place }) },
    ],
  };
}

/** A ticket first, so that staff start running while the telephone still rings. */
export function emergency(state: DialogState, analysis: Analysis): DialogStepResult {
  const what = analysis.emergency ?? "";
  const { emergencyRooms = [] } = analysis;
  const room = emergencyRooms[0] ?? analysis.room ?? state.room;
  const summary = emergencySummary(
    what,
    emergencyRooms.length > 1 ? emergencyRooms : room === undefined ? [] : [room],
    state.vocabulary,
  );
  const requests = besides(state.requests, analysis).slice(0, MOST_REQUESTS);
  return {
    next: {
      ...state,
      requests,
      ...(room !== undefined && { room }),
      emergency: summary,
      step: { at: "opening", after: "hand-off" },
    },
    effects: [
      {
        type: "open-ticket",
        draft: {
          kind: "other",
          intent: "common.emergency",
          priority: "P0",
          summary,
          incomplete: room === undefined,
          ...(room !== undefined && { place: room }),
        },
        withMessage: false,
      },
    ],
  };
}

export function record(
  state: DialogState,
  kind: "message" | "callback",
  lines: readonly Prompt[],
  again: boolean,
): DialogStepResult {
  return {
    next: { ...state, step: { at: "recording", kind, again } },
    effects: [...lines.map((line) => say(line)), { type: "record-message", maxMs: MESSAGE_MAX_MS }],
  };
}

export function recording(
  state: DialogState,
  { kind, again }: Extract<DialogStep, { at: "recording" }>,
  event: DialogEvent,
): DialogStepResult {
  // Gone without a word: who wanted something is called back.
  if (event.type === "caller-left")
    return kind === "callback" || state.requests.some(named) ? openMessage(state, "callback", false) : over(state);
  if (event.type !== "message-recorded") return ignore(state);
  if (event.durationMs >= SHORTEST_MESSAGE_MS) return openMessage(state, kind, true);
  if (!again) return record(state, kind, [prompt("message-empty")], true);
  // Somebody who wanted a person is called back also when he says nothing.
  return kind === "callback" || state.requests.some(named)
    ? openMessage(state, "callback", false)
    : over(state, [prompt("goodbye")]);
}

function openMessage(state: DialogState, kind: "message" | "callback", withMessage: boolean): DialogStepResult {
  const [request] = state.requests.filter(named);
  const about = aboutOf(state).join(";");
  const place = request?.room ?? state.room;
  const summary =
    about !== ""
      ? text(state, "summary.callback-about", { what: about })
      : text(state, kind === "message" ? "summary.message" : "summary.callback");
  return {
    next: { ...state, step: { at: "opening-message" } },
    effects: [
      {
        type: "open-ticket",
        withMessage,
        draft: {
          kind,
          intent: kind === "message" ? "common.leave_message" : "common.to_human",
          priority: state.emergency === undefined ? (itemOf(state.vocabulary, request?.item)?.site?.priority ?? "P2") : "P0",
          summary: summary.slice(0, 300),
          incomplete: false,
          ...(place !== undefined && { place }),
          ...(request?.item !== undefined && { item: request.item }),
          ...(request?.kind === "repair" && request.faults.length > 0 && { fault: request.faults.join("、") }),
        },
      },
    ],
  };
}

/** The caller is gone: what he asked for becomes a ticket that a person completes. */
export function leave(state: DialogState): DialogStepResult {
  const request = state.requests.find(
    (one) => named(one) && (one.room !== undefined || /\d{3}/.test(state.callerNumber) || state.vocabulary.rooms.size === 0),
  );
  if (!request) return over(state);
  return {
    next: {
      ...state,
      requests: [request, ...state.requests.filter((one) => one !== request)],
      step: { at: "opening", after: "leave" },
    },
    effects: [{ type: "open-ticket", draft: draftOf(request, state.vocabulary, true), withMessage: false }],
  };
}
