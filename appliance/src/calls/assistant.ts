import type { CallOutcome, HandOff, Ticket, TicketDraft } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { Digit } from "@sitebox/drivers/line";
import type { DialogEffect, DialogEvent, Prompt } from "../dialog/index.ts";
import { beep } from "../media/index.ts";
import type { Speech } from "../speech/index.ts";
import { spokenPieces } from "./announcer.ts";
import { Ears, type Listening } from "./ears.ts";
import { Exchange } from "./exchange.ts";
import { recordMessage, type VoiceMessage } from "./message.ts";
import type { OpenCall } from "./open-call.ts";
import type { Party } from "./party/index.ts";
import type { TurnEvent, TurnPlan } from "./turn.ts";

/** The dialog as the runner sees it: a pure machine and the words of its prompts. */
export interface Script<State> {
  readonly initial: State;
  step(state: State, event: DialogEvent): { readonly next: State; readonly effects: readonly DialogEffect[] };
  /** What a prompt says, in pieces: fixed ones come from the voice's cache. */
  segments(prompt: Prompt): readonly string[];
  /** What a caller may say first. */
  readonly opening: Listening;
}

/** Who took a call that wanted a person; he is in the call, but hears nobody yet. */
export interface Taken {
  readonly type: "taken";
  readonly by: "agent" | "extension";
  readonly party: Party;
}

export type HandOffOutcome = Taken | { readonly type: "nobody" | "caller-left" };

/** How the assistant's part of a call ended: the call is over, or goes on with a person. */
export type Assisted = Taken | { readonly type: "over"; readonly outcome: CallOutcome };

export interface AssistantDeps<State> {
  readonly clock: Clock;
  readonly log: Log;
  readonly speech: Speech;
  readonly script: Script<State>;
  readonly dataDir: string;
  /** Resolves when the ticket is on disk. */
  openTicket(draft: TicketDraft): Promise<Ticket>;
  /** Rings people until somebody takes the call. */
  handOff(request: Pick<HandOff, "reason" | "place" | "summary">): Promise<HandOffOutcome>;
}

export interface AssistedCall {
  readonly call: OpenCall;
  readonly caller: Party;
  /** The room that the calling extension belongs to. */
  readonly place?: string;
}

type Say = Extract<DialogEffect, { type: "say" }>;
type Answered = Extract<DialogEffect, { type: "listen" | "await-keys" }>;
type Next = { readonly type: "event"; readonly event: DialogEvent } | { readonly type: "end" } | Taken;

/** "不要录音", "我不同意录音": said at any time while the call is recorded. */
const REFUSES_RECORDING = /(不要|不同意|不许|不想|不能|别|不可以|不准|不希望|拒绝)(给我|被|再|你们)?录音/;

/** Carries out one call's dialog: speaks, listens, opens tickets. Ends when the dialog or the caller hangs up, or a person takes the call. */
export class Assistant<State> {
  readonly #deps: AssistantDeps<State>;
  readonly #call: OpenCall;
  readonly #caller: Party;
  readonly #place: string | undefined;
  readonly #left = new AbortController();
  readonly #ears: Ears;
  #exchange: Exchange | undefined;
  #keyPressed = new AbortController();
  #message: VoiceMessage | undefined;
  #outcome: CallOutcome = "abandoned";

  constructor(deps: AssistantDeps<State>, { call, caller, place }: AssistedCall) {
    this.#deps = deps;
    this.#call = call;
    this.#caller = caller;
    this.#place = place;
    this.#ears = new Ears({ ...deps, leg: caller.media }, deps.script.opening, (heard) => this.#hear(heard));
  }

