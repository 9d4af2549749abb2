import type { Channel, Clock } from "@sitebox/core/kernel";
import type { TextReport } from "../../line/index.ts";

/** Networks give up what they could not deliver after some days; nobody waits for longer than this. */
const REPORT_MS = 172_800_000;
const MAX_REPORTS = 1_000;

/** Texts of which the network is to tell whether they arrived. Their numbers are short and come again, so the newest text with one has it. */
export class GoipReports {
  readonly #clock: Clock;
  readonly #reports: Channel<TextReport>;
  readonly #awaited = new Map<string, { readonly reference: string; readonly until: number }>();
  /** Lines that are sending: a report may overtake the answer by which its text gets its number. */
  readonly #sending = new Map<string, number>();
  #count = 0;

  constructor(clock: Clock, reports: Channel<TextReport>) {
    this.#clock = clock;
    this.#reports = reports;
  }

  /** A text begins to be sent; to be called with the number that it got, or without. Gives the text's reference. */
  expect(lineId: string): (smsNumber: string | undefined) => string | undefined {
    this.#sending.set(lineId, (this.#sending.get(lineId) ?? 0) + 1);
    return (smsNumber) => {
      this.#sending.set(lineId, (this.#sending.get(lineId) ?? 1) - 1);
      if (smsNumber === undefined) return undefined;
      this.#count += 1;
      const reference = `${lineId}:${this.#clock.now()}:${this.#count}:${smsNumber}`;
      this.#awaited.set(`${lineId} ${smsNumber}`, { reference, until: this.#clock.monotonic() + REPORT_MS });
      const [oldest] = this.#awaited.keys();
      if (this.#awaited.size > MAX_REPORTS && oldest !== undefined) this.#awaited.delete(oldest);
      return reference;
    };
  }

  /** Takes a report; false where it is to be told again, as its text is just getting its number. */
  take(lineId: string, smsNumber: string, state: string): boolean {
    const key = `${lineId} ${smsNumber}`;
    const awaited = this.#awaited.get(key);
    if (!awaited) return (this.#sending.get(lineId) ?? 0) === 0;
    this.#awaited.delete(key);
    const { reference, until } = awaited;
    const at = this.#clock.now();
    if (until <= this.#clock.monotonic()) return true;
    // The manual knows 0 only: it arrived.
    if (state === "0") this.#reports.push({ reference, outcome: "delivered", at });
    else this.#reports.push({ reference, outcome: "failed", reason: `the network gave it up with ${state}`, at });
    return true;
  }
}
