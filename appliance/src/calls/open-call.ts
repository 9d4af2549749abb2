import type { Call, CallLeg, CallState } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { Leg } from "@sitebox/drivers/line";
import type { Media, MediaLeg } from "../media/index.ts";
import type { CallStore } from "./call-store.ts";
import { type Home, Party, type PartyKind, type SoundEvent } from "./party/index.ts";
import { Recorder, type RecorderDeps } from "./recorder.ts";
import { Timeline } from "./timeline.ts";

export interface OpenCallDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly media: Media;
  readonly store: Pick<CallStore, "add" | "moved" | "recorded" | "saveLeg" | "answered">;
  readonly recording: Omit<RecorderDeps, "background">;
  readonly silentMs: number;
  /** Told of every party, so that a leg can be found again. */
  opened(party: Party, call: OpenCall): void;
}

export interface PartyFacts {
  readonly kind: PartyKind;
  readonly direction: CallLeg["direction"];
  /** Where sound flowed before the answer. */
  readonly media?: MediaLeg;
  readonly record?: CallLeg;
}

/** A call that is up: its record, its timeline, its recording and the parties that are in it now. */
export class OpenCall implements Home {
  readonly id: Call["id"];
  readonly channel: Call["channel"];
  readonly callerNumber: string;
  readonly dialled: string;
  readonly timeline: Timeline;
  readonly recorder: Recorder;
  readonly log: Log;
  /** The site lost it: a worker died, or a side was silent for too long. */
  failed = false;
  /** Somebody in it needs help: it is not ended for another's. */
  forHelp = false;
  readonly #deps: OpenCallDeps;
  readonly #parties = new Set<Party>();
  readonly #jobs = new Set<Promise<unknown>>();
  #state: CallState = "ringing";
  #answered = false;

  constructor(deps: OpenCallDeps, { id, channel, callerNumber, dialled }: Call) {
    this.#deps = deps;
    this.id = id;
    this.channel = channel;
    this.callerNumber = callerNumber;
    this.dialled = dialled;
    this.log = deps.log.child("call", { call: id });
    this.timeline = new Timeline({ store: deps.store, clock: deps.clock, log: this.log }, id);
    this.recorder = new Recorder(
      { ...deps.recording, log: this.log, background: (job) => this.background(job) },
      id,
      this.timeline,
    );
  }

  get state(): CallState {
    return this.#state;
  }

  /** Those in the call now, in the order in which they came. */
  get parties(): readonly Party[] {
    return [...this.#parties];
  }

  /** Takes a leg into the box's hands. It stays in this call until it ends or is admitted elsewhere. */
  open(leg: Leg, { kind, direction, media, record }: PartyFacts): Party {
    const { clock, silentMs } = this.#deps;
    const party = new Party({
      clock,
      log: this.log,
      leg,
      media: media ?? this.#deps.media.attach(leg.audio),
      kind,
      direction,
      home: this,
      silentMs,
      ...(record && { record }),
    });
    this.#keep(party);
    this.#deps.opened(party, this);
    return party;
  }

  /** Takes over a party of another call. */
  admit(party: Party, from: OpenCall): void {
    if (from === this) return;
    from.#parties.delete(party);
    party.moveTo(this);
    this.#keep(party);
    this.#deps.opened(party, this);
  }

  moved(state: CallState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.background(this.#deps.store.moved(this.id, state));
  }

  /** Somebody has answered who called. Nobody waits for the disk before he is heard. */
  answered(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.background(this.#deps.store.answered(this.id, null));
  }

  /** Something that outlasts the moment but not the call. */
  background(job: Promise<unknown>): void {
    const kept = job
      .catch((err: unknown) => this.log.error("something a call had begun broke off", { err }))
      .finally(() => this.#jobs.delete(kept));
    this.#jobs.add(kept);
  }

  /** Hangs up whoever is left and waits until all is written. */
  async close(cause: "normal" | "failed"): Promise<void> {
    await Promise.all(this.parties.map((party) => party.hangup(cause)));
    await this.recorder.stop();
    while (this.#parties.size > 0 || this.#jobs.size > 0)
      await Promise.all([...this.#jobs, ...this.parties.map((party) => party.closed)]);
    await this.timeline.written();
  }

  saveLeg(leg: CallLeg): void {
    this.background(this.#deps.store.saveLeg(this.id, leg));
  }

  told(party: Party, event: SoundEvent): void {
    const note = (type: "media" | "fault", text: string, data: Readonly<Record<string, unknown>> = {}) =>
      this.timeline.add(type, text, { leg: party.id, event: event.type, ...data });
    const silence = (quiet: { readonly sinceAt: number; readonly from?: string }) => {
      const [from, since] = [quiet.from ?? party.kind, new Date(quiet.sinceAt).toTimeString().slice(0, 8)];
      return { text: `no RTP from ${from} since ${since}`, data: { from, since, sinceAt: quiet.sinceAt } };
    };
    switch (event.type) {
      case "quiet": {
        const { text, data } = silence(event);
        note("media", text, data);
        return;
      }
      case "heard-again":
        note("media", "heard again");
        return;
      case "given-up": {
        const { text, data } = silence(event);
        this.failed = true;
        note("fault", `ended: ${text}`, data);
        return;
      }
      case "lost":
        this.failed = true;
        note("fault", "ended: the media worker of this side has died");
    }
  }

  #keep(party: Party): void {
    this.#parties.add(party);
    // The whole of its end belongs to the call in which it ended.
    void party.closed.then(() => this.#parties.delete(party));
  }
}
