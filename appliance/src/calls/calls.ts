import type {
  Call,
  CallId,
  CallLeg,
  CallOutcome,
  CallsConfig,
  HandOff,
  SiteConfig,
  Ticket,
  TicketDraft,
} from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { WebError } from "@sitebox/core/web";
import type { Leg, Trunk } from "@sitebox/drivers/line";
import type { Prompt } from "../dialog/index.ts";
import { type Media, musicOnHold, ringBackTone } from "../media/index.ts";
import type { Speech } from "../speech/index.ts";
import { Announcer } from "./announcer.ts";
import type { Script } from "./assistant.ts";
import type { CallStore } from "./call-store.ts";
import type { HandOffs } from "./hand-off.ts";
import { Life, type LifeDeps } from "./life.ts";
import { leastImportant, type Occupant, occupants } from "./make-room.ts";
import { OpenCall } from "./open-call.ts";
import type { Party, PartyKind } from "./party/index.ts";
import type { CallFacts, CallPlan, Dialler, Target } from "./plan/index.ts";
import { RecordingNotice } from "./recording-notice.ts";
import { Ringing, Ringings } from "./ring/index.ts";
import { Seats } from "./seats.ts";
import { ParkingLot } from "./services/index.ts";

export interface CallsDeps<State> {
  readonly clock: Clock;
  readonly log: Log;
  readonly media: Media;
  readonly speech: Speech;
  readonly store: Pick<CallStore, "begin" | "answered" | "moved" | "recorded" | "addTicket" | "saveLeg" | "end" | "add">;
  readonly handOffs: HandOffs;
  readonly script: Script<State>;
  readonly plan: CallPlan;
  readonly dialler: Dialler;
  readonly config: CallsConfig;
  readonly site: Pick<SiteConfig, "roomExtensions">;
  readonly mailbox: LifeDeps<State>["mailbox"];
  readonly switches: LifeDeps<State>["switches"];
  readonly dataDir: string;
  openTicket(draft: TicketDraft): Promise<Ticket>;
}

/** A call that somebody of the site wants placed. */
export interface Placing {
  readonly from:
    | { readonly type: "extension"; readonly number: string }
    /** The browser in which that account takes calls. */
    | { readonly type: "agent"; readonly account: string; readonly name: string };
  readonly to: string;
  /** The number to be shown; a line shows it only where it owns it. */
  readonly shown?: string;
}

/** A sentence to be said to a number outside. */
export interface Announcement {
  /** The account that wants it said. */
  readonly by: string;
  readonly to: string;
  readonly prompt: Prompt;
  readonly line: string;
  /** Dials by that line alone. */
  readonly dialler: Dialler;
}

/** Something that cannot wait, for people who are not in a call. */
export interface Alert {
  readonly ticket: Pick<Ticket, "id" | "place" | "summary" | "callerNumber">;
  readonly prompt: Prompt;
  /** Nobody needs to hear it any more. */
  readonly signal: AbortSignal;
}

/** Who has heard it: an extension's number or an agent's name; undefined where nobody did. */
export type Alerted = string | undefined;

/** Who wants to call is rung this long. */
const FIRST_MS = 30_000;
/** Who calls for help does not wait longer for others to be told. */
const TOLD_MS = 4_000;
/** Who is woken by a telephone does not get all of it the first time. */
const ALERT_TIMES = 2;
/** The understanding's word for a request that is a call for help. */
const EMERGENCY = "common.emergency";

/** Every call of the box, from its first ring to its record. */
export class Calls<State> implements AsyncDisposable {
  readonly #deps: CallsDeps<State>;
  readonly #life: LifeDeps<State>;
  readonly #seats = new Seats();
  readonly #ringings = new Ringings();
  readonly #parking: ParkingLot;
  readonly #open = new Map<OpenCall, Promise<void>>();
  /** Sides that are being told to go. */
  readonly #going = new Set<Occupant["side"]>();
  readonly #coming = new Set<Promise<void>>();

