/** What a listener's impression of a leg depends on. */
export interface Impairments {
  /** The part of the sound that was made up because its packets were missing or late, 0 to 1. */
  readonly lossRatio: number;
  /** How many frames were missing in a row on average. */
  readonly meanBurst: number;
  /** From mouth to ear. */
  readonly delayMs: number;
}

/** The rating without impairments, R0 − Is with all defaults (ITU-T G.107 table 3). */
const BEST = 93.2;
/** How well G.711 with concealment bears loss (ITU-T G.113 table I.4). G.722 is heard as 8 kHz here, and rated the same. */
const ROBUSTNESS = 25.1;
/** The most that equipment can impair (G.107 §7.4). */
const WORST_EQUIPMENT = 95;

/** The rating of the E-model, 0 to 93.2 (ITU-T G.107): the defaults for everything but delay, and loss with its burstiness. */
export function rate({ lossRatio, meanBurst, delayMs }: Impairments): number {
  // Id, after Cole and Rosenbluth, "Voice over IP performance monitoring" (2001): within 1 of G.107 §7.3 up to 400 ms.
  const delay = 0.024 * delayMs + (delayMs > 177.3 ? 0.11 * (delayMs - 177.3) : 0);
  // How much longer runs of loss are than chance would make them (G.107 §7.4).
  const burstRatio = Math.max(1, meanBurst * (1 - lossRatio));
  const percent = 100 * lossRatio;
  const equipment = percent <= 0 ? 0 : (WORST_EQUIPMENT * percent) / (percent / burstRatio + ROBUSTNESS);
  return Math.max(0, Math.min(BEST, BEST - delay - equipment));
}

/** The mean opinion score of a rating, 1 to 4.5 (ITU-T G.107 annex B). */
export function mosOf(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}
