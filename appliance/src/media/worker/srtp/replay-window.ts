/** How far behind the newest a packet may come; jitter buffers are shorter. */
const SIZE = 128;

/** The last packets that were authenticated, by index: none is taken twice (RFC 3711 §3.3.2). */
export class ReplayWindow {
  readonly #seen = new Float64Array(SIZE).fill(-1);
  #highest = -1;

  /** Whether the index was not there yet and is not too old. */
  isNew(index: number): boolean {
    return index > this.#highest - SIZE && this.#seen[index % SIZE] !== index;
  }

  add(index: number): void {
    this.#seen[index % SIZE] = index;
    this.#highest = Math.max(this.#highest, index);
  }
}
