/** 8 kHz, frames of 20 ms. */
const FRAME = 160;
const FRAME_MS = 20;
/** About −46 dBFS mean amplitude: between a telephone's noise and its speech. */
const VOICED = 160;
/** Pauses inside an utterance are shorter than this. */
const JOIN_MS = 300;
/** Clicks are shorter than this. */
const LEAST_MS = 80;

export interface Utterance {
  readonly startMs: number;
  readonly endMs: number;
}

/** Where a channel speaks: runs of voiced 20 ms frames. Times are on the recording's own clock, which both channels share. */
export function utterances(channel: Int16Array): Utterance[] {
  const found: { startMs: number; endMs: number }[] = [];
  for (let at = 0; at + FRAME <= channel.length; at += FRAME) {
    let sum = 0;
    for (let i = at; i < at + FRAME; i++) sum += Math.abs(channel[i] ?? 0);
    if (sum / FRAME < VOICED) continue;
    const startMs = (at / FRAME) * FRAME_MS;
    const last = found.at(-1);
    if (last && startMs - last.endMs <= JOIN_MS) last.endMs = startMs + FRAME_MS;
    else found.push({ startMs, endMs: startMs + FRAME_MS });
  }
  return found.filter(({ startMs, endMs }) => endMs - startMs >= LEAST_MS);
}

/**
 * Reply latencies by design.md's definition: from the caller's last voiced frame to the first voiced frame of the reply,
 * for every caller's utterance that the box answered before the caller spoke again. In milliseconds.
 */
export function replyLatencies(caller: Int16Array, box: Int16Array): number[] {
  const said = utterances(caller);
  const replies = utterances(box);
  return said.flatMap(({ endMs }, i) => {
    const next = said[i + 1]?.startMs ?? Number.POSITIVE_INFINITY;
    const reply = replies.find(({ startMs }) => startMs >= endMs && startMs < next);
    return reply ? [reply.startMs - endMs] : [];
  });
}

/** Barge-in: from the caller's onset while the box speaks to the box's last voiced frame before it is silent. In milliseconds. */
export function bargeInStops(caller: Int16Array, box: Int16Array): number[] {
  const replies = utterances(box);
  return utterances(caller).flatMap(({ startMs }) => {
    const interrupted = replies.find((reply) => reply.startMs < startMs && reply.endMs > startMs);
    return interrupted ? [interrupted.endMs - startMs] : [];
  });
}

/** The value below which `share` (0–1) of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
