import type { Clock } from "@sitebox/core/kernel";
import type { Datagrams, OpenDatagrams, Peer } from "../../transports/index.ts";
import type { SeededRandom } from "./random.ts";

/** How the network treats each datagram. Delays that differ turn the order around. */
export interface Weather {
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  readonly delayMs: { readonly least: number; readonly most: number };
}

export const FAIR: Weather = { lossPercent: 0, duplicatePercent: 0, delayMs: { least: 1, most: 1 } };

/** Weather of any kind: a third of the time fair, else up to 40 % of loss and delays of up to two seconds. */
export function weatherOf(random: SeededRandom): Weather {
  if (random.chance(33)) return { ...FAIR, delayMs: { least: 1, most: random.between(1, 300) } };
  return {
    lossPercent: random.between(0, 40),
    duplicatePercent: random.between(0, 30),
    delayMs: { least: random.between(0, 50), most: random.between(50, 2_000) },
  };
}

export interface VirtualNetworkOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly weather?: Weather;
}

/** One datagram and what became of it. */
export interface Fate {
  readonly at: number;
  /** "address:port". */
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
  /** When each copy arrives; none for one that was lost. */
  readonly arrivesAt: readonly number[];
}

const FIRST_PORT = 20_000;

/** A network on a clock that the test moves: datagrams between hosts that exist nowhere else. */
export class VirtualNetwork {
  weather: Weather;
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #receivers = new Map<string, (bytes: Uint8Array, peer: Peer) => void>();
  readonly #fates: Fate[] = [];
  #inFlight = 0;
  #nextPort = FIRST_PORT;

  constructor({ clock, random, weather = FAIR }: VirtualNetworkOptions) {
    this.#clock = clock;
    this.#random = random;
    this.weather = weather;
  }

  /** Datagrams that are still on their way; each has a timer of the clock. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get fates(): readonly Fate[] {
    return this.#fates;
  }

  /** Every datagram with what became of it, a line each: for the report of a run that failed. */
  get story(): string {
    return this.#fates
      .map(
        ({ at, from, to, bytes, arrivesAt }) =>
          `${at.toFixed()} ${from} > ${to} ${headOf(bytes)} | ${arrivesAt.map((ms) => ms.toFixed()).join(" ") || "lost"}`,
      )
      .join("\n");
  }

  /** Binds an address of the network: the seam of `Transports`. */
  readonly open: OpenDatagrams = async ({ host, port }, onMessage) => {
    const bound = port === 0 ? this.#nextPort++ : port;
    const own = `${host}:${bound}`;
    if (this.#receivers.has(own)) throw new Error(`${own} is taken`);
    this.#receivers.set(own, onMessage);
    const transport: Datagrams = {
      send: async (bytes, peer) => this.#carry(bytes, { transport: "udp", host, port: bound }, peer),
      [Symbol.asyncDispose]: async () => void this.#receivers.delete(own),
    };
    return { transport, port: bound };
  };

  #carry(bytes: Uint8Array, from: Peer, to: Peer): void {
    const { lossPercent, duplicatePercent, delayMs } = this.weather;
    const copies = this.#random.chance(duplicatePercent) ? 2 : 1;
    // Never a whole number of ms, so that nothing arrives at the very instant of a timer.
    const delay = () => this.#random.between(delayMs.least, delayMs.most) + this.#random.next();
    const delays = Array.from({ length: copies }, delay).filter(() => !this.#random.chance(lossPercent));
    const now = this.#clock.now();
    this.#fates.push({
      at: now,
      from: addressOf(from),
      to: addressOf(to),
      bytes,
      arrivesAt: delays.map((afterMs) => now + afterMs),
    });
    for (const afterMs of delays) {
      this.#inFlight += 1;
      this.#clock.after(afterMs, () => {
        this.#inFlight -= 1;
        this.#receivers.get(addressOf(to))?.(bytes, from);
      });
    }
  }
}

const addressOf = ({ host, port }: Peer) => `${host}:${port}`;
const headOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1").split("\r\n", 1)[0];
