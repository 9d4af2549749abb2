import type { CallOutcome, CallsConfig, HandOff, SiteConfig, Ticket, TicketDraft } from "@sitebox/core/contract";
import type { TransferProgress } from "@sitebox/drivers/line";
import { beep, busyTone } from "../media/index.ts";
import type { Speech } from "../speech/index.ts";
import { Assistant, type HandOffOutcome, type Script } from "./assistant.ts";
import { Conversation, type ConversationDeps, kindOf } from "./conversation/index.ts";
import type { HandOffs } from "./hand-off.ts";
import type { NewMailboxMessage } from "./mailbox/index.ts";
import { recordMessage } from "./message.ts";
import type { OpenCall } from "./open-call.ts";
import { type Party, Wiring } from "./party/index.ts";
import type { Action, CallFacts, Decision, Target } from "./plan/index.ts";
import { Ringing, type Rung } from "./ring/index.ts";
import { type MailboxReader, type ParkingLot, page, playMailbox } from "./services/index.ts";

/** What a call may need on its way. */
export interface LifeDeps<State> extends ConversationDeps {
  readonly speech: Speech;
  readonly script: Script<State>;
  readonly handOffs: HandOffs;
  readonly parking: ParkingLot;
  readonly config: CallsConfig;
  readonly site: Pick<SiteConfig, "roomExtensions">;
  readonly dataDir: string;
  readonly mailbox: MailboxReader & { add(message: NewMailboxMessage): Promise<unknown> };
  readonly switches: { set(extension: string, change: { readonly doNotDisturb: boolean }, by: string): Promise<unknown> };
  /** Opens the ticket and notes it in the call's record. */
  openTicket(call: OpenCall, draft: TicketDraft): Promise<Ticket>;
}

/** What happens next in a call. */
export type Next =
  | { readonly type: "act"; readonly party: Party; readonly action: Action }
  | { readonly type: "talk"; readonly parties: readonly Party[] }
  | {
      readonly type: "park";
      readonly party: Party;
      readonly by: Party;
      report(progress: TransferProgress): void;
    }
  | { readonly type: "end"; readonly outcome: CallOutcome };

