export interface Source {
  readonly address: string;
  readonly port: number;
}

/** Packets in sequence that an unexpected source must send before it is believed. */
const PROBATION = 4;

interface Candidate {
  readonly source: Source;
  readonly ssrc: number;
  readonly sequence: number;
  readonly count: number;
}

const same = (a: Source | undefined, b: Source) => a !== undefined && a.port === b.port && a.address === b.address;

/**
 * Whose packets are believed. The address that signalling agreed on is, always. Behind a NAT it differs from the real one: then one other
 * source is learnt, once, after {@link PROBATION} packets in sequence, and what we send goes there too (symmetric RTP, RFC 4961).
 * Everybody else is a stranger.
 */
export class SourceLock {
  #agreed: Source | undefined;
  #locked: Source | undefined;
  #candidate: Candidate | undefined;

  /** Where to send: to whoever was heard, else to where was agreed. */
  get target(): Source | undefined {
    return this.#locked ?? this.#agreed;
  }

  /** States the source that signalling agreed on. A new one is learnt anew. */
  agree(source: Source): void {
    if (same(this.#agreed, source)) return;
    this.#agreed = source;
    this.#locked = undefined;
    this.#candidate = undefined;
  }

  judge(source: Source, ssrc: number, sequence: number): "ours" | "learning" | "stranger" {
    if (same(this.#agreed, source)) {
      this.#locked = this.#agreed;
      return "ours";
    }
    if (this.#locked) return same(this.#locked, source) ? "ours" : "stranger";
    const last = this.#candidate;
    const follows = last && same(last.source, source) && last.ssrc === ssrc && ((sequence - last.sequence) & 0xffff) === 1;
    const count = follows ? last.count + 1 : 1;
    this.#candidate = { source, ssrc, sequence, count };
    if (count < PROBATION) return "learning";
    this.#locked = source;
    return "ours";
  }
}
