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
  const fresh = arrivals.filter(({ to }) => to > received.upto && to <= received.upto + reach);
  let { upto } = received;
  const held: Span[] = [];
  const known = [...received.held, ...fresh].sort((a, b) => a.from - b.from || a.to - b.to);
  for (const span of known) {
    if (span.from <= upto + 1) upto = Math.max(upto, span.to);
    else held.push(span);
  }
  return { next: { upto, held: held.filter(({ to }) => to > upto) }, fresh };
}
