import type { FeatureCodes } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { HangupCause, LegRequest, TransferProgress, TransferRequest } from "@sitebox/drivers/line";
import { busyTone, type Pcm8k } from "../../media/index.ts";
import type { Announcer } from "../announcer.ts";
import type { OpenCall } from "../open-call.ts";
import { type Party, Wiring } from "../party/index.ts";
import type { Action, CallPlan } from "../plan/index.ts";
import type { RecordingNotice } from "../recording-notice.ts";
import type { RingDeps, Ringings } from "../ring/index.ts";
import type { Seats } from "../seats.ts";
import { stateOf } from "./call-state.ts";
import { Errands } from "./errands.ts";
import { ConsultKeys, type Keyed } from "./keys.ts";
import { beginTalk, type Errand, stepTalk, type Talk, type TalkEffect, type TalkEvent } from "./machine.ts";
import { hearing, othersOf, situationOf } from "./situation.ts";
import { type Wish, wishOf } from "./wish.ts";

export interface ConversationDeps extends RingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly plan: CallPlan;
  readonly ringings: Ringings;
  readonly seats: Seats;
  readonly announcer: Announcer;
  readonly notice: RecordingNotice;
  readonly codes: FeatureCodes;
  musicOnHold(): AsyncIterable<Pcm8k>;
}

/** How a conversation ended, and with whom the call goes on. */
export type Ended =
  | { readonly type: "over" | "moved" }
  | { readonly type: "parked"; readonly party: Party; readonly by: Party; report(progress: TransferProgress): void }
  | { readonly type: "sent"; readonly party: Party; readonly action: Action }
  | { readonly type: "assistant"; readonly party: Party };

/** How long somebody hears that what he asked for cannot be had. */
const BUSY_MS = 1_400;

/** Parties who talk with each other, until fewer than two are left or the call goes elsewhere. The machine decides, this carries out. */
export class Conversation {
  readonly call: OpenCall;
  readonly #deps: ConversationDeps;
  readonly #wiring: Wiring;
  readonly #parties = new Map<string, { readonly party: Party; readonly keys: ConsultKeys; readonly attending: Disposable }>();
  readonly #reports = new Map<string, (progress: TransferProgress) => void>();
  readonly #ended = Promise.withResolvers<void>();
  #talk: Talk;
  #sent: Action = { type: "assistant" };
  /** Whom a party that left was, so that it can be rung back. */
  readonly #known = new Map<string, Pick<Party, "number" | "kind">>();
  readonly #errands: Errands;

  constructor(deps: ConversationDeps, call: OpenCall, parties: readonly Party[]) {
    this.#deps = deps;
    this.call = call;
    this.#wiring = new Wiring({ log: call.log, hold: () => deps.musicOnHold() });
    this.#errands = new Errands(deps, call);
    this.#talk = beginTalk(parties.map(({ id }) => id));
    for (const party of parties) this.#seat(party);
  }

  /** Talks until it ends. Whoever does not go on has been hung up then, and nobody hears anybody any more. */
  async run(): Promise<Ended> {
    this.#show();
    // Whoever left before the conversation began is found out here.
    for (const { party } of [...this.#parties.values()]) if (party.over.aborted) this.#feed({ type: "left", by: party.id });
    await this.#ended.promise;
    await this.#wiring.clear();
    return this.#close();
  }

  /** Somebody comes in: beside all, or in another's place. */
  join(party: Party, inPlaceOf?: Party): void {
    if (this.#talk.ending) {
      this.call.background(party.hangup("normal"));
      return;
    }
    this.#seat(party);
    this.#feed({ type: "came", party: party.id, ...(inPlaceOf && { inPlaceOf: inPlaceOf.id }) });
  }

  /** Gives all but `by` to another call; undefined where somebody is still being rung or it is over. */
  surrender(by: Party): readonly Party[] | undefined {
    if (this.#talk.ending || this.#talk.errand || this.#talk.members.length < 2) return undefined;
    const others = this.#talk.members.flatMap(({ id }) => (id === by.id ? [] : [this.#parties.get(id)?.party]));
    this.#feed({ type: "surrendered", by: by.id });
    return others.filter((party) => party !== undefined);
  }

  #seat(party: Party): void {
    const keys = new ConsultKeys(
      this.#deps.clock,
      this.#deps.codes.consult,
      () => this.#talk.consulting === party.id,
      (keyed) => this.#keyed(party, keyed),
    );
    const inside = party.kind === "extension";
    const attending = party.attend({
      onKey: (digit) => {
        if (digit === "*" && !inside && this.call.recorder.isOn) this.#refuseRecording(party);
        else if (inside) keys.press(digit);
        else this.#keyed(party, { type: "pass", digits: [digit] });
      },
      onRequest: (request) => this.#asked(party, request),
      onEnded: (cause) => this.#left(party, cause),
    });
    this.#parties.set(party.id, { party, keys, attending });
    this.#known.set(party.id, { number: party.number, kind: party.kind });
    this.#deps.seats.join(party, this);
  }

  #unseat(id: string): void {
    const seat = this.#parties.get(id);
    if (!seat) return;
    this.#parties.delete(id);
    seat.keys[Symbol.dispose]();
    seat.attending[Symbol.dispose]();
    // It may be in another conversation by now, which says what it hears.
    if (this.#deps.seats.leave(seat.party, this)) seat.party.patient(false);
  }

  #left(party: Party, cause: HangupCause): void {
    this.call.timeline.add("decision", "left", { kind: party.kind, cause });
    // Nobody is told of a transfer any more who has left.
    this.#reports.delete(party.id);
    this.#feed({ type: "left", by: party.id });
  }

  #asked(party: Party, request: LegRequest): void {
    const { timeline } = this.call;
    timeline.add("decision", `asks: ${request.type}`, { kind: party.kind });
    switch (request.type) {
      case "transfer":
        if (request.consulted) this.#handTo(party, request, request.consulted);
        else this.#transfer(party, request);
        return;
      case "consult":
        this.#consult(party, request.target);
        return;
      default:
        this.#feed({ type: request.type, by: party.id });
    }
  }

