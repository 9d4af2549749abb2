import type { Digit } from "@sitebox/drivers/line";

const KEYS: readonly Digit[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#", "A", "B", "C", "D"];

/** The power that events are said to have, in -dBm0. */
const VOLUME = 10;

/** The payload of one packet of a key press: how long it has lasted so far, in samples, and whether that was all (RFC 4733 §2.3). */
export function formatEvent(digit: Digit, { end, duration }: { readonly end: boolean; readonly duration: number }): Uint8Array {
  return Uint8Array.of(KEYS.indexOf(digit), (end ? 0x80 : 0) | VOLUME, duration >> 8, duration & 0xff);
}

/**
 * RFC 4733 telephone events, received. All packets of one key press bear the timestamp of its beginning (§2.2.1), so a key is told once,
 * at the first packet seen of it: it does not matter which of them, the repeated end packets included, were lost.
 */
export class TelephoneEvents {
  #last: number | undefined;

  /** The key that this packet is the first sign of, if any. */
  accept(timestamp: number, payload: Uint8Array): Digit | undefined {
    const key = KEYS[payload[0] ?? 255];
    if (payload.length < 4 || key === undefined) return undefined;
    if (this.#last !== undefined && ((timestamp - this.#last) | 0) <= 0) return undefined;
    this.#last = timestamp;
    return key;
  }

  /** A new sender counts its time anew. */
  reset(): void {
    this.#last = undefined;
  }
}