  async run(): Promise<Assisted> {
    const { leg } = this.#caller;
    const { script } = this.#deps;
    const over = new AbortController();
    const listening = this.#ears.run(over.signal);
    using _attending = this.#caller.attend({
      onKey: (digit) => this.#key(digit),
      onEnded: () => this.#leave(),
    });
    if (this.#caller.over.aborted) this.#leave();
    let taken: Taken | undefined;
    try {
      let event: DialogEvent = {
        type: "answered",
        callerNumber: this.#caller.number,
        dialled: leg.dialled,
        canListen: this.#ears.canListen,
        ...(this.#place !== undefined && { place: this.#place }),
      };
      for (let state = script.initial; ; ) {
        const { next, effects } = script.step(state, event);
        state = next;
        const then = await this.#carryOut(effects);
        if (then.type === "taken") taken = then;
        if (then.type !== "event") break;
        event = then.event;
      }
    } finally {
      over.abort();
      if (!taken) await leg.hangup("normal");
      await listening;
    }
    return taken ?? { type: "over", outcome: this.#outcome };
  }

  #leave(): void {
    this.#left.abort();
    this.#exchange?.feed({ type: "left" });
  }

  /** Up to the first effect that brings an event. */
  async #carryOut(effects: readonly DialogEffect[]): Promise<Next> {
    const says: Say[] = [];
    for (const effect of effects) {
      switch (effect.type) {
        case "say":
          says.push(effect);
          break;
        case "note":
          this.#call.timeline.add("decision", effect.text, effect.data);
          break;
        case "listen":
        case "await-keys":
          return { type: "event", event: await this.#ask(says, effect) };
        case "open-ticket": {
          const [event] = await Promise.all([this.#openTicket(effect), this.#sayAll(says)]);
          return { type: "event", event };
        }
        case "hand-off":
          await this.#sayAll(says);
          return this.#handOff(effect);
        case "record-message":
          await this.#sayAll(says);
          return { type: "event", event: await this.#recordMessage(effect.maxMs) };
        case "hang-up":
          await this.#sayAll(says);
          return { type: "end" };
      }
    }
    this.#deps.log.error("the dialog gave no way on, the call ends", { call: this.#call.id });
    return { type: "end" };
  }

  /** Asks, and again where the answer was that the call must not be recorded. */
  async #ask(says: readonly Say[], effect: Answered): Promise<DialogEvent> {
    const event = await this.#askOnce(says, effect);
    if (!this.#call.recorder.isOn || !refuses(event, says)) return event;
    await this.#call.recorder.refuse();
    const question = says.filter((say) => say.interruptible);
    const told: Say = { type: "say", prompt: { id: "recording-refused" }, interruptible: true };
    return this.#askOnce([told, ...question], effect);
  }

  async #askOnce(says: readonly Say[], effect: Answered): Promise<DialogEvent> {
    if (this.#left.signal.aborted) return { type: "caller-left" };
    const listens = effect.type === "listen";
    if (listens) {
      if (!this.#ears.canListen) {
        const lost: DialogEvent = { type: "listening-lost" };
        this.#note(lost);
        return lost;
      }
      this.#ears.expect(effect);
    }
    const plan: TurnPlan = { listens, keys: effect.keys, idleMs: effect.idleMs, maxTurnMs: listens ? effect.profile.maxMs : 0 };
    const notices = says.filter((say) => !say.interruptible);
    const rest = says.filter((say) => say.interruptible);
    let stop = new AbortController();
    const exchange = new Exchange(this.#deps.clock, plan, {
      sayNotice: () => this.#sayAll(notices),
      say: async () => {
        stop = new AbortController();
        await this.#sayAll(rest, stop.signal);
        return stop.signal.aborted ? "stopped" : "finished";
      },
      stop: () => stop.abort(),
    });
    this.#exchange = exchange;
    const event = await exchange.run();
    this.#exchange = undefined;
    this.#note(event);
    return event;
  }

  #note(event: DialogEvent): void {
    const { timeline } = this.#call;
    if (event.type === "heard") timeline.add("heard", event.text, { confidence: event.confidence });
    if (event.type === "keys") timeline.add("digits", event.digits);
    if (event.type === "silence") timeline.add("heard", "", { silence: true });
    if (event.type === "listening-lost") timeline.add("fault", "the speech engine is gone: the call goes on by keypad");
  }

  async #openTicket({ draft, withMessage }: Extract<DialogEffect, { type: "open-ticket" }>): Promise<DialogEvent> {
    const { id, channel, timeline } = this.#call;
    try {
      const ticket = await this.#deps.openTicket({
        ...draft,
        channel,
        callId: id,
        callerNumber: this.#caller.number,
        ...(withMessage && this.#message && { audioFile: this.#message.file }),
      });
      timeline.add("ticket", ticket.number, { ticketId: ticket.id, number: ticket.number });
      this.#outcome = "ticket";
      return { type: "ticket-opened", number: ticket.number };
    } catch (err) {
      this.#deps.log.error("a ticket could not be opened, the call goes to a person", { call: id, err });
      timeline.add("fault", "the ticket could not be stored");
      return { type: "ticket-failed" };
    }
  }

  async #handOff(effect: Extract<DialogEffect, { type: "hand-off" }>): Promise<Next> {
    if (this.#left.signal.aborted) return { type: "event", event: { type: "caller-left" } };
    this.#call.timeline.add("transfer", effect.summary, { reason: effect.reason });
    this.#ears.attend(false);
    const outcome = await this.#deps.handOff(effect);
    this.#ears.attend(true);
    this.#call.timeline.add("transfer", outcome.type === "taken" ? outcome.by : outcome.type);
    switch (outcome.type) {
      case "taken":
        return outcome;
      case "nobody":
        return { type: "event", event: { type: "hand-off-failed" } };
      case "caller-left":
        return { type: "event", event: { type: "caller-left" } };
    }
  }

  async #recordMessage(maxMs: number): Promise<DialogEvent> {
    const { id, timeline } = this.#call;
    await this.#caller.media.play(beep, { signal: this.#left.signal });
    this.#keyPressed = new AbortController();
    this.#message = await recordMessage((signal) => this.#ears.record(signal), {
      dataDir: this.#deps.dataDir,
      name: id,
      maxMs,
      clock: this.#deps.clock,
      signal: AbortSignal.any([this.#keyPressed.signal, this.#left.signal]),
    });
    const { durationMs } = this.#message;
    timeline.add("decision", "message recorded", { durationMs });
    if (durationMs === 0 && this.#left.signal.aborted) return { type: "caller-left" };
    return { type: "message-recorded", durationMs };
  }

  async #sayAll(says: readonly Say[], signal?: AbortSignal): Promise<void> {
    const until = signal ? AbortSignal.any([signal, this.#left.signal]) : this.#left.signal;
    for (const { prompt } of says) {
      if (until.aborted) return;
      const segments = this.#deps.script.segments(prompt);
      const { playedMs } = await this.#caller.media.play(spokenPieces(this.#deps, segments, until), {
        signal: until,
      });
      // What was heard goes into the record, not what was meant to be said.
      this.#call.timeline.add("said", segments.join(""), {
        prompt: prompt.id,
        ...prompt.params,
        playedMs: Math.round(playedMs),
        stopped: until.aborted,
      });
    }
  }

  #hear(heard: Parameters<ConstructorParameters<typeof Ears>[2]>[0]): void {
    this.#exchange?.feed(turnEvent(heard));
  }

  #key(digit: Digit): void {
    this.#keyPressed.abort();
    this.#exchange?.feed({ type: "key", digit });
  }
}

/** The star key refuses where the notice has just been said; later it asks for a repeat. */
function refuses(event: DialogEvent, says: readonly Say[]): boolean {
  if (event.type === "heard") return REFUSES_RECORDING.test(event.text.replaceAll(/\s/g, ""));
  return event.type === "keys" && event.digits === "*" && says.some(({ interruptible }) => !interruptible);
}

function turnEvent(heard: Parameters<ConstructorParameters<typeof Ears>[2]>[0]): TurnEvent {
  switch (heard.type) {
    case "speech-started":
      return { type: "speech-started" };
    case "heard":
      return { type: "heard", text: heard.text, confidence: heard.confidence };
    case "lost":
      return { type: "lost" };
  }
}
