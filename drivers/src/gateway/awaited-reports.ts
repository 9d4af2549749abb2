import { z } from "zod";
import { undeliveredReason } from "../gsm/texts/index.ts";
import type { MakerDeps } from "./management.ts";

/** Networks give up what they could not deliver after some days; nobody waits for longer than this. */
const REPORT_MS = 172_800_000;
const MOST = 1_000;
const MEMORY_KEY = "reports";

interface Awaited<Facts> {
  readonly reference: string;
  readonly facts: Facts;
  /** Epoch ms: it is waited for over a restart, too. */
  readonly until: number;
}

export type AwaitedReportsDeps = Pick<MakerDeps, "clock" | "log" | "memory" | "report">;

/**
 * Texts of which the network is to tell whether they arrived, also after a restart of the box. A gateway's names for them are short and come
 * again: the newest text has one. Disposing waits for what is being noted.
 */
export class AwaitedReports<Facts> implements AsyncDisposable {
  readonly #deps: AwaitedReportsDeps;
  readonly #kept: z.ZodType<readonly (readonly [string, Awaited<Facts>])[]>;
  #awaited = new Map<string, Awaited<Facts>>();
  #loaded: Promise<void> | undefined;
  #noting: Promise<void> = Promise.resolve();

  /** `facts`: what is known of each text, as it comes back from the memory. */
  constructor(deps: AwaitedReportsDeps, facts: z.ZodType<Facts>) {
    this.#deps = deps;
    this.#kept = z.array(z.tuple([z.string(), z.object({ reference: z.string(), facts, until: z.number() })]));
  }

  /** Finds what was awaited before a restart. Never rejects: without it, only later texts are told of. */
  async load(): Promise<void> {
    this.#loaded ??= this.#load();
    await this.#loaded;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#noting;
  }

  /** The network has taken a text, of which the gateway's reports will have this name. */
  expect(name: string, reference: string, facts: Facts): void {
    this.#awaited.delete(name);
    this.#awaited.set(name, { reference, facts, until: this.#deps.clock.now() + REPORT_MS });
    const [oldest] = this.#awaited.keys();
    if (this.#awaited.size > MOST && oldest !== undefined) this.#awaited.delete(oldest);
    this.#note();
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
    this.#note();
    const { clock, report } = this.#deps;
    const { reference } = awaited;
    const at = clock.now();
    if (status < 0x20) report({ reference, outcome: "delivered", at });
    else report({ reference, outcome: "failed", reason: undeliveredReason(status), at });
  }

  #expire(): void {
    const now = this.#deps.clock.now();
    for (const [name, { until }] of this.#awaited) {
      if (until > now) break;
      this.#awaited.delete(name);
    }
  }

  async #load(): Promise<void> {
    try {
      const kept = await this.#deps.memory.read(MEMORY_KEY);
      const before = kept === undefined ? [] : this.#kept.parse(JSON.parse(kept));
      // What was sent meanwhile is newer.
      this.#awaited = new Map([...before.filter(([name]) => !this.#awaited.has(name)), ...this.#awaited]);
    } catch (err) {
      this.#deps.log.warn("which reports of a gateway are awaited is not known any more", { err });
    }
  }

  #note(): void {
    this.#noting = this.#noting.then(async () => {
      await this.load();
      try {
        await this.#deps.memory.write(MEMORY_KEY, JSON.stringify([...this.#awaited]));
      } catch (err) {
        this.#deps.log.warn("which reports of a gateway are awaited could not be noted", { err });
      }
    });
  }
}
