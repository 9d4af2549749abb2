export interface Source {
  readonly address: string;
  readonly port: number;
}

/** What of a packet tells whose it is. */
export interface Mark {
  readonly ssrc: number;
  readonly sequence: number;
  /** Made with the session's key (SRTP): nobody else can be its sender. */
  readonly authentic: boolean;
}

/** Packets in sequence that an unexpected source must send before it is believed. */
const PROBATION = 4;
/** Packets that it takes where signalling has moved the sound away from there: what was under way has come by then. */
const PROBATION_OF_FORMER = 100;
/** A source that goes silent for so long may have got another address from its NAT. */
const REBOUND_AFTER_MS = 500;
/** One that is silent for so long may have been replaced by another sender of its host. */
const REPLACED_AFTER_MS = 5_000;
/** How far a stream goes on while its source has no address. */
const MAX_SKIPPED = 3_000;
/** Sources that are learnt side by side; a flood of made-up ones then needs 25 000 packets a second to hide the real one. */
const MAX_CANDIDATES = 512;

interface Candidate {
  sequence: number;
  count: number;
}

interface Locked extends Source {
  ssrc: number;
  sequence: number;
  heardAt: number;
}

const same = (a: Source | undefined, b: Source) => a !== undefined && a.port === b.port && a.address === b.address;

/**
 * Whose packets are believed. The address that signalling agreed on is, always. Behind a NAT it differs from the real one: then another source
 * is learnt after {@link PROBATION} packets in sequence, and what we send goes there too (symmetric RTP, RFC 4961). A source that was heard
 * is given up only when it is silent and the same stream goes on elsewhere (its SSRC and sequence numbers, which an outsider does not know),
 * when its host speaks from another port, or when a packet is authenticated. Everybody else is a stranger, however much he sends.
 */
export class SourceLock {
  #agreed: Source | undefined;
  #locked: Locked | undefined;
  #former: Source | undefined;
  readonly #candidates = new Map<string, Candidate>();

  /** Where to send: to whoever was heard, else to where was agreed. */
  get target(): Source | undefined {
    return this.#locked ?? this.#agreed;
  }

  /** Whether anything was heard from the target. */
  get isHeard(): boolean {
    return this.#locked !== undefined;
  }

  /** States the source that signalling agreed on. A new one is learnt anew. */
  agree({ address, port }: Source): void {
    if (same(this.#agreed, { address, port })) return;
    this.#former = this.#locked ?? this.#agreed;
    this.#agreed = { address, port };
    this.#locked = undefined;
    this.#candidates.clear();
  }

  /** Judges a packet that came at `now` (monotonic, ms). "learning" is not yet believed, and not yet a stranger either. */
  judge(source: Source, mark: Mark, now: number): "ours" | "learning" | "stranger" {
    const locked = this.#locked;
    if (locked && same(locked, source)) {
      locked.heardAt = now;
      locked.ssrc = mark.ssrc;
      locked.sequence = mark.sequence;
      return "ours";
    }
    if (mark.authentic || same(this.#agreed, source)) return this.#lock(source, mark, now);
    if (locked && !this.#mayFollow(locked, source, mark, now)) return "stranger";
    const count = this.#count(source, mark);
    if (count >= (same(this.#former, source) ? PROBATION_OF_FORMER : PROBATION)) return this.#lock(source, mark, now);
    return locked ? "stranger" : "learning";
  }

  #lock({ address, port }: Source, { ssrc, sequence }: Mark, now: number): "ours" {
    this.#locked = { address, port, ssrc, sequence, heardAt: now };
    this.#candidates.clear();
    return "ours";
  }

  /** Whether this may be the source that was heard before, or one with a better claim. */
  #mayFollow(locked: Locked, source: Source, { ssrc, sequence }: Mark, now: number): boolean {
    const isOfAgreedHost = source.address === this.#agreed?.address;
    if (isOfAgreedHost && locked.address !== source.address) return true;
    const silentMs = now - locked.heardAt;
    const goesOn = ssrc === locked.ssrc && ((sequence - locked.sequence) & 0xffff) <= MAX_SKIPPED;
    if (goesOn) return silentMs >= REBOUND_AFTER_MS;
    return silentMs >= REPLACED_AFTER_MS && source.address === locked.address;
  }

  /** How many packets in sequence have come from there. Each source counts for itself, so that nobody's noise hinders another. */
  #count({ address, port }: Source, { ssrc, sequence }: Mark): number {
    const name = `${address} ${port} ${ssrc}`;
    const known = this.#candidates.get(name);
    if (known) {
      known.count = ((sequence - known.sequence) & 0xffff) === 1 ? known.count + 1 : 1;
      known.sequence = sequence;
      return known.count;
    }
    if (this.#candidates.size >= MAX_CANDIDATES) this.#candidates.delete(this.#leastShown());
    this.#candidates.set(name, { sequence, count: 1 });
    return 1;
  }

  /** The oldest of those that have shown a single packet, or of all. */
  #leastShown(): string {
    let oldest = "";
    for (const [name, { count }] of this.#candidates) {
      if (count === 1) return name;
      if (oldest === "") oldest = name;
    }
    return oldest;
  }
}
