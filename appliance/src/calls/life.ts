import type { CallOutcome, CallsConfig, HandOff, SiteConfig } from "@sitebox/core/contract";
import { busyTone } from "../media/index.ts";
import type { Speech } from "../speech/index.ts";
import { Assistant, type HandOffOutcome, type Script } from "./assistant.ts";
import { Conversation, type ConversationDeps, kindOf } from "./conversation/index.ts";
import type { HandOffs } from "./hand-off.ts";
import type { OpenCall } from "./open-call.ts";
import type { Party } from "./party/index.ts";
import type { Action, CallFacts, Decision, Target } from "./plan/index.ts";
import { Ringing, type Rung } from "./ring/index.ts";
import {
  type MailboxPlayerDeps,
  type ParkedCallDeps,
  type Parking,
  page,
  playMailbox,
  seekHelp,
  takeMessage,
  type VoiceMessageDeps,
  waitParked,
} from "./services/index.ts";

/** What a call may need on its way. */
export interface LifeDeps<State> extends ConversationDeps, MailboxPlayerDeps, ParkedCallDeps, VoiceMessageDeps {
  readonly speech: Speech;
  readonly script: Script<State>;
  readonly handOffs: HandOffs;
  readonly config: CallsConfig;
  readonly site: Pick<SiteConfig, "roomExtensions">;
  readonly mailbox: MailboxPlayerDeps["mailbox"] & VoiceMessageDeps["mailbox"];
  readonly switches: { set(extension: string, change: { readonly doNotDisturb: boolean }, by: string): Promise<unknown> };
}

/** What happens next in a call. */
export type Next =
  | { readonly type: "act"; readonly party: Party; readonly action: Action }
  | { readonly type: "talk"; readonly parties: readonly Party[] }
  | ({ readonly type: "park" } & Parking)
  | { readonly type: "end"; readonly outcome: CallOutcome };

/** Who parked a call that nobody took is rung this long, then the assistant has it. */
const RETURN_MS = 20_000;
const BUSY_MS = 2_000;

/** One call from its first ring to its end: one thing after the other, each of which says what comes next. No way leads nowhere. */
export class Life<State> {
  readonly #deps: LifeDeps<State>;
  readonly #call: OpenCall;
  readonly #facts: CallFacts;
  /** The number shown to those who are rung, where it is not the caller's. */
  readonly #shown: string | undefined;
  #outcome: CallOutcome = "abandoned";

  constructor(deps: LifeDeps<State>, call: OpenCall, facts: CallFacts, shown?: string) {
    this.#deps = deps;
    this.#call = call;
    this.#facts = facts;
    this.#shown = shown;
  }

  /** Decides what is done with who called, and does it to the end. */
  run(caller: Party): Promise<CallOutcome> {
    return this.go(this.#decided(caller, this.#deps.plan.decide(this.#facts)));
  }

  async go(first: Next): Promise<CallOutcome> {
    let next = first;
    while (next.type !== "end") {
      if (next.type === "act") next = await this.#act(next.party, next.action);
      else if (next.type === "talk") next = await this.#talk(next.parties);
      else next = await this.#park(next);
    }
    return next.outcome;
  }

  #decided(party: Party, { action, because }: Decision): Next {
    this.#call.timeline.add("decision", `decided: ${action.type}`, { because });
    return { type: "act", party, action };
  }

