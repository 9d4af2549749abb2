import type { Clock } from "@sitebox/core/kernel";
import { undeliveredReason } from "../gsm/texts/index.ts";
import type { TextReport } from "../line/index.ts";

/** Networks give up what they could not deliver after some days; nobody waits for longer than this. */
const REPORT_MS = 172_800_000;
const MOST = 1_000;

interface Awaited<Facts> {
  readonly reference: string;
  readonly facts: Facts;
  readonly until: number;
}

/** Texts of which the network is to tell whether they arrived. A gateway's names for them are short and come again: the newest text has one. */
export class AwaitedReports<Facts> {
  readonly #clock: Clock;
  readonly #tell: (report: TextReport) => void;
  readonly #awaited = new Map<string, Awaited<Facts>>();

  constructor({ clock, report }: { readonly clock: Clock; readonly report: (report: TextReport) => void }) {
    this.#clock = clock;
    this.#tell = report;
  }

  /** The network has taken a text, of which the gateway's reports will have this name. */
  expect(name: string, reference: string, facts: Facts): void {
    this.#awaited.delete(name);
    this.#awaited.set(name, { reference, facts, until: this.#clock.monotonic() + REPORT_MS });
    const [oldest] = this.#awaited.keys();
    if (this.#awaited.size > MOST && oldest !== undefined) this.#awaited.delete(oldest);
  }

  /** Whether a report of a text with this name is awaited. */
  has(name: string): boolean {
    this.#expire();
    return this.#awaited.has(name);
  }

  /** What is known of the text with this name; undefined where no report of it is awaited. */
  find(name: string): Facts | undefined {
    this.#expire();
    return this.#awaited.get(name)?.facts;
  }

  /** What is known of all of them, the oldest first. */
  list(): readonly Facts[] {
    this.#expire();
    return [...this.#awaited.values()].map(({ facts }) => facts);
  }

  /** What the network says of the text with this name (TP-Status, 3GPP TS 23.040 §9.2.3.15). */
  settle(name: string, status: number): void {
    const awaited = this.#awaited.get(name);
    // From 0x20 to 0x3F it goes on trying.
    if (!awaited || Number.isNaN(status) || (status >= 0x20 && status < 0x40)) return;
    this.#awaited.delete(name);
    const { reference } = awaited;
    const at = this.#clock.now();
    if (status < 0x20) this.#tell({ reference, outcome: "delivered", at });
    else this.#tell({ reference, outcome: "failed", reason: undeliveredReason(status), at });
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    for (const [name, { until }] of this.#awaited) {
      if (until > now) break;
      this.#awaited.delete(name);
    }
  }
}
