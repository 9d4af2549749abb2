import type { Clock } from "@sitebox/core/kernel";
import { agreed, answered, asked, type SessionTimer, type TimerWishes, wantedAtLeast } from "../dialogs/index.ts";
import type { Header, SipRequest, SipResponse } from "../parser/index.ts";

export interface SessionTimersOptions {
  readonly clock: Clock;
  /** The longest time without a sign of life that we want. */
  readonly seconds: number;
  /** It is our turn to give one. */
  readonly onDue: () => void;
  /** The far end gave none in its time. */
  readonly onExpired: () => void;
}

/** Who is to end a session that died does so a little before its time (RFC 4028 §10). */
const EARLIER_S = 32;

/** Keeps one call from outliving its far end (RFC 4028). */
export class SessionTimers implements Disposable {
  readonly #options: SessionTimersOptions;
  #wishes: TimerWishes;
  #current: SessionTimer | undefined;
  #due: Disposable | undefined;
  #expiry: Disposable | undefined;
  #over = false;

  constructor(options: SessionTimersOptions) {
    this.#options = options;
    this.#wishes = { seconds: options.seconds, atLeast: 0 };
  }

  /** What an INVITE or UPDATE of ours says. */
  ask(): readonly Header[] {
    return asked({ ...this.#wishes, seconds: this.#current?.seconds ?? this.#wishes.seconds }, this.#current);
  }

  /** Takes an INVITE or UPDATE of the far end, and gives what our 2xx says. */
  answer(request: SipRequest): readonly Header[] {
    const { timer, headers } = answered(request, this.#wishes, this.#current);
    this.#start(timer);
    return headers;
  }

  /** Takes the far end's 2xx. */
  agree(response: SipResponse): void {
    this.#start(agreed(response, this.#wishes));
  }

  /** Takes a 422; false when another try would bring the same. */
  raise(refusal: SipResponse): boolean {
    const atLeast = wantedAtLeast(refusal, { ...this.#wishes, seconds: this.#current?.seconds ?? this.#wishes.seconds });
    if (atLeast === undefined) return false;
    this.#wishes = { ...this.#wishes, atLeast };
    return true;
  }

  /** The far end gave a sign of life in another way. */
  renew(): void {
    if (this.#current) this.#start(this.#current);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#stop();
  }

  #stop() {
    this.#due?.[Symbol.dispose]();
    this.#expiry?.[Symbol.dispose]();
  }

  #start(timer: SessionTimer) {
    this.#stop();
    if (this.#over) return;
    this.#current = timer;
    const { clock, onDue, onExpired } = this.#options;
    const { seconds, refresher } = timer;
    if (refresher === "us") this.#due = clock.after(seconds * 500, onDue);
    this.#expiry = clock.after((seconds - Math.min(EARLIER_S, seconds / 3)) * 1_000, onExpired);
  }
}
