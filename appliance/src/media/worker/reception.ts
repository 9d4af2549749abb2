/** Counts what came of a stream: loss by sequence numbers, jitter by RFC 3550 §6.4.1. */
export class Reception {
  #ssrc: number | undefined;
  #highest = 0;
  #first = 0;
  #receivedOfSource = 0;
  #lostBefore = 0;
  #lastTransit: number | undefined;
  #jitter = 0;
  received = 0;

  /** Counts one packet that came at `atMs` (monotonic). Tells whether its sender is a new one. */
  count(packet: { readonly ssrc: number; readonly sequence: number; readonly timestamp: number }, atMs: number): boolean {
    const isNew = this.#ssrc !== packet.ssrc;
    if (isNew) this.#restart(packet.ssrc, packet.sequence);
    this.received++;
    this.#receivedOfSource++;
    const step = ((packet.sequence - this.#highest) << 16) >> 16;
    if (step > 0) this.#highest += step;
    const transit = (atMs * 8 - packet.timestamp) | 0;
    if (this.#lastTransit !== undefined && step === 1) {
      const difference = Math.abs((transit - this.#lastTransit) | 0);
      this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#lastTransit = transit;
    return isNew;
  }

  #restart(ssrc: number, sequence: number): void {
    this.#lostBefore = this.lost;
    this.#ssrc = ssrc;
    this.#first = this.#highest = sequence;
    this.#receivedOfSource = 0;
    this.#lastTransit = undefined;
  }

  get lost(): number {
    if (this.#ssrc === undefined) return 0;
    return this.#lostBefore + Math.max(0, this.#highest - this.#first + 1 - this.#receivedOfSource);
  }

  get jitterMs(): number {
    return this.#jitter / 8;
  }
}
