/** A step in the sequence numbers beyond these is a sender that counts anew, not loss (RFC 3550 appendix A.1). */
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;

/** What a receiver reports about one sender (RFC 3550 §6.4.1). */
export interface ReceptionReport {
  readonly ssrc: number;
  /** Of the packets expected since the last report, the part that is missing, in 1/256. */
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  /** The highest sequence number, with its cycles above 16 bits. */
  readonly highest: number;
  /** In units of the RTP clock. */
  readonly jitter: number;
}

interface Numbered {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
}

/** Counts what came of a stream: loss by sequence numbers, jitter by RFC 3550 §6.4.1 and appendix A. */
export class Reception {
  #ssrc: number | undefined;
  /** Extended: it goes on beyond 16 bits. */
  #highest = 0;
  #first = 0;
  #receivedOfSource = 0;
  #lostBefore = 0;
  #lastTransit: number | undefined;
  #jitter = 0;
  /** The number that would confirm a sender that seems to count anew. */
  #anew: number | undefined;
  #expectedAtReport = 0;
  #receivedAtReport = 0;
  received = 0;

  /**
   * Counts one packet that came at `atMs` (monotonic). Tells whether its sender is a new one, or counts anew. The packets of one key bear the time
   * of its beginning: they are not `timed`.
   */
  count({ ssrc, sequence, timestamp }: Numbered, atMs: number, timed = true): boolean {
    this.received++;
    let step = ((sequence - this.#highest) << 16) >> 16;
    const jumps = step > MAX_DROPOUT || step < -MAX_MISORDER;
    const isNew = this.#ssrc !== ssrc || (jumps && sequence === this.#anew);
    if (isNew) {
      this.#restart(ssrc, sequence);
      step = 0;
    }
    this.#anew = jumps && !isNew ? (sequence + 1) & 0xffff : undefined;
    if (jumps && !isNew) return false;
    this.#receivedOfSource++;
    if (step > 0) this.#highest += step;
    if (!timed) return isNew;
    const transit = (atMs * 8 - timestamp) | 0;
    if (this.#lastTransit !== undefined && step === 1) {
      const difference = Math.abs((transit - this.#lastTransit) | 0);
      this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#lastTransit = transit;
    return isNew;
  }

  get lost(): number {
    return this.#lostBefore + Math.max(0, this.#expected - this.#receivedOfSource);
  }

  get jitterMs(): number {
    return this.#jitter / 8;
  }

  /** The report block on the present sender; nothing while there is none. The next one's fraction counts from here. */
  report(): ReceptionReport | undefined {
    if (this.#ssrc === undefined) return undefined;
    const expected = this.#expected - this.#expectedAtReport;
    const lost = expected - (this.#receivedOfSource - this.#receivedAtReport);
    this.#expectedAtReport = this.#expected;
    this.#receivedAtReport = this.#receivedOfSource;
    return {
      ssrc: this.#ssrc,
      fractionLost: expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected)),
      cumulativeLost: this.#expected - this.#receivedOfSource,
      highest: this.#highest,
      jitter: Math.round(this.#jitter),
    };
  }

  get #expected(): number {
    return this.#ssrc === undefined ? 0 : this.#highest - this.#first + 1;
  }

  #restart(ssrc: number, sequence: number): void {
    this.#lostBefore = this.lost;
    this.#ssrc = ssrc;
    this.#first = this.#highest = sequence;
    this.#receivedOfSource = 0;
    this.#expectedAtReport = this.#receivedAtReport = 0;
    this.#lastTransit = undefined;
  }
}
