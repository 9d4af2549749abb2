import { FRAME_SAMPLES } from "@sitebox/drivers/line";

/** What comes out for one slot. "lost" is to be concealed, "idle" is silence: the sender has nothing to say. */
export type Pulled =
  | { readonly type: "voice"; readonly samples: Int16Array }
  | { readonly type: "lost" }
  | { readonly type: "idle" };

interface Chunk {
  /** The place of its first sample in the sender's time, unwrapped. */
  readonly at: number;
  readonly samples: Int16Array;
  readonly sequence: number | undefined;
}

const PER_MS = 8;
const MIN_DEPTH = 40 * PER_MS;
const MAX_DEPTH = 200 * PER_MS;
/** So many empty slots end a talk spurt: the next packet starts a new one. */
const IDLE_AFTER = MAX_DEPTH / FRAME_SAMPLES;
/** After so many it is forgotten when sound was due: whoever speaks again starts anew. */
const FORGET_AFTER = 100;
/** A step in the timestamps beyond this is a new stream, not a gap. */
const RESYNC = 2_000 * PER_MS;
/** The depth is looked at once a second, and let down by a frame after five seconds without trouble. */
const REVIEW_SLOTS = 50;
const CALM_REVIEWS = 5;

const LOST: Pulled = { type: "lost" };
const IDLE: Pulled = { type: "idle" };

/**
 * An adaptive playout buffer, 40 to 200 ms deep, ordered by RTP timestamp (so any packet time and any order will do).
 * It waits until its depth is filled, then gives a frame for every slot. Packets that come too late deepen it; calm makes it shallower
 * again by a frame at a time, two frames faded into one. It never goes back in the sender's time.
 */
export class JitterBuffer {
  #chunks: Chunk[] = [];
  /** The next sample to be played, while a talk spurt is on. */
  #next: number | undefined;
  /** Everything before this was played or given up. */
  #floor = Number.NEGATIVE_INFINITY;
  #newest: number | undefined;
  #depth = MIN_DEPTH;
  /** The places of the last frames that were given up while later ones were there. */
  #givenUp: number[] = [];
  #waited = 0;
  #dry = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #reviewed = 0;
  #troubled = false;
  #calm = 0;

  #lateSamples = 0;
  /** What is in store when a frame is taken, on average. */
  #store = MIN_DEPTH;
  /** The sender is silent: what is missing is not lost. */
  #idle = false;
  /** From where on the sender has said that it has nothing to say. */
  #quietFrom: number | undefined;
  #lastSequence: number | undefined;

  /** How long sound waits here before it is heard, on average of late. */
  get waitMs(): number {
    return this.#store / PER_MS;
  }

  /** Sound that came when its time was over, in all. */
  get lateMs(): number {
    return this.#lateSamples / PER_MS;
  }

