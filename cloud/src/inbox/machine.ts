/** Numbers `from`…`to` of one stream that are here: one item, or an item that stands for others the box dropped. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What of a stream is committed: everything up to `upto`, and what lies beyond a gap. */
export interface Received {
  readonly upto: number;
  readonly held: readonly Span[];
}

/** Farther beyond a gap nothing is kept: it comes again with the resend, and a confused box cannot fill the disk. */
export const reach = 20_000;

/** Takes in what arrived, in any order and any number of times. `fresh` are those of the arrivals that are worth keeping. */
export function receive(received: Received, arrivals: readonly Span[]): { next: Received; fresh: readonly Span[] } {
  const arrived = new Set(arrivals);
  const fresh: Span[] = [];
  const held: Span[] = [];
  let { upto } = received;
  for (const span of [...received.held, ...arrivals].sort((a, b) => a.from - b.from || a.to - b.to)) {
    // One span may stand for very many numbers; what counts is where it begins.
    if (span.to <= received.upto || span.from > upto + reach) continue;
    if (arrived.has(span)) fresh.push(span);
    if (span.from <= upto + 1) upto = Math.max(upto, span.to);
    else held.push(span);
  }
  return { next: { upto, held: held.filter(({ to }) => to > upto) }, fresh };
}
