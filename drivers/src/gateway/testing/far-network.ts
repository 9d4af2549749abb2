import { Channel } from "@sitebox/core/kernel";

export interface SentText {
  readonly port: number;
  readonly to: string;
  readonly text: string;
}

/** What the network does with a text. "lost": it is taken, and reported later as failed. */
export type Fate = "delivered" | "refused" | "busy" | "lost";

/** The mobile network behind a simulated gateway: a telephone that gets texts, numbers that do not work, and service codes. */
export class FarNetwork {
  readonly far = "13900139000";
  readonly refused = "10";
  readonly busy = "13900000001";
  readonly lost = "13900000002";
  /** What service codes are answered with; those that are not here are not answered. */
  readonly codes = new Map([["*100#", "余额: 12.50元\n感谢使用"]]);
  /** Codes of which nothing is ever heard again, where a device tells of others that they are not answered. */
  readonly silent = new Set<string>();
  readonly #texts = new Channel<SentText>();

  /** Texts that arrived somewhere, in their order. One reader. */
  get texts(): AsyncIterable<SentText> {
    return this.#texts;
  }

  /** Takes a text that a gateway sends. */
  take(text: SentText): Fate {
    if (text.to === this.refused) return "refused";
    if (text.to === this.busy) return "busy";
    if (text.to === this.lost) return "lost";
    this.#texts.push(text);
    return "delivered";
  }

  /** The next text that the telephone gets. */
  async received(): Promise<string> {
    for await (const { to, text } of this.#texts) if (to === this.far) return text;
    throw new Error("the network is gone");
  }
}

/** One socket of a simulated gateway. */
export interface SimulatedPort {
  readonly port: number;
  number: string;
  state: "registered" | "no-sim" | "searching" | "power-off";
  busy: boolean;
  /** 0 to 31 */
  signal: number;
  iccid: string;
  imsi: string;
}

/** A socket with a SIM of China Mobile in it that works. */
export function simulatedPort(port: number, more: Partial<SimulatedPort> = {}): SimulatedPort {
  const number = `1380000000${port}`;
  const iccid = `8986001200000000000${port}`;
  return { port, number, state: "registered", busy: false, signal: 22, iccid, imsi: `46000123456789${port}`, ...more };
}

export interface ComingText {
  readonly port: number;
  readonly from: string;
  readonly text: string;
  /** Epoch ms, whole seconds; now when absent. */
  readonly sentAt?: number;
  /** The parts of a long one backwards, where the device tells parts. */
  readonly backwards?: boolean;
  /** Everything twice. */
  readonly twice?: boolean;
}

/** "2014-12-21 12:06:01" by China's time, as the gateways write it. */
export function deviceTime(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
}
