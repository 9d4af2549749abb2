import type { CallLeg } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { Digit, HangupCause, Leg, LegRequest } from "@sitebox/drivers/line";
import type { MediaLeg } from "../../media/index.ts";
import type { SoundEvent } from "./sound-watch.ts";
import { legStats, SoundWatch } from "./sound-watch.ts";

/** What somebody is to the box; only people of the site may have others rung. */
export type PartyKind = "extension" | "outside" | "agent" | "visitor";

/** The call that a party is in. */
export interface Home {
  /** The side's record has changed. */
  saveLeg(leg: CallLeg): void;
  /** Something befell the side's sound. */
  told(party: Party, event: SoundEvent): void;
}

/** Whoever deals with a party at present. What nobody deals with is lost; a transfer is refused. */
export interface Attendant {
  onKey?(digit: Digit): void;
  onRequest?(request: LegRequest): void;
  onEnded?(cause: HangupCause): void;
}

export interface PartyOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly leg: Leg;
  readonly media: MediaLeg;
  readonly kind: PartyKind;
  readonly direction: CallLeg["direction"];
  /** The record's beginning, for a leg that was dialled. */
  readonly record?: CallLeg;
  readonly home: Home;
  /** A side that sends no sound for this long is ended. */
  readonly silentMs: number;
}

/** One leg in the box's hands: its sound, its record, and one attendant at a time who hears what it wants. */
export class Party {
  readonly leg: Leg;
  readonly media: MediaLeg;
  readonly kind: PartyKind;
  /** Resolves when the leg has ended, its record is written and its sound let go. */
  readonly closed: Promise<void>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #watch: SoundWatch;
  readonly #over = new AbortController();
  #home: Home;
  #attendant: Attendant | undefined;
  #record: CallLeg;
  #answered: boolean;
  #cause: HangupCause | undefined;

  constructor(options: PartyOptions) {
    const { clock, leg, media, direction, home } = options;
    this.leg = leg;
    this.media = media;
    this.kind = options.kind;
    this.#clock = clock;
    this.#log = options.log;
    this.#home = home;
    this.#answered = direction === "out";
    this.#record = {
      ...(options.record ?? { id: crypto.randomUUID(), number: leg.remote, direction, startedAt: clock.now() }),
      ...(leg.line !== undefined && { line: leg.line }),
      ...(direction === "out" && { answeredAt: clock.now() }),
    };
    this.#watch = new SoundWatch({
      clock,
      silentMs: options.silentMs,
      told: (event) => this.#home.told(this, event),
      end: () => leg.hangup("failed"),
    });
    this.#watch.expect(this.#answered);
    this.#save();
    this.closed = this.#live();
  }

  get id(): string {
    return this.#record.id;
  }

  get number(): string {
    return this.#record.number;
  }

  /** "in": it called the box. "out": the box rang it. */
  get direction(): CallLeg["direction"] {
    return this.#record.direction;
  }

  /** Whether it is up: sound flows both ways. A leg that was dialled is answered from its beginning. */
  get answered(): boolean {
    return this.#answered;
  }

  /** How it ended; undefined while it is up. */
  get cause(): HangupCause | undefined {
    return this.#cause;
  }

  /** Aborts when the leg has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Answers it where it is not answered yet; false where it has gone before. */
  async answer(): Promise<boolean> {
    if (this.#answered) return this.#cause === undefined;
    await Promise.race([this.leg.answer(), this.leg.ended]);
    // The end is told after the leg's own promise: let it come through.
    await Promise.resolve();
    if (this.over.aborted || this.#answered) return !this.over.aborted;
    this.#answered = true;
    this.#watch.expect(true);
    this.#record = { ...this.#record, answeredAt: this.#clock.now() };
    this.#save();
    return true;
  }

  /** Deals with it from now on, instead of whoever did. Disposing leaves it alone again. */
  attend(attendant: Attendant): Disposable {
    this.#attendant = attendant;
    return {
      [Symbol.dispose]: () => {
        if (this.#attendant === attendant) this.#attendant = undefined;
      },
    };
  }

  /** It goes on in another call: there its record is kept. */
  moveTo(home: Home): void {
    this.#home = home;
    this.#save();
  }

  /** While it holds the others it need not send anything. */
  patient(on: boolean): void {
    this.#watch.expect(this.#answered && !on);
  }

  /** How its sound has fared so far. */
  async measured(): Promise<Pick<CallLeg, "stats" | "codec">> {
    return legStats(await this.media.stats());
  }

  hangup(cause: HangupCause): Promise<void> {
    return this.leg.hangup(cause);
  }

  #save(): void {
    const { wireId, peer, codec, secure } = this.leg.facts;
    this.#record = {
      ...this.#record,
      ...(wireId !== undefined && { wireId }),
      ...(peer !== undefined && { peer }),
      ...(codec !== undefined && { codec }),
      ...(secure !== undefined && { secure }),
    };
    this.#home.saveLeg(this.#record);
  }

  async #live(): Promise<void> {
    const reading = [
      this.#read(this.leg.digits, (digit) => this.#attendant?.onKey?.(digit)),
      this.#read(this.leg.requests, (request) => this.#request(request)),
      this.#read(this.media.watch(this.over), (event) => this.#watch.take(event)),
    ];
    const cause = await this.leg.ended;
    this.#cause = cause;
    this.#over.abort();
    this.#watch[Symbol.dispose]();
    this.#attendant?.onEnded?.(cause);
    try {
      const stats = legStats(await this.media.stats());
      this.#record = { ...this.#record, ...stats, endedAt: this.#clock.now(), cause };
      this.#save();
      await this.media[Symbol.asyncDispose]();
    } catch (err) {
      this.#log.error("a leg's sound could not be let go", { err });
    }
    await Promise.all(reading);
  }

  #request(request: LegRequest): void {
    if (this.#attendant?.onRequest) this.#attendant.onRequest(request);
    else if (request.type === "transfer") request.report("failed");
  }

  async #read<T>(source: AsyncIterable<T>, take: (one: T) => void): Promise<void> {
    try {
      for await (const one of source) {
        // A reader that fails must not silence the leg for the rest of its call.
        try {
          take(one);
        } catch (err) {
          this.#log.error("what a leg asked for could not be done", { err });
        }
      }
    } catch (err) {
      this.#log.error("a leg cannot be read any more", { err });
      await this.leg.hangup("failed");
    }
  }
}
