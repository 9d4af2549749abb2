import type { DialogEffect, DialogEvent, Prompt } from "./dialog.ts";
import { emergency, handOff, leave, over, record, recording, sayNumber, ticketFailed } from "./endings.ts";
import { prompt } from "./prompts/index.ts";
import { ask, askEffects, expecting, menu, type Question } from "./questions.ts";
import { absorb, draftOf, emptyRequest, missing, type Request } from "./requests.ts";
import { type DialogState, type DialogStepResult, ignore, MOST_FAILURES, say, text } from "./state.ts";
import { type Analysis, analyse } from "./understanding/index.ts";

/** However well it goes, a call that takes this many questions is taken over by a person. */
const MOST_TURNS = 30;
/** Below it the words are a guess, and a guess is not worth a read-back. */
const LEAST_CONFIDENCE = 0.25;

const note = (text: string, data: Record<string, unknown>): DialogEffect => ({ type: "note", text, data });
/** The whole course of a call. Pure; an event that makes no sense where the call stands changes nothing and has no effects. */
export function step(state: DialogState, event: DialogEvent): DialogStepResult {
  if (event.type === "listening-lost" && state.step.at !== "asking") return ignore({ ...state, listens: false });
  switch (state.step.at) {
    case "ringing":
      return event.type === "answered" ? greet(state, event) : event.type === "caller-left" ? over(state) : ignore(state);
    case "asking":
      return asked(state, state.step.question, event);
    case "opening":
      return opening(state, state.step.after, event);
    case "handing-off":
      if (event.type === "hand-off-failed") return record(state, "callback", [prompt("nobody-there")], false);
      return event.type === "caller-left" ? leave(state) : ignore(state);
    case "recording":
      return recording(state, state.step, event);
    case "opening-message":
      if (event.type === "ticket-opened") return sayNumber(state, event.number, "message-opened");
      if (event.type === "ticket-failed") return ticketFailed(state);
      return event.type === "caller-left" ? over(state) : ignore(state);
    case "over":
      return ignore(state);
  }
}

function greet(state: DialogState, event: Extract<DialogEvent, { type: "answered" }>): DialogStepResult {
  const known = event.place !== undefined && state.vocabulary.rooms.has(event.place);
  const next = {
    ...state,
    listens: event.canListen,
    callerNumber: event.callerNumber,
    ...(known && event.place !== undefined && { room: event.place }),
  };
  const asking = question(next, ask("request"), []);
  // The caller must know that a machine speaks and that the call is recorded before anything else happens (PIPL art. 17).
  return { next: asking.next, effects: [say(prompt("notice"), false), ...asking.effects] };
}

/** Asks a question. Too many questions in one call end with a person. */
function question(state: DialogState, next: Question, before: readonly Prompt[], again = false): DialogStepResult {
  if (state.turns >= MOST_TURNS) return handOff(state, "not-understood");
  const { vocabulary, listens } = state;
  return {
    next: { ...state, step: { at: "asking", question: next, again }, turns: state.turns + 1 },
    effects: askEffects({ question: next, request: state.requests[0], vocabulary, listens, again }, before),
  };
}

/** Goes on with what is still missing, or reads back, or asks for more. */
function goOn(state: DialogState, before: readonly Prompt[] = []): DialogStepResult {
  const [request] = state.requests;
  const calm = { ...state, failures: 0 };
  if (!request) return question(calm, ask(state.opened.length > 0 ? "more" : "request"), before);
  return question(calm, ask(missing(request, state.vocabulary) ?? "confirm"), before);
}

function failed(state: DialogState, why: Prompt): DialogStepResult {
  const failures = state.failures + 1;
  if (failures >= MOST_FAILURES) return handOff({ ...state, failures }, state.listens ? "not-understood" : "speech-engine");
  const { step: at } = state;
  return question({ ...state, failures }, at.at === "asking" ? at.question : ask("request"), [why], true);
}

function asked(state: DialogState, current: Question, event: DialogEvent): DialogStepResult {
  switch (event.type) {
    case "heard":
      return heard(state, current, event.confidence < LEAST_CONFIDENCE ? "" : event.text);
    case "keys":
      return keyed(state, current, event.digits);
    case "silence":
      return current.slot === "more" ? over(state, [prompt("goodbye")]) : failed(state, prompt("silence"));
    case "listening-lost":
      return question({ ...state, listens: false }, current, [prompt("by-keys")]);
    case "caller-left":
      return leave(state);
    default:
      return ignore(state);
  }
}

