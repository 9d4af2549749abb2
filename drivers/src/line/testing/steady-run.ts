/** Periods in bytes that a steady sample has in PCM, in G.711, and in either written as base64 or hexadecimal. */
const PERIODS = [1, 2, 4, 8];

/**
 * The longest stretch in which bytes repeat themselves, as those of a steady sound or of silence do in whatever way it is encoded; in bytes.
 * Pieces are looked at one by one and joined: sound comes with headers between, or cut anywhere.
 */
export function steadyRun(pieces: readonly Uint8Array[]): number {
  const bytes = Buffer.concat(pieces);
  return Math.max(...PERIODS.map((period) => longestRun(bytes, period)));
}

function longestRun(bytes: Uint8Array, period: number): number {
  let longest = 0;
  let run = 0;
  for (let at = period; at < bytes.length; at++) {
    run = bytes[at] === bytes[at - period] ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
