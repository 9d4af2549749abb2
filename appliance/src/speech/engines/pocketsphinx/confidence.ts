/**
 * Where a phrase is as likely as not, in score units per frame of 10 ms. Measured through A-law among 214 phrases: of 47 phrases recognised rightly
 * the lowest score was −18, of 37 utterances outside the grammar one was above −22 (it shared half of a phrase's words).
 */
const MIDDLE = -20.5;
const WIDTH = 2;

/** Turns (phrase score − syllable-loop score) per frame into 0–1. */
export function confidenceOf(score: number): number {
  return 1 / (1 + Math.exp(-(score - MIDDLE) / WIDTH));
}