function heard(state: DialogState, current: Question, said: string): DialogStepResult {
  if (said.trim() === "") return failed(state, prompt("not-heard"));
  const analysis = analyse(said, state.vocabulary, expecting(current, state.requests[0]));
  const decided = decide(state, current, analysis);
  const data = {
    things: analysis.things,
    ...(analysis.room !== undefined && { room: analysis.room }),
    polarity: analysis.polarity,
    acts: [...analysis.acts],
  };
  return { next: decided.next, effects: [note("understood", data), ...decided.effects] };
}

function decide(state: DialogState, current: Question, analysis: Analysis): DialogStepResult {
  const { acts } = analysis;
  if (analysis.emergency !== undefined) return emergency(state, analysis);
  const correcting = current.slot === "confirm" || current.slot === "correction";
  const room = analysis.room;
  const placed = room === undefined ? state : { ...state, room };
  const absorbed = absorb(state.requests, analysis, placed.room, correcting);
  const next = { ...placed, requests: absorbed.requests };
  // What is to be cancelled must not be asked for again: a person looks which request it is.
  if (acts.has("cancel") && !correcting) return handOff({ ...placed, wanted: text(state, "summary.cancel") }, "asked");
  const wantsPerson = acts.has("human") || analysis.department !== undefined;
  if (wantsPerson && !(current.slot === "confirm" && analysis.polarity === "yes")) {
    const department = analysis.department;
    const wanted =
      department === undefined ? text(state, "summary.asked") : text(state, "summary.asked-department", { department });
    return handOff({ ...next, wanted }, "asked");
  }
  for (const act of ["complain", "urge", "progress"] as const)
    if (acts.has(act) && !absorbed.changed && !correcting)
      return handOff({ ...next, wanted: text(state, `summary.${act}`) }, "asked");
  if (acts.has("message") && !absorbed.changed) return record(next, "message", [prompt("leave-message")], false);
  if (current.slot === "confirm") return confirmed(next, analysis, absorbed.corrected, absorbed.changed);
  if (absorbed.changed) return goOn(next, remarks(state, current, analysis));
  if (analysis.unknownRoom !== undefined) return failed(next, prompt("no-such-room", { room: analysis.unknownRoom }));
  if (current.slot === "request" && room !== undefined && room !== state.room)
    return question({ ...next, failures: 0 }, current, [prompt("noted-room", { room })]);
  if (current.slot === "more" && analysis.polarity === "no") return over(state, [prompt("goodbye")]);
  if (current.slot === "more" && analysis.polarity === "yes") return question(state, ask("request"), []);
  if (acts.has("repeat")) return question(state, current, [prompt("repeating")]);
  if (analysis.outside !== undefined) return failed({ ...state, wanted: text(state, "summary.outside") }, prompt("not-offered"));
  return failed(state, prompt("not-understood"));
}

/** A request with a wrong room is not lost: the room is asked for. */
const remarks = (state: DialogState, current: Question, analysis: Analysis): Prompt[] =>
  analysis.unknownRoom !== undefined && (state.room === undefined || current.slot === "correction")
    ? [prompt("no-such-room", { room: analysis.unknownRoom })]
    : [];

function confirmed(state: DialogState, analysis: Analysis, corrected: boolean, changed: boolean): DialogStepResult {
  const [request, ...others] = state.requests;
  if (!request) return goOn(state);
  if (analysis.unknownRoom !== undefined) {
    const { room: _, ...roomless } = request;
    return question({ ...state, requests: [roomless, ...others], failures: 0 }, ask("room"), [
      prompt("no-such-room", { room: analysis.unknownRoom }),
    ]);
  }
  if (corrected) return goOn(state);
  if (analysis.polarity === "yes") return openTicket(state);
  if (analysis.polarity === "no") return denied(state);
  if (changed) return goOn(state);
  if (analysis.acts.has("repeat")) return question(state, ask("confirm"), [prompt("repeating")]);
  return failed(state, prompt("not-understood"));
}

