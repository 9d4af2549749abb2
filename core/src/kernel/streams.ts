/** A queue that one side pushes into and the other reads as an async iterable; closing ends the reading after what is queued. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  #wake = Promise.withResolvers<void>();
  #closed = false;

  /** At most `limit` items wait; a further push drops the oldest (right for audio and digits that nobody reads). */
  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  get closed(): boolean {
    return this.#closed;
  }

  push(item: T): void {
    if (this.#closed) return;
    if (this.#items.length >= this.#limit) this.#items.shift();
    this.#items.push(item);
    this.#wake.resolve();
  }

  close(): void {
    this.#closed = true;
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#closed) return;
      else {
        await this.#wake.promise;
        if (!this.#closed) this.#wake = Promise.withResolvers();
      }
    }
  }
}
