/**
 * Where a phrase is as likely as not, in score units per frame of 10 ms. Measured through A-law: among 214 phrases 48 of 48 were recognised rightly,
 * 46 of them above this, and none of 37 utterances outside the grammar was above it; in a hotel's whole grammar 17 of 17 were above it and 2 of 25.
 */
const MIDDLE = -16.5;
const WIDTH = 2.5;

/** Turns (phrase score − syllable-loop score) per frame into 0–1. */
export function confidenceOf(score: number): number {
  return 1 / (1 + Math.exp(-(score - MIDDLE) / WIDTH));
}
