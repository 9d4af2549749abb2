import { randomInt } from "node:crypto";
import type { Clock } from "@sitebox/core/kernel";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** A port that was closed rests for as long: late packets of its last call must not be heard in the next. */
const QUARANTINE_MS = 30_000;

/** The even ports of a range, handed out in turn; the odd one behind each is its session's for RTCP (RFC 3550 §11). */
export class PortPool {
  readonly #ports: number[] = [];
  readonly #taken = new Set<number>();
  readonly #restingUntil = new Map<number, number>();
  readonly #clock: Clock;
  #cursor: number;

  constructor({ first, last }: PortRange, clock: Clock) {
    for (let port = first + (first & 1); port < last; port += 2) this.#ports.push(port);
    this.#clock = clock;
    this.#cursor = randomInt(Math.max(1, this.#ports.length));
  }

  /** The next port that is free as far as this process knows. */
  take(): number | undefined {
    const now = this.#clock.monotonic();
    for (let tried = 0; tried < this.#ports.length; tried++) {
      const port = this.#ports[this.#cursor];
      this.#cursor = (this.#cursor + 1) % this.#ports.length;
      if (port === undefined || this.#taken.has(port) || (this.#restingUntil.get(port) ?? 0) > now) continue;
      this.#restingUntil.delete(port);
      this.#taken.add(port);
      return port;
    }
    return undefined;
  }

  release(port: number): void {
    if (this.#taken.delete(port)) this.#restingUntil.set(port, this.#clock.monotonic() + QUARANTINE_MS);
  }
}