  #keyed(party: Party, keyed: Keyed): void {
    switch (keyed.type) {
      case "pass":
        for (const id of hearing(this.#talk).pairs.flatMap(([a, b]) => (a === party.id ? [b] : b === party.id ? [a] : [])))
          this.#parties.get(id)?.party.leg.press(keyed.digits);
        return;
      case "code":
        this.#feed({ type: "join", by: party.id });
        return;
      case "number":
        this.call.timeline.add("digits", "consults by keys");
        this.#consult(party, keyed.number);
        return;
    }
  }

  #consult(party: Party, target: string): void {
    const wish = this.#wish(party, target);
    if (wish.type !== "ring") {
      this.#refuse(party.id);
      return;
    }
    this.#errands.plan(wish.steps);
    this.#feed({ type: "consult", by: party.id });
  }

  #transfer(party: Party, { target, report }: Pick<TransferRequest, "target" | "report">): void {
    const wish = this.#wish(party, target);
    if (wish.type === "nobody" || this.#reports.has(party.id)) {
      report("failed");
      return;
    }
    this.#reports.set(party.id, report);
    report("trying");
    if (wish.type === "park") {
      this.#feed({ type: "park", by: party.id });
      return;
    }
    if (wish.type === "ring") this.#errands.plan(wish.steps);
    else this.#sent = wish.action;
    this.#feed({ type: wish.type === "ring" ? "transfer" : "send", by: party.id });
  }

  /** The other leg of whoever transfers is in another call: those it talks with there come here in its place. */
  #handTo(party: Party, request: TransferRequest, consulted: NonNullable<TransferRequest["consulted"]>): void {
    const { ending, errand, consulting } = this.#talk;
    const there = this.#deps.seats.find(consulted);
    const conversation = there && this.#deps.seats.conversationOf(there.party);
    const mayHave = party.kind === "extension" || party.kind === "agent";
    if (!mayHave || ending || errand || consulting !== undefined || conversation === this) {
      request.report("failed");
      return;
    }
    const others = there && conversation?.surrender(there.party);
    if (!there || !others) {
      // Nobody has answered there yet, or it is the assistant: the same as without asking first.
      const target = there?.party.direction === "in" ? there.party.leg.dialled : there?.party.number;
      if (target !== undefined && there) {
        this.call.background(there.party.hangup("normal"));
        this.#transfer(party, { target, report: request.report });
        return;
      }
      request.report("failed");
      return;
    }
    this.#reports.set(party.id, request.report);
    for (const other of others) {
      this.call.admit(other, there.call);
      this.#seat(other);
    }
    this.call.timeline.add("transfer", "joined with the parties of another call", { call: there.call.id });
    there.call.timeline.add("transfer", "goes on in another call", { call: this.call.id });
    this.#feed({ type: "handed", by: party.id, others: others.map(({ id }) => id) });
  }

  #wish(party: Party, target: string): Wish {
    const wish = wishOf(this.#deps, party, target);
    this.call.timeline.add("decision", `decided: ${wish.type}`, { because: wish.because });
    return wish;
  }

  #refuseRecording(party: Party): void {
    const { recorder, timeline } = this.call;
    const refused = recorder.refuse().then(() => this.#deps.announcer.say([party], { id: "recording-refused" }, timeline));
    this.call.background(refused);
  }

  #feed(event: TalkEvent): void {
    const { next, effects } = stepTalk(this.#talk, event);
    const before = this.#talk;
    this.#talk = next;
    for (const effect of effects) this.#carryOut(effect);
    if (before !== next) this.#show();
    for (const { id } of before.members) if (!next.ending && !next.members.some((one) => one.id === id)) this.#unseat(id);
    if (next.ending) this.#ended.resolve();
  }

  #carryOut(effect: TalkEffect): void {
    switch (effect.type) {
      case "ring":
        this.#ring(effect.errand);
        return;
      case "stop-ringing":
        this.#errands.stop();
        return;
      case "hang-up": {
        const party = this.#parties.get(effect.party)?.party;
        if (party) this.call.background(party.hangup("normal"));
        return;
      }
      case "refused":
        this.#refuse(effect.by);
        return;
      case "transferred":
        this.call.timeline.add("transfer", effect.outcome === "answered" ? "transferred" : "the transfer failed");
        this.#report(effect.by, effect.outcome);
        return;
    }
  }

  #report(by: string, progress: TransferProgress): void {
    this.#reports.get(by)?.(progress);
    if (progress === "answered" || progress === "failed") this.#reports.delete(by);
  }

  #refuse(by: string): void {
    this.call.timeline.add("decision", "cannot be done now");
    this.#report(by, "failed");
    const party = this.#parties.get(by)?.party;
    if (party && !party.over.aborted) this.call.background(this.#busy(party));
    this.#show();
  }

  async #busy(party: Party): Promise<void> {
    const stop = new AbortController();
    using _timer = this.#deps.clock.after(BUSY_MS, () => stop.abort());
    await party.media.play(busyTone(), { signal: AbortSignal.any([stop.signal, party.over]) });
  }

  #ring(errand: Errand): void {
    const { ringing } = hearing(this.#talk);
    const listeners = ringing.flatMap((id) => this.#parties.get(id)?.party ?? []);
    const by = this.#known.get(errand.by);
    if (errand.type === "recall") {
      this.call.timeline.add("transfer", "rings back to who transferred");
      this.#errands.wayBack(by);
    }
    this.#errands.ring({
      listeners,
      callerNumber: (errand.type === "consult" ? by?.number : listeners[0]?.number) ?? this.call.callerNumber,
      onRinging: () => this.#reports.get(errand.by)?.("ringing"),
      answered: (party) => this.#answered(party),
      unanswered: () => this.#feed({ type: "unanswered" }),
    });
  }

  #answered(party: Party): void {
    this.#seat(party);
    this.#feed({ type: "answered", party: party.id });
    if (this.#talk.ending) this.#unseat(party.id);
    else if (party.over.aborted) this.#feed({ type: "left", by: party.id });
  }

  /** Joins sound and tells everybody as the machine says. */
  #show(): void {
    const talk = this.#talk;
    const { pairs, music } = hearing(talk);
    const party = (id: string) => this.#parties.get(id)?.party;
    this.#wiring.apply({
      links: pairs.flatMap(([one, other]) => {
        const [a, b] = [party(one), party(other)];
        return a && b ? [{ a, b, direction: "both" as const }] : [];
      }),
      music: music.flatMap((id) => party(id) ?? []),
    });
    if (talk.ending) return;
    const members = talk.members.flatMap(({ id }) => party(id) ?? []);
    for (const { id, holding } of talk.members) {
      party(id)?.patient(holding);
      const parties = othersOf(talk, id).flatMap((other) => party(other)?.number ?? []);
      party(id)?.leg.show?.({ state: situationOf(talk, id), parties });
    }
    this.call.recorder.follow(members);
    this.call.moved(stateOf(talk, members));
  }

  /** Lets everybody go, hangs up whoever does not go on. */
  #close(): Ended {
    const ending = this.#talk.ending ?? { type: "over" };
    const parties = new Map([...this.#parties].map(([id, { party }]) => [id, party]));
    for (const id of parties.keys()) this.#unseat(id);
    const [on, by] = [
      "party" in ending ? parties.get(ending.party) : undefined,
      "by" in ending ? parties.get(ending.by) : undefined,
    ];
    const staying = ending.type === "moved" ? [...parties.values()] : [on, ending.type === "parked" ? by : undefined];
    for (const party of parties.values()) if (!staying.includes(party)) this.call.background(party.hangup("normal"));
    if (ending.type === "moved") return { type: "moved" };
    if (ending.type === "over" || !on) return { type: "over" };
    if (ending.type === "sent") return { type: "sent", party: on, action: this.#sent };
    if (ending.type === "assistant") return { type: "assistant", party: on };
    const report = (progress: TransferProgress) => this.#report(ending.by, progress);
    return by ? { type: "parked", party: on, by, report } : { type: "assistant", party: on };
  }
}
