import { PduError } from "./pdu-error.ts";

/** Reads a PDU octet by octet and says by name what is missing where it ends too soon. */
export class Octets {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  octet(what: string): number {
    const [octet] = this.take(1, what);
    return octet ?? 0;
  }

  take(count: number, what: string): Uint8Array {
    if (count > this.left) {
      throw new PduError(`the PDU ends within ${what}: at octet ${this.#at} it needs ${count}, there are ${this.left}`);
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}

/** @throws PduError where it is no hexadecimal number of whole octets */
export function bytesOfHex(hex: string): Uint8Array {
  const trimmed = hex.trim();
  const wrong = trimmed.search(/[^0-9a-f]/i);
  if (wrong >= 0) throw new PduError(`the PDU has no hexadecimal digit at its character ${wrong + 1}`);
  if (trimmed.length % 2 === 1) throw new PduError(`the PDU has half an octet at its end: ${trimmed.length} digits`);
  return Buffer.from(trimmed, "hex");
}

export const hexOfBytes = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase();
