/** Messages that may wait in a channel before those are dropped which would only come late. */
const MAX_WAITING = 500;

/**
 * Sends into a channel between processes and counts what the other side has not taken yet. A process that does not read must not fill
 * this one's memory: sound and log lines are dropped meanwhile, what changes state is sent all the same.
 */
export class Outbox<Message> {
  readonly #send: (message: Message, taken: () => void) => void;
  #waiting = 0;
  #dropped = 0;

  /** `send` calls `taken` once the message has left, or cannot leave any more. */
  constructor(send: (message: Message, taken: () => void) => void) {
    this.#send = send;
  }

  /** Messages that were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  send(message: Message): void {
    this.#waiting++;
    this.#send(message, () => this.#waiting--);
  }

  /** Sends the message unless too many wait. */
  offer(message: Message): void {
    if (this.#waiting >= MAX_WAITING) this.#dropped++;
    else this.send(message);
  }
}