  /**
   * Takes decoded sound. `timestamp` and `sequence` are the packet's own. Where numbers follow but times do not, the sender was silent in between
   * and nothing is lost.
   */
  push(timestamp: number, samples: Int16Array, sequence?: number): void {
    if (samples.length === 0) return;
    let at = this.#unwrap(timestamp);
    if (this.#newest !== undefined && Math.abs(at - this.#newest) > RESYNC && (this.#next !== undefined || at < this.#newest)) {
      this.restart();
      at = timestamp;
    }
    this.#newest = Math.max(this.#newest ?? at, at);
    if (this.#next !== undefined && this.#dry > 0 && at >= this.#next) this.#resume(this.#next, at);
    const floor = this.#next ?? this.#floor;
    if (at + samples.length <= floor) {
      // Late, or only a copy of what was heard.
      if (!this.#givenUp.some((place) => place >= at && place < at + samples.length)) return;
      this.#lateSamples += samples.length;
      this.#trouble();
      return;
    }
    this.#insert(at < floor ? { at: floor, samples: samples.subarray(floor - at), sequence } : { at, samples, sequence });
  }

  /** From `timestamp` on the sender has nothing to say, until more of its sound comes: it has said so, or presses a key. */
  quiet(timestamp: number): void {
    if (this.#newest === undefined) return;
    const at = this.#unwrap(timestamp);
    if (Math.abs(at - this.#newest) > RESYNC) return;
    this.#newest = Math.max(this.#newest, at);
    this.#quietFrom = at;
  }

  /**
   * The frame of one slot. `behind` says how many more slots are already due: sound that waits for those is not too much.
   */
  pull(behind = 0): Pulled {
    if (this.#next === undefined && !this.#start()) return IDLE;
    let next = this.#next ?? 0;
    const level = this.#end() - next - behind * FRAME_SAMPLES;
    if (level > MAX_DEPTH + MIN_DEPTH) this.#next = next = this.#skipTo(this.#end() - behind * FRAME_SAMPLES - this.#depth);
    const correction = this.#idle ? undefined : this.#review(level);
    if (correction === "deepen") return LOST;
    const first = this.#take(next);
    if (first === undefined) return this.#missing(next);
    if (this.#idle) this.#settle();
    // It speaks again: what is missing from here on is lost.
    if (this.#quietFrom !== undefined && next >= this.#quietFrom) this.#quietFrom = undefined;
    this.#store += (level - this.#store) / REVIEW_SLOTS;
    const second = correction === "shorten" ? this.#take(next + FRAME_SAMPLES) : undefined;
    this.#next = next + (second ? 2 : 1) * FRAME_SAMPLES;
    this.#drop(this.#next);
    return { type: "voice", samples: second ? faded(first, second) : first };
  }

  /** A new sender, who counts time anew: what is left of the former one is dropped. */
  restart(): void {
    this.#chunks = [];
    this.#next = undefined;
    this.#floor = Number.NEGATIVE_INFINITY;
    this.#newest = undefined;
    this.#givenUp = [];
    this.#waited = 0;
    this.#dry = 0;
    this.#quietFrom = undefined;
    this.#lastSequence = undefined;
    this.#idle = false;
  }

  #unwrap(timestamp: number): number {
    if (this.#newest === undefined) return timestamp;
    return this.#newest + ((timestamp - this.#newest) | 0);
  }

  #end(): number {
    const last = this.#chunks.at(-1);
    return last ? last.at + last.samples.length : (this.#next ?? 0);
  }

  #insert(chunk: Chunk): void {
    const chunks = this.#chunks;
    const last = chunks.at(-1);
    if (!last || last.at < chunk.at) {
      chunks.push(chunk);
      return;
    }
    let index = chunks.length;
    while (index > 0 && (chunks[index - 1]?.at ?? 0) > chunk.at) index--;
    if (chunks[index - 1]?.at !== chunk.at) chunks.splice(index, 0, chunk);
  }

  /** A talk spurt starts when the depth is filled, or when the first packet has waited for as long. */
  #start(): boolean {
    const first = this.#chunks[0];
    if (!first) return false;
    if (this.#end() - first.at < this.#depth && ++this.#waited * FRAME_SAMPLES < this.#depth) return false;
    this.#next = first.at;
    this.#waited = 0;
    this.#dry = 0;
    this.#settle();
    return true;
  }

  /** Sound flows: what is in store from now on tells whether it is enough. */
  #settle(): void {
    this.#idle = false;
    this.#quietFrom = undefined;
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#reviewed = 0;
  }

  /** The first packet after running dry: what was concealed was either lost on the way, or this packet is late. */
  #resume(next: number, at: number): void {
    const concealed = next + this.#dry * FRAME_SAMPLES;
    if (this.#idle && (at < concealed || at > concealed + MAX_DEPTH)) {
      this.#forget(next);
      return;
    }
    if (at < concealed) this.#trouble();
    this.#next = Math.min(at, concealed);
    this.#dry = 0;
  }

  #trouble(): void {
    if (!this.#troubled) this.#depth = Math.min(MAX_DEPTH, this.#depth + FRAME_SAMPLES);
    this.#troubled = true;
  }

  #missing(next: number): Pulled {
    const silent = this.#isSilent(next);
    if (this.#end() >= next + FRAME_SAMPLES) {
      if (!silent) this.#givenUp = [...this.#givenUp.slice(1 - REVIEW_SLOTS), next];
      this.#next = next + FRAME_SAMPLES;
      this.#drop(this.#next);
      return silent ? IDLE : LOST;
    }
    this.#dry++;
    if (!silent && this.#dry < IDLE_AFTER) return LOST;
    this.#idle = true;
    if (this.#dry >= FORGET_AFTER) this.#forget(next);
    return IDLE;
  }

  /** Whether what is missing at `next` was never sent. */
  #isSilent(next: number): boolean {
    if (this.#idle || (this.#quietFrom !== undefined && next >= this.#quietFrom)) return true;
    const [first] = this.#chunks;
    return (
      first?.sequence !== undefined && this.#lastSequence !== undefined && first.sequence === ((this.#lastSequence + 1) & 0xffff)
    );
  }

  /** The sender's time is no longer counted on. */
  #forget(next: number): void {
    this.#floor = Math.max(next, this.#end());
    this.#next = undefined;
    this.#dry = 0;
    this.#chunks = [];
  }

  #skipTo(at: number): number {
    this.#drop(at);
    return at;
  }

  #drop(before: number): void {
    let gone = 0;
    for (const chunk of this.#chunks) {
      if (chunk.at + chunk.samples.length > before) break;
      this.#lastSequence = chunk.sequence;
      gone++;
    }
    if (gone > 0) this.#chunks.splice(0, gone);
  }

  /** The frame at `at`, silence where a part of it is missing; nothing where all of it is, or where the rest may still come. */
  #take(at: number): Int16Array | undefined {
    if (this.#end() < at + FRAME_SAMPLES) return undefined;
    let frame: Int16Array | undefined;
    for (const chunk of this.#chunks) {
      if (chunk.at >= at + FRAME_SAMPLES) break;
      const from = Math.max(at, chunk.at);
      const to = Math.min(at + FRAME_SAMPLES, chunk.at + chunk.samples.length);
      if (from >= to) continue;
      frame ??= new Int16Array(FRAME_SAMPLES);
      frame.set(chunk.samples.subarray(from - chunk.at, to - chunk.at), from - at);
    }
    return frame;
  }

  /** Once a second: whether the least that was in store in that time is too much or too little for the depth aimed at. */
  #review(level: number): "deepen" | "shorten" | undefined {
    this.#lowest = Math.min(this.#lowest, level);
    if (++this.#reviewed < REVIEW_SLOTS) return undefined;
    const lowest = this.#lowest;
    this.#reviewed = 0;
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#calm = this.#troubled ? 0 : this.#calm + 1;
    this.#troubled = false;
    if (this.#calm >= CALM_REVIEWS) {
      this.#depth = Math.max(MIN_DEPTH, this.#depth - FRAME_SAMPLES);
      this.#calm = 0;
    }
    if (lowest > this.#depth) return "shorten";
    return level > 0 && lowest + FRAME_SAMPLES < this.#depth ? "deepen" : undefined;
  }
}

function faded(first: Int16Array, second: Int16Array): Int16Array {
  return first.map((sample, i) => sample + (((second[i] ?? 0) - sample) * i) / first.length);
}
