/** Where a phrase is as likely as not, in score units per frame of 10 ms. */
const MIDDLE = -20;
const WIDTH = 3;

/** Turns (phrase score − syllable-loop score) per frame into 0–1. */
export function confidenceOf(score: number): number {
  return 1 / (1 + Math.exp(-(score - MIDDLE) / WIDTH));
}
