import type { Clock } from "@sitebox/core/kernel";
import { samplesPayload, textPayload } from "../../processes/index.ts";
import type { CallerMemory, Recognition, Utterance } from "../../seams/index.ts";
import { SpeechError } from "../../seams/index.ts";

/** The decoder session an utterance was given. */
export interface Line {
  readonly session: number;
  /** Comes back with the result. */
  readonly utterance: number;
  send(type: string, session: number, payload?: Uint8Array): void;
}

/**
 * Where the cepstral means of a caller nobody has heard yet start: measured over 80 levelled utterances through A-law.
 * A caller's own are carried from turn to turn.
 */
const TELEPHONE_MEANS = Buffer.from(
  Float32Array.of(46.6, 1.9, 0.6, -1.43, -0.76, 0, -0.45, -0.06, -0.47, -0.19, -0.23, -0.16, -0.12).buffer,
);
/** A result later than this after the end of a turn is of no use to a conversation. */
const RESULT_WITHIN_MS = 8_000;
/** Sound kept while all sessions are busy: 60 s of 16 kHz. */
const MAX_KEPT_SAMPLES = 60 * 16_000;

/** One utterance: waits for a decoder session with its sound kept, then streams into it. */
export class PhraseUtterance implements Utterance {
  readonly grammarId: string;
  readonly memory: CallerMemory;
  readonly #clock: Clock;
  readonly #release: (utterance: PhraseUtterance) => void;
  readonly #outcome = Promise.withResolvers<Recognition>();
  readonly #gone = new AbortController();
  #line: Line | undefined;
  #kept: Int16Array[] = [];
  #keptSamples = 0;
  #ending = false;
  #over = false;
  #deadline: Disposable | undefined;

  constructor(grammarId: string, memory: CallerMemory, clock: Clock, release: (utterance: PhraseUtterance) => void) {
    this.grammarId = grammarId;
    this.memory = memory;
    this.#clock = clock;
    this.#release = release;
    // Whoever wants the result awaits `finish`; an utterance may also fail or be cancelled before.
    this.#outcome.promise.catch(() => {});
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  feed(samples: Int16Array): void {
    if (this.#over || this.#ending) return;
    if (this.#line) {
      this.#line.send("A", this.#line.session, samplesPayload(samples));
      return;
    }
    this.#kept.push(samples);
    this.#keptSamples += samples.length;
    if (this.#keptSamples > MAX_KEPT_SAMPLES) this.fail(new SpeechError("timeout", "no recogniser was free for this turn"));
  }

  get number(): number | undefined {
    return this.#line?.utterance;
  }

  finish(withinMs = RESULT_WITHIN_MS): Promise<Recognition> {
    if (!this.#over && !this.#ending) {
      this.#ending = true;
      this.#line?.send("E", this.#line.session);
      this.#deadline = this.#clock.after(withinMs, () => {
        this.#line?.send("C", this.#line.session);
        this.fail(new SpeechError("timeout", `no result within ${withinMs} ms`));
      });
    }
    return this.#outcome.promise;
  }

  cancel(): void {
    if (this.#over) return;
    this.#line?.send("C", this.#line.session);
    this.fail(new SpeechError("timeout", "the turn was cancelled"));
  }

  /** A session is free: what was kept goes there first. */
  attach(line: Line): void {
    this.#line = line;
    const number = Buffer.alloc(4);
    number.writeUInt32LE(line.utterance);
    const means = this.memory.means ?? TELEPHONE_MEANS;
    line.send("S", line.session, Buffer.concat([number, textPayload(this.grammarId, ""), means]));
    for (const samples of this.#kept) line.send("A", line.session, samplesPayload(samples));
    this.#kept = [];
    if (this.#ending) line.send("E", line.session);
  }

  succeed(recognition: Recognition): void {
    if (this.#settle()) this.#outcome.resolve(recognition);
  }

  fail(error: SpeechError): void {
    if (!this.#settle()) return;
    this.#outcome.reject(error);
    this.#gone.abort(error);
  }

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#kept = [];
    this.#deadline?.[Symbol.dispose]();
    this.#release(this);
    return true;
  }
}
