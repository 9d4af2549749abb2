import type { Clock, Log } from "@sitebox/core/kernel";
import { type Digit, FRAME_SAMPLES } from "../../line/index.ts";
import { keyTone } from "../../sound/index.ts";
import { type AtChannel, AtError } from "../at/index.ts";

/** Between two keys: exchanges want 40 ms at least (ITU-T Q.24), and networks make a tone of +VTS as long as they like. */
const GAP_MS = 150;
const TONE_FRAMES = 5;
const PAUSE_FRAMES = 4;
const SILENCE = new Int16Array(FRAME_SAMPLES);

interface KeysPressedDeps {
  readonly at: AtChannel;
  readonly clock: Clock;
  readonly log: Log;
  /** Says frames to the far end in place of all other sound. */
  readonly say: (frames: readonly Int16Array[]) => void;
  /** The call is over. */
  readonly signal: AbortSignal;
}

/**
 * Presses keys towards the far end one after the other: by +VTS (27.007 C.2.11), from which the network makes tones that no codec has
 * been through; as tones in the sound where the modem refuses that.
 */
export class KeysPressed {
  readonly #deps: KeysPressedDeps;
  #pressing: Promise<void> = Promise.resolve();
  #refused = false;

  constructor(deps: KeysPressedDeps) {
    this.#deps = deps;
  }

  press(digits: readonly Digit[]): void {
    this.#pressing = this.#pressing.then(async () => {
      for (const digit of digits) if (!this.#deps.signal.aborted) await this.#press(digit);
    });
  }

  async #press(digit: Digit): Promise<void> {
    const { at, clock, log, say, signal } = this.#deps;
    try {
      if (!this.#refused) await at.send(`+VTS=${digit}`, { signal });
    } catch (err) {
      if (signal.aborted) return;
      // Not answered may have been pressed: twice would be wrong.
      if (err instanceof AtError && err.final === "timeout") return log.warn("a key was not confirmed by the modem");
      log.warn("the modem presses no keys, they are sent as tones", { err });
      this.#refused = true;
    }
    if (this.#refused) say(framesOf(digit));
    const frames = this.#refused ? TONE_FRAMES + PAUSE_FRAMES : 0;
    await clock.sleep(frames * 20 || GAP_MS, signal).catch(() => undefined);
  }
}

function framesOf(digit: Digit): readonly Int16Array[] {
  const tone = Array.from({ length: TONE_FRAMES }, (_, at) => keyTone(digit, at * FRAME_SAMPLES, FRAME_SAMPLES));
  return [...tone, ...Array.from({ length: PAUSE_FRAMES }, () => SILENCE)];
}
