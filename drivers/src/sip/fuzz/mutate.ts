/** A random source that is the same for the same seed (mulberry32): a failure is found again by its seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Pieces that parsers are known to trip over. */
const NASTY: readonly Buffer[] = [
  ...'\r\n|\r\n\r\n|\r|\n|\0|"|<|>|;|,|:|@|%00|%|=|\t|  |SIP/2.0|sip:|[::1]|[|]|-1|4294967296|99999999999999999999|z9hG4bK'.split(
    "|",
  ),
  ...[
    "|",
    ";tag=",
    "Content-Length: 5\r\n",
    "Via: ",
    "\r\n ",
    "é",
    "\u{1f600}",
    "(((",
    ")))",
    "\\",
    '"\\',
    ";lr",
    "?a=b",
    "Max-Forwards: 256",
  ],
  "a".repeat(300),
  ";x".repeat(200),
  ",".repeat(300),
].map((text) => Buffer.from(text));

/** Changes one to five places of a message: bytes flipped, pieces cut, doubled, moved or put in. */
export function mutated(message: Buffer, random: () => number, others: readonly Buffer[]): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes = message;
  for (let count = 1 + below(1 + below(5)); count > 0; count--) {
    const at = below(bytes.length + 1);
    const length = below(40);
    const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
    switch (below(6)) {
      case 0: {
        bytes = Buffer.from(bytes);
        if (bytes.length > 0) bytes[below(bytes.length)] = below(256);
        break;
      }
      case 1:
        bytes = Buffer.concat([before, after]);
        break;
      case 2:
        bytes = Buffer.concat([before, piece, piece, after]);
        break;
      case 3:
        bytes = Buffer.concat([before, NASTY[below(NASTY.length)] ?? Buffer.alloc(0), piece, after]);
        break;
      case 4: {
        const other = others[below(others.length)] ?? bytes;
        const from = below(other.length);
        bytes = Buffer.concat([before, other.subarray(from, from + below(200)), after]);
        break;
      }
      default:
        bytes = before.length > 20 ? before : bytes;
    }
  }
  return bytes;
}