function denied(state: DialogState): DialogStepResult {
  const [request, ...others] = state.requests;
  if (!request || request.denials + 1 >= MOST_FAILURES) return handOff(state, "not-understood");
  return question({ ...state, requests: [{ ...request, denials: request.denials + 1 }, ...others] }, ask("correction"), []);
}

function openTicket(state: DialogState): DialogStepResult {
  const [request] = state.requests;
  if (!request) return goOn(state);
  return {
    next: { ...state, step: { at: "opening", after: "next" }, failures: 0 },
    effects: [
      say(prompt("opening")),
      { type: "open-ticket", draft: draftOf(request, state.vocabulary, false), withMessage: false },
    ],
  };
}

function opening(state: DialogState, after: "next" | "hand-off" | "leave", event: DialogEvent): DialogStepResult {
  if (event.type === "caller-left") return { next: { ...state, step: { at: "opening", after: "leave" } }, effects: [] };
  if (event.type === "ticket-failed") return after === "leave" ? over(state) : ticketFailed(state);
  if (event.type !== "ticket-opened") return ignore(state);
  const opened = { ...state, opened: [...state.opened, event.number] };
  if (after === "hand-off") return handOff(opened, "asked");
  const rest = { ...opened, requests: state.requests.slice(1) };
  if (after === "leave") return leave(rest);
  const number = say(prompt("ticket-opened", { number: event.number }), false);
  const going = goOn(rest, rest.requests.length > 0 ? [prompt("next-request")] : []);
  return { next: going.next, effects: [number, ...going.effects] };
}

function keyed(state: DialogState, current: Question, digits: string): DialogStepResult {
  if (digits === "0") return handOff({ ...state, wanted: text(state, "summary.asked") }, "asked");
  if (digits === "*") return question(state, current, [], true);
  const [request, ...others] = state.requests;
  const fill = (change: Request): DialogStepResult => goOn({ ...state, requests: [change, ...others] });
  const wrong = (): DialogStepResult => failed(state, prompt("wrong-key"));
  switch (current.slot) {
    case "request":
    case "more":
      if (digits === "1") return goOn({ ...state, requests: [...state.requests, emptyRequest("repair", state.room)] });
      if (digits === "2") return goOn({ ...state, requests: [...state.requests, emptyRequest("delivery", state.room)] });
      if (digits === "3") return record(state, "message", [prompt("leave-message")], false);
      return digits === "#" && current.slot === "more" ? over(state, [prompt("goodbye")]) : wrong();
    case "room":
      if (!state.vocabulary.rooms.has(digits))
        return failed(state, /^\d+$/.test(digits) ? prompt("no-such-room", { room: digits }) : prompt("wrong-key"));
      return request ? goOn({ ...state, room: digits, requests: [{ ...request, room: digits }, ...others] }) : wrong();
    case "quantity": {
      const quantity = /^\d{1,2}$/.test(digits) ? Number(digits) : 0;
      return request?.kind === "delivery" && quantity > 0 ? fill({ ...request, quantity, vague: false }) : wrong();
    }
    case "confirm":
      return digits === "1" ? openTicket(state) : digits === "2" ? denied(state) : wrong();
    case "correction": {
      if (!request || (digits !== "1" && digits !== "2")) return wrong();
      const { room: _, ...roomless } = request;
      return fill(digits === "1" ? roomless : { ...emptyRequest(request.kind, request.room), denials: request.denials });
    }
    case "item":
    case "fault":
    case "goods":
      return chosen(state, current, digits);
  }
}

function chosen(state: DialogState, current: Extract<Question, { page: number }>, digits: string): DialogStepResult {
  const [request, ...others] = state.requests;
  const { options, more } = menu(current, request, state.vocabulary);
  if (digits === "9")
    return more
      ? question(state, { ...current, page: current.page + 1 }, [], true)
      : handOff({ ...state, wanted: text(state, "summary.outside") }, "asked");
  const name = options.find(({ key }) => key === digits)?.name;
  if (name === undefined || !request) return failed(state, prompt("wrong-key"));
  const change: Request =
    request.kind === "delivery"
      ? { ...request, item: name }
      : current.slot === "fault"
        ? { ...request, faults: [name] }
        : { ...request, item: name, faults: [] };
  return goOn({ ...state, requests: [change, ...others] });
}
