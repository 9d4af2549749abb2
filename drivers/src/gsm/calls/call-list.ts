import type { Clock } from "@sitebox/core/kernel";
import type { AtChannel } from "../at/index.ts";
import { finalOf } from "./call-commands.ts";
import type { CallEvent } from "./call-state.ts";
import { parseCalls, parseEnd } from "./notices.ts";

/** How often +CLCC is asked, call or not: a code that was missed delays a call or its end by this much. */
const POLL_MS = 2_000;
const SOON_MS = 250;

/** Asks a modem for its calls: every two seconds, and when there is a reason to. */
export class CallList implements Disposable {
  readonly #at: AtChannel;
  readonly #clock: Clock;
  readonly #onAnswer: (event: CallEvent) => void;
  #next: Disposable | undefined;
  #asking = false;
  #again = false;
  #over = false;

  constructor(at: AtChannel, clock: Clock, onAnswer: (event: CallEvent) => void) {
    this.#at = at;
    this.#clock = clock;
    this.#onAnswer = onAnswer;
  }

  /** Asks now; once more where an answer is on its way that may be too old. */
  ask(): void {
    if (this.#over) return;
    this.#next?.[Symbol.dispose]();
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    void this.#ask();
  }

  askSoon(): void {
    this.#askIn(SOON_MS);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#next?.[Symbol.dispose]();
  }

  #askIn(ms: number): void {
    if (this.#over) return;
    this.#next?.[Symbol.dispose]();
    this.#next = this.#clock.after(ms, () => this.ask());
  }

  async #ask(): Promise<void> {
    const answer = await this.#at.send("+CLCC").catch(finalOf);
    this.#asking = false;
    if (this.#over) return;
    this.#askIn(POLL_MS);
    if (typeof answer !== "string") this.#onAnswer({ type: "listed", calls: parseCalls(answer) });
    else {
      // A call that ended in the midst of the answer says so with what looks like the end of the answer.
      const hint = parseEnd(answer);
      this.#onAnswer(hint ? { type: "finished", hint } : { type: "unlisted" });
    }
    if (!this.#again) return;
    this.#again = false;
    this.ask();
  }
}