  constructor(deps: CallsDeps<State>) {
    this.#deps = deps;
    this.#parking = new ParkingLot(deps.config.codes.parkSlots);
    const announcer = new Announcer({ ...deps, segments: (prompt) => deps.script.segments(prompt) });
    this.#life = {
      ...deps,
      announcer,
      notice: new RecordingNotice({ announcer, config: deps.config }),
      summary: deps.script.segments({ id: "summary.message" }).join(""),
      codes: deps.config.codes,
      ringings: this.#ringings,
      seats: this.#seats,
      parking: this.#parking,
      ringBack: ringBackTone,
      musicOnHold,
      openTicket: async (call, draft) => {
        const ticket = await deps.openTicket(draft);
        if (draft.intent === EMERGENCY) call.forHelp = true;
        await deps.store.addTicket(call.id, ticket.id);
        return ticket;
      },
    };
  }

  /** Calls that are up now. */
  get active(): number {
    return this.#open.size;
  }

  /** Whatever is held of calls that are over would be a leak: zero when no call is up. */
  get held(): number {
    return this.#open.size + this.#seats.size + this.#ringings.size + this.#parking.size;
  }

  /** What is measured now of the sides of a call that is up, by their ids; nothing of one that is not. */
  async measured(id: string): Promise<ReadonlyMap<string, Pick<CallLeg, "stats" | "codec">>> {
    const parties = [...this.#open.keys()].find((call) => call.id === id)?.parties ?? [];
    return new Map(await Promise.all(parties.map(async (party) => [party.id, await party.measured()] as const)));
  }

  /** Deals with what comes in on a trunk until the trunk is closed. */
  async serve(trunk: Pick<Trunk, "incoming">): Promise<void> {
    for await (const leg of trunk.incoming) this.adopt(leg, "phone");
  }

  /** Takes a ringing leg: from here on it ends in a record, whatever happens. */
  adopt(leg: Leg, channel: Call["channel"]): void {
    const coming: Promise<void> = (leg.replaces ? this.#replace(leg, leg.replaces) : this.#take(leg, channel))
      .catch(async (err: unknown) => {
        this.#deps.log.error("a call failed", { err });
        await leg.hangup("failed");
      })
      .finally(() => this.#coming.delete(coming));
    this.#coming.add(coming);
  }

  /** Rings `from` first, then `to`, and joins them. Throws {@link WebError} where either cannot be had; what happens later is in the record. */
  async place({ from, to, shown }: Placing): Promise<CallId> {
    const { plan, store, handOffs } = this.#deps;
    const caller = from.type === "extension" ? from.number : from.name;
    const facts: CallFacts = { line: undefined, caller, dialled: to, channel: "desk" };
    // Who has logged in at the desk needs no extension's rights.
    const { action, because } =
      from.type === "extension" ? plan.decide(facts) : plan.follow({ type: "number", number: to }, facts);
    if (action.type === "refuse") throw new WebError("number-not-to-be-had", { why: because.at(-1) ?? "" });
    const target = from.type === "extension" ? plan.targetOf(from.number, from.number) : undefined;
    if (from.type === "extension" && target?.type !== "extension") throw new WebError("no-such-extension");
    if (from.type === "agent" && !handOffs.isReady(from.account)) throw new WebError("no-page-ready");

    const call = this.#openCall(await store.begin({ channel: "desk", callerNumber: caller, dialled: to }));
    call.log.info("a call is placed", { pii: { from: caller, to } });
    call.timeline.add("decision", `decided: ${action.type}`, { because });
    const ringer = (targets: readonly Target[], ringMs: number) =>
      new Ringing(this.#life, { call, steps: [{ targets, ringMs }], callerNumber: to, listeners: [] });
    const run = (ringing: Ringing) => this.#ringings.run(ringing);
    const first = async (): Promise<Party | undefined> => {
      if (target) {
        const rung = await run(ringer([target], FIRST_MS));
        return rung.type === "answered" ? rung.party : undefined;
      }
      if (from.type !== "agent") return undefined;
      const handOff: HandOff = { callId: call.id, callerNumber: to, reason: "asked", summary: to, moments: [] };
      const taken = await handOffs.run(handOff, { call, account: from.account, ring: ringer, run });
      return taken.type === "taken" ? taken.party : undefined;
    };
    void this.#live(call, async () => {
      const party = await first();
      if (!party || !(await party.answer())) return "abandoned";
      call.answered();
      return new Life(this.#life, call, facts, shown).go({ type: "act", party, action });
    }).catch((err: unknown) => this.#deps.log.error("a placed call failed", { err }));
    return call.id;
  }

  /** Rings an outside number by one line alone, says a sentence and hangs up; how it went is in the record. */
  async announce({ by, to, prompt, line, dialler }: Announcement): Promise<CallId> {
    const call = this.#openCall(
      await this.#deps.store.begin({ channel: "desk", callerNumber: by, dialled: to, testedLine: line }),
    );
    call.log.info("a line is tried with a call", { line, pii: { to } });
    call.timeline.add("decision", "tries a line", { line });
    const steps = [{ targets: [{ type: "outside" as const, number: to }], ringMs: FIRST_MS }];
    const ringing = new Ringing({ ...this.#life, dialler }, { call, steps, callerNumber: by, listeners: [] });
    void this.#live(call, async () => {
      const rung = await this.#ringings.run(ringing);
      if (rung.type !== "answered") return "abandoned";
      call.answered();
      call.moved("outside");
      await this.#life.announcer.say([rung.party], prompt, call.timeline);
      await rung.party.hangup("normal");
      return "outside";
    }).catch((err: unknown) => this.#deps.log.error("a call that tried a line failed", { err }));
    return call.id;
  }

  /**
   * Rings the telephones and pages that are rung when a person is wanted, and says it twice to the first who answers.
   * Resolves when it is over; how it went is in the record.
   */
  async alert({ ticket, prompt, signal }: Alert): Promise<Alerted> {
    const { store, handOffs } = this.#deps;
    const { callerNumber = "", place, summary } = ticket;
    const call = this.#openCall(await store.begin({ channel: "desk", callerNumber, dialled: "" }));
    call.forHelp = true;
    call.log.warn("people are rung for an emergency", { ticket: ticket.id });
    call.timeline.add("decision", "people are rung for an emergency", { ticket: ticket.id });
    await store.addTicket(call.id, ticket.id);
    let told: Alerted;
    await this.#live(call, async () => {
      const handOff: HandOff = {
        callId: call.id,
        callerNumber,
        reason: "asked",
        summary,
        moments: [],
        ...(place !== undefined && { place }),
      };
      const taken = await handOffs.run(handOff, {
        call,
        ring: (targets, ringMs) => new Ringing(this.#life, { call, steps: [{ targets, ringMs }], callerNumber, listeners: [] }),
        run: (ringing) => this.#ringings.run(ringing),
        signal,
      });
      if (taken.type !== "taken" || !(await taken.party.answer())) return "abandoned";
      call.answered();
      call.moved(taken.by);
      let heard = false;
      for (let times = 0; times < ALERT_TIMES && !taken.party.over.aborted; times++)
        heard = (await this.#life.announcer.say([taken.party], prompt, call.timeline, signal)) || heard;
      if (heard) told = taken.party.number;
      await taken.party.hangup("normal");
      return taken.by;
    });
    return told;
  }

  /**
   * Frees one of these lines, all of which are in use, for somebody who calls for help: the least important call on them is told so, and ended.
   * Resolves with the line; undefined where all of them are calls for help.
   */
  async makeRoom(lines: readonly string[]): Promise<string | undefined> {
    const { config, clock } = this.#deps;
    const isEmergency = (number: string) => config.emergencyNumbers.includes(number);
    const among = occupants([...this.#open.keys()], this.#ringings, { lines, isEmergency });
    const least = leastImportant(among.filter(({ side }) => !this.#going.has(side)));
    if (!least) return undefined;
    const { call, line, side } = least;
    call.log.warn("a call is ended for a call for help", { line });
    call.timeline.add("decision", "ended for a call for help", { line });
    if (side instanceof Ringing) {
      side.giveUp();
      return line;
    }
    this.#going.add(side);
    const late = new AbortController();
    using _timer = clock.after(TOLD_MS, () => late.abort());
    const listening = call.parties.filter(({ answered }) => answered);
    await Promise.all(listening.map(({ media }) => media.flush()));
    if (listening.length > 0) await this.#life.announcer.say(listening, { id: "line-needed" }, call.timeline, late.signal);
    await side.hangup(side.answered ? "normal" : "busy");
    this.#going.delete(side);
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#open.size + this.#coming.size > 0) {
      await Promise.all([...this.#open.keys()].flatMap(({ parties }) => parties.map((party) => party.hangup("normal"))));
      await Promise.race([...this.#open.values(), ...this.#coming]);
    }
  }

  async #take(leg: Leg, channel: Call["channel"]): Promise<void> {
    const facts: CallFacts = { line: leg.line, caller: leg.remote, dialled: leg.dialled, channel };
    const call = this.#openCall(await this.#deps.store.begin({ channel, callerNumber: leg.remote, dialled: leg.dialled }));
    call.log.info("a call comes in", { channel, pii: { caller: leg.remote, dialled: leg.dialled } });
    await this.#live(call, () => {
      const caller = call.open(leg, { kind: this.#kindOf(leg, channel), direction: "in" });
      return new Life(this.#life, call, facts).run(caller);
    });
  }

  /** A leg comes in another's place (RFC 3891): it joins that one's conversation. */
  async #replace(leg: Leg, replaced: Leg): Promise<void> {
    const seat = this.#seats.find(replaced);
    const conversation = seat && this.#seats.conversationOf(seat.party);
    if (!seat || !conversation) return leg.hangup("unreachable");
    const party = conversation.call.open(leg, { kind: seat.party.kind, direction: "in" });
    if (!(await party.answer())) return;
    conversation.call.timeline.add("transfer", "one leg takes another's place");
    conversation.join(party, seat.party);
  }

  #openCall(begun: Call): OpenCall {
    const { clock, log, media, store, dataDir, config } = this.#deps;
    return new OpenCall(
      {
        clock,
        log,
        media,
        store,
        recording: { log, store, dataDir, enabled: config.recording.enabled },
        silentMs: config.silentSeconds * 1_000,
        opened: (party, call) => this.#seats.put(party, call),
      },
      begun,
    );
  }

  async #live(call: OpenCall, live: () => Promise<CallOutcome>): Promise<void> {
    const living = this.#toTheEnd(call, live);
    this.#open.set(call, living);
    try {
      await living;
    } finally {
      this.#open.delete(call);
    }
  }

  async #toTheEnd(call: OpenCall, live: () => Promise<CallOutcome>): Promise<void> {
    let outcome: CallOutcome = "failed";
    try {
      outcome = await live();
    } catch (err) {
      call.log.error("a call broke off", { err });
      call.timeline.add("fault", "the call broke off inside the box");
      call.failed = true;
    }
    await call.close(call.failed ? "failed" : "normal");
    await this.#deps.store.end(call.id, call.failed && outcome !== "ticket" ? "failed" : outcome);
  }

  #kindOf(leg: Leg, channel: Call["channel"]): PartyKind {
    if (leg.line !== undefined) return "outside";
    if (channel === "web-call") return "visitor";
    return this.#deps.plan.targetOf(leg.remote, leg.remote)?.type === "extension" ? "extension" : "visitor";
  }
}