/** A parked call that nobody takes goes back to who parked it, and from there to the assistant. */
const PARKED_MS = 90_000;
const RETURN_MS = 20_000;
const BUSY_MS = 2_000;
const MESSAGE_MS = 120_000;

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
      case "message":
        return this.#message(party, action.mailbox);
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
    await this.#call.answered();
    return true;
  }

  async #assist(party: Party): Promise<Next> {
    const call = this.#call;
    if (!(await this.#answer(party))) return this.#end();
    await call.recorder.start(party);
    await call.moved("assistant");
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
    await call.moved("queued");
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
    if (outcome.type === "nobody") await call.moved("message");
    return outcome;
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
      await this.#announce([party, rung.party]);
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

  /** Between two people a call is recorded only where those who are no staff have been told; either may refuse with the star key. */
  async #announce(parties: readonly Party[]): Promise<void> {
    const { config, announcer } = this.#deps;
    const { recorder, timeline } = this.#call;
    const [first] = parties;
    const strangers = parties.filter(({ kind }) => kind === "outside" || kind === "visitor");
    if (recorder.isOn || !first || strangers.length === 0) return;
    if (!config.recording.enabled || config.recording.betweenPeople === "off") return;
    if (parties.some(({ number }) => config.emergencyNumbers.includes(number))) return;
    const refused = new AbortController();
    using attending = new DisposableStack();
    for (const party of strangers) attending.use(party.attend({ onKey: (digit) => digit === "*" && refused.abort() }));
    const signal = AbortSignal.any([refused.signal, ...parties.map(({ over }) => over)]);
    const said = await announcer.say(parties, { id: "between-notice" }, timeline, signal);
    if (refused.signal.aborted) timeline.add("decision", "the recording was refused");
    else if (said) await recorder.start(first);
    else timeline.add("decision", "not recorded: the notice could not be said");
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

  async #park({ party, by, report }: Extract<Next, { type: "park" }>): Promise<Next> {
    const call = this.#call;
    using slot = this.#deps.parking.park(call);
    if (!slot) {
      report("failed");
      call.timeline.add("decision", "there is no free parking place");
      await this.#say(by, "parking-full");
      return { type: "talk", parties: [party, by] };
    }
    call.timeline.add("transfer", "parked", { slot: slot.number });
    await call.moved("parked");
    const wiring = new Wiring({ log: call.log, hold: () => this.#deps.musicOnHold() });
    wiring.apply({ links: [], music: [party] });
    party.leg.show?.({ state: "on-hold", parties: [slot.number] });
    by.leg.show?.({ state: "talking", parties: [slot.number] });
    call.background(
      this.#say(by, "parked-at", { slot: slot.number }).then(() => {
        report("answered");
        return by.hangup("normal");
      }),
    );
    const over = Promise.withResolvers<"over" | "forgotten">();
    using _timer = this.#deps.clock.after(PARKED_MS, () => over.resolve("forgotten"));
    using _attending = party.attend({ onEnded: () => over.resolve("over") });
    if (party.over.aborted) over.resolve("over");
    const what = await Promise.race([slot.taken, over.promise]);
    slot[Symbol.dispose]();
    await wiring.clear();
    if (what === "over") return this.#end();
    if (what === "forgotten") return this.#unpark(party, by);
    if (await what.answer()) return { type: "talk", parties: [party, what] };
    return this.#unpark(party, by);
  }

  /** Nobody took the parked call: back to who parked it, or to the assistant. */
  async #unpark(party: Party, by: Party): Promise<Next> {
    const target = by.kind === "extension" ? this.#deps.plan.targetOf(by.number, by.number) : undefined;
    this.#call.timeline.add("transfer", "nobody took the parked call");
    if (target) {
      const { ring } = this.#ringers([party]);
      const rung = await this.#whileUp(party, ring([target], RETURN_MS));
      if (rung.type === "answered") return { type: "talk", parties: [party, rung.party] };
    }
    return party.over.aborted ? this.#end() : { type: "act", party, action: { type: "assistant" } };
  }

  /** A voice message that becomes a ticket with its sound, and an entry of a mailbox where it is somebody's. */
  async #message(party: Party, mailbox: string | undefined): Promise<Next> {
    const call = this.#call;
    const { clock, dataDir } = this.#deps;
    if (!(await this.#answer(party))) return this.#end();
    await call.moved("message");
    const pressed = new AbortController();
    await this.#say(party, "nobody-there");
    await party.media.play(beep, { signal: party.over });
    using _attending = party.attend({ onKey: () => pressed.abort() });
    const { file, durationMs } = await recordMessage((signal) => party.media.listen(signal), {
      dataDir,
      name: call.id,
      maxMs: MESSAGE_MS,
      clock,
      signal: AbortSignal.any([pressed.signal, party.over]),
    });
    call.timeline.add("decision", "message recorded", { durationMs });
    if (durationMs === 0) {
      if (!party.over.aborted) await this.#say(party, "message-empty");
      return this.#end();
    }
    const summary = this.#deps.script.segments({ id: "summary.message" }).join("");
    const ticket = await this.#deps.openTicket(call, {
      kind: "message",
      intent: "common.leave_message",
      summary,
      channel: call.channel,
      callId: call.id,
      callerNumber: party.number,
      audioFile: file,
    });
    call.timeline.add("ticket", ticket.number, { ticketId: ticket.id, number: ticket.number });
    if (mailbox !== undefined)
      await this.#deps.mailbox.add({
        extension: mailbox,
        callId: call.id,
        ticketId: ticket.id,
        callerNumber: party.number,
        audioFile: file,
        durationMs,
      });
    if (!party.over.aborted) await this.#say(party, "message-opened", { number: ticket.number });
    return this.#end("message");
  }

  async #say(party: Party, id: string, params?: Readonly<Record<string, string>>): Promise<void> {
    await this.#deps.announcer.say([party], { id, ...(params && { params }) }, this.#call.timeline);
  }

  async #busy(party: Party): Promise<void> {
    const stop = new AbortController();
    using _timer = this.#deps.clock.after(BUSY_MS, () => stop.abort());
    await party.media.play(busyTone(), { signal: AbortSignal.any([stop.signal, party.over]) });
  }
}
