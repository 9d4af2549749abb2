/** Frames of 20 ms between two looks at what stands in the queue: half a second. */
const WINDOW = 25;
/**
 * A source that brought something in the last 160 ms goes on. Of one that wrote all at once and stopped, nothing is too much; and a longer gap
 * is a pause, against which no reserve would help.
 */
const GOING_ON = 8;
/** Windows in which the reserve was never used up, after which it is one frame less: ten seconds. */
const CALM = 20;
/** The most that is kept in reserve against gaps: 40 ms, with the frame that comes a delay of 60 ms. */
const MOST_SPARE = 2;

/**
 * The frames between a source that is uneven and a reader that is even. It holds as little as the source's unevenness needs: a gap makes it
 * keep one frame more in reserve, calm makes it keep one less, and what stands in it for half a second beyond the reserve is thrown away. So
 * a pause, a burst or a clock that runs fast delays sound for half a second at most, and bursts of 100 ms pass whole.
 */
export class PlayOut {
  readonly #most: number;
  readonly #waiting: Int16Array[] = [];
  #spare = 0;
  #sinceArrival = 0;
  /** Frames in a row that were not there. */
  #missed = 0;
  #taken = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #calm = 0;
  #dropped = 0;

  /** At most `most` frames wait; a further one pushes the oldest out. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Frames that were thrown away. */
  get dropped(): number {
    return this.#dropped;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  push(frame: Int16Array): void {
    this.#waiting.push(frame);
    this.#sinceArrival = 0;
    if (this.#missed > 0 && this.#missed <= GOING_ON) this.#spare = Math.min(MOST_SPARE, this.#spare + 1);
    this.#missed = 0;
    if (this.#waiting.length > this.#most) this.#drop(1);
  }

  /** The frame of the next 20 ms; undefined where none has come. */
  take(): Int16Array | undefined {
    const frame = this.#waiting.shift();
    if (!frame) this.#missed += 1;
    this.#lowest = Math.min(this.#lowest, this.#waiting.length);
    this.#sinceArrival += 1;
    if (++this.#taken >= WINDOW) this.#look();
    return frame;
  }

  #look(): void {
    this.#calm = this.#lowest > 0 ? this.#calm + 1 : 0;
    if (this.#calm >= CALM) {
      this.#calm = 0;
      this.#spare = Math.max(0, this.#spare - 1);
    }
    if (this.#sinceArrival <= GOING_ON) this.#drop(Math.max(0, this.#lowest - this.#spare));
    this.#taken = 0;
    this.#lowest = Number.POSITIVE_INFINITY;
  }

  #drop(count: number): void {
    this.#dropped += this.#waiting.splice(0, count).length;
  }
}