  #end(outcome: CallOutcome = this.#outcome): Next {
    return { type: "end", outcome };
  }

  async #act(party: Party, action: Action): Promise<Next> {
    switch (action.type) {
      case "refuse":
        if (party.answered) await this.#busy(party);
        await party.hangup(action.cause);
        return this.#end(this.#outcome === "abandoned" ? "refused" : this.#outcome);
      case "assistant":
        return this.#assist(party);
      case "ring":
        return this.#ring(party, action);
      case "help":
        return this.#help(party, action.number);
      case "message":
        if (!(await this.#answer(party))) return this.#end();
        this.#call.moved("message");
        return this.#end((await takeMessage(this.#deps, this.#call, party, action.mailbox)) ? "message" : this.#outcome);
      case "pick-up":
        return this.#moved(party, this.#deps.ringings.pickUp(action.extensions, party, this.#call));
      case "retrieve":
        return this.#moved(party, this.#deps.parking.take(action.slot, party, this.#call));
      case "page":
        if (!(await this.#answer(party))) return this.#end();
        await page(this.#deps, this.#call, party, action.members);
        return this.#end("answered");
      case "do-not-disturb":
        if (!(await this.#answer(party))) return this.#end();
        await this.#deps.switches.set(party.number, { doNotDisturb: action.on }, party.number);
        await this.#say(party, action.on ? "do-not-disturb-on" : "do-not-disturb-off");
        return this.#end("answered");
      case "mailbox":
        if (!(await this.#answer(party))) return this.#end();
        await playMailbox(this.#deps, this.#call, party, action.mailbox);
        return this.#end("answered");
    }
  }

  /** A call that another one took over ends here; where there was nothing to take, the caller is told so. */
  async #moved(party: Party, into: OpenCall | undefined): Promise<Next> {
    if (!into) return this.#act(party, { type: "refuse", cause: "unreachable" });
    this.#call.timeline.add("transfer", "goes on in another call", { call: into.id });
    return this.#end("transferred");
  }

  async #answer(party: Party): Promise<boolean> {
    if (!(await party.answer())) return false;
    this.#call.answered();
    return true;
  }

  async #assist(party: Party): Promise<Next> {
    const call = this.#call;
    if (!(await this.#answer(party))) return this.#end();
    await call.recorder.start(party);
    call.moved("assistant");
    const place = this.#deps.site.roomExtensions[party.number];
    const assistant = new Assistant(
      {
        ...this.#deps,
        openTicket: (draft) => this.#deps.openTicket(call, draft),
        handOff: (request) => this.#handOff(party, request),
      },
      { call, caller: party, ...(place !== undefined && { place }) },
    );
    const assisted = await assistant.run();
    if (assisted.type === "over") return this.#end(assisted.outcome === "abandoned" ? this.#outcome : assisted.outcome);
    if (this.#deps.config.recording.betweenPeople === "off") await call.recorder.stop();
    return { type: "talk", parties: [party, assisted.party] };
  }

  async #handOff(caller: Party, request: Pick<HandOff, "reason" | "place" | "summary">): Promise<HandOffOutcome> {
    const call = this.#call;
    call.moved("queued");
    // Who sees the offer has been told of every moment in it already.
    await call.timeline.written();
    const outcome = await this.#deps.handOffs.run(
      {
        callId: call.id,
        callerNumber: caller.number,
        reason: request.reason,
        ...(request.place !== undefined && { place: request.place }),
        summary: request.summary,
        moments: [...call.timeline.moments],
      },
      { call, caller, ...this.#ringers([]) },
    );
    if (outcome.type === "nobody") call.moved("message");
    return outcome;
  }

  /** An emergency number was not reached. */
  async #help(party: Party, number: string): Promise<Next> {
    if (!(await this.#answer(party))) return this.#end();
    const call = this.#call;
    const place = this.#deps.site.roomExtensions[party.number];
    const { segments } = this.#deps.script;
    const summary =
      place === undefined
        ? segments({ id: "summary.help-failed", params: { number } })
        : segments({ id: "summary.help-failed-room", params: { number, room: place } });
    const helped = await seekHelp(
      { ...this.#deps, summary: summary.join(""), handOff: (request) => this.#handOff(party, request) },
      { call, caller: party, number, ...(place !== undefined && { place }) },
    );
    return helped.type === "taken" ? { type: "talk", parties: [party, helped.party] } : this.#end();
  }

  #ringers(listeners: readonly Party[], callerNumber = this.#shown ?? listeners[0]?.number ?? this.#call.callerNumber) {
    return {
      ring: (targets: readonly Target[], ringMs: number) =>
        new Ringing(this.#deps, { call: this.#call, steps: [{ targets, ringMs }], callerNumber, listeners }),
      run: (ringing: Ringing): Promise<Rung> => this.#deps.ringings.run(ringing),
    };
  }

  async #ring(party: Party, { steps, whenBusy, otherwise }: Extract<Action, { type: "ring" }>): Promise<Next> {
    const call = this.#call;
    const { emergencyNumbers } = this.#deps.config;
    if (
      steps.some(({ targets }) => targets.some(({ type, number }) => type === "outside" && emergencyNumbers.includes(number)))
    ) {
      call.forHelp = true;
      await call.recorder.refuse();
    }
    const ringing = new Ringing(this.#deps, {
      call,
      steps,
      callerNumber: this.#shown ?? party.number,
      listeners: [party],
    });
    const rung = await this.#whileUp(party, ringing);
    if (party.over.aborted) {
      if (rung.type === "answered") call.background(rung.party.hangup("normal"));
      return this.#end();
    }
    if (rung.type === "answered" && (await rung.party.answer())) {
      if (!(await this.#answer(party))) {
        call.background(rung.party.hangup("normal"));
        return this.#end();
      }
      await this.#deps.notice.begin(call, [party, rung.party]);
      return { type: "talk", parties: [party, rung.party] };
    }
    return this.#decided(party, this.#deps.plan.follow(rung.type === "busy" ? whenBusy : otherwise, this.#facts));
  }

  async #whileUp(party: Party, ringing: Ringing): Promise<Rung> {
    const giveUp = () => ringing.giveUp();
    using _attending = party.attend({});
    party.over.addEventListener("abort", giveUp, { once: true });
    if (party.over.aborted) giveUp();
    try {
      return await this.#deps.ringings.run(ringing);
    } finally {
      party.over.removeEventListener("abort", giveUp);
    }
  }

  async #talk(parties: readonly Party[]): Promise<Next> {
    this.#outcome = kindOf(parties);
    const ended = await new Conversation(this.#deps, this.#call, parties).run();
    switch (ended.type) {
      case "over":
        return this.#end();
      case "moved":
        return this.#end("transferred");
      case "parked":
        return { ...ended, type: "park" };
      case "sent":
        return { type: "act", party: ended.party, action: ended.action };
      case "assistant":
        return { type: "act", party: ended.party, action: { type: "assistant" } };
    }
  }

  async #park(parking: Parking): Promise<Next> {
    const { party, by } = parking;
    const parked = await waitParked(this.#deps, this.#call, parking);
    switch (parked.type) {
      case "full":
        return { type: "talk", parties: [party, by] };
      case "left":
        return this.#end();
      case "taken":
        return (await parked.by.answer()) ? { type: "talk", parties: [party, parked.by] } : this.#unpark(party, by);
      case "forgotten":
        return this.#unpark(party, by);
    }
  }

  /** Nobody took the parked call: back to who parked it, or to the assistant. */
  async #unpark(party: Party, by: Party): Promise<Next> {
    const target = by.kind === "extension" ? this.#deps.plan.targetOf(by.number, by.number) : undefined;
    this.#call.timeline.add("transfer", "nobody took the parked call");
    if (target) {
      const rung = await this.#whileUp(party, this.#ringers([party]).ring([target], RETURN_MS));
      if (rung.type === "answered") return { type: "talk", parties: [party, rung.party] };
    }
    return party.over.aborted ? this.#end() : { type: "act", party, action: { type: "assistant" } };
  }

  async #say(party: Party, id: string): Promise<void> {
    await this.#deps.announcer.say([party], { id }, this.#call.timeline);
  }

  async #busy(party: Party): Promise<void> {
    const stop = new AbortController();
    using _timer = this.#deps.clock.after(BUSY_MS, () => stop.abort());
    await party.media.play(busyTone(), { signal: AbortSignal.any([stop.signal, party.over]) });
  }
}
