import { EnergyVoice } from "./engines/energy/index.ts";
import { type VoiceDetector, type VoiceStream, WINDOW_SAMPLES } from "./seams/index.ts";

/** Windows that may wait for the detector (320 ms); a slower answer is not waited for. */
const MAX_WAITING = 10;

/**
 * Follows the voice in one stream of 16 kHz sound: by the detector, and by loudness for as long as that is not there.
 * Every window is decided exactly once and in order, whatever happens to the detector.
 */
export class VoiceTrack implements Disposable {
  readonly #detector: VoiceDetector;
  readonly #decided: (voiced: boolean, window: Int16Array) => void;
  readonly #energy = new EnergyVoice();
  /** Windows the detector has been asked about, with what their loudness says. */
  #waiting: { readonly window: Int16Array; readonly loud: boolean }[] = [];
  #stream: VoiceStream | undefined;
  /** Late answers that belong to windows already decided. */
  #overdue = 0;
  #rest = new Int16Array();

  constructor(detector: VoiceDetector, decided: (voiced: boolean, window: Int16Array) => void) {
    this.#detector = detector;
    this.#decided = decided;
  }

  /** Any number of samples; decisions follow, now or soon. */
  feed(samples: Int16Array): void {
    let all = samples;
    if (this.#rest.length > 0) {
      all = new Int16Array(this.#rest.length + samples.length);
      all.set(this.#rest);
      all.set(samples, this.#rest.length);
    }
    let at = 0;
    for (; at + WINDOW_SAMPLES <= all.length; at += WINDOW_SAMPLES) this.#window(all.slice(at, at + WINDOW_SAMPLES));
    this.#rest = all.slice(at);
  }

  /** Decides what still waits by its loudness: the sound has ended. */
  flush(): void {
    for (const { window, loud } of this.#waiting.splice(0)) {
      this.#overdue++;
      this.#decided(loud, window);
    }
  }

  [Symbol.dispose](): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#waiting = [];
  }

  #window(window: Int16Array): void {
    const loud = this.#energy.decide(window);
    this.#stream ??= this.#detector.open(
      (voiced) => this.#answered(voiced),
      () => this.#lost(),
    );
    if (!this.#stream) {
      this.#decided(loud, window);
      return;
    }
    this.#waiting.push({ window, loud });
    this.#stream.feed(window);
    const late = this.#waiting.length > MAX_WAITING ? this.#waiting.shift() : undefined;
    if (late) {
      this.#overdue++;
      this.#decided(late.loud, late.window);
    }
  }

  #answered(voiced: boolean): void {
    if (this.#overdue > 0) {
      this.#overdue--;
      return;
    }
    const next = this.#waiting.shift();
    if (next) this.#decided(voiced, next.window);
  }

  #lost(): void {
    this.#stream = undefined;
    this.#overdue = 0;
    for (const { window, loud } of this.#waiting.splice(0)) this.#decided(loud, window);
  }
}
