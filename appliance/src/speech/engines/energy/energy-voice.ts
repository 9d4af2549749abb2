/** How far above the noise, in dB, a window must be to count as voice, and how far it must fall to stop counting. */
const RISE_DB = 10;
const FALL_DB = 6;
/** Below this (of 32,768) nothing is voice, whatever the noise. */
const QUIET_RMS = 120;
/** The noise floor follows quieter sound at once and louder sound slowly: 3 dB a second. */
const FLOOR_RISE_DB_PER_WINDOW = 0.1;

/** Tells voice by loudness alone: stands in for the real detector while that is not there. */
export class EnergyVoice {
  #floorDb = 40;
  #voiced = false;

  /** Whether one window holds voice. */
  decide(window: Int16Array): boolean {
    let energy = 0;
    for (const sample of window) energy += sample * sample;
    const rms = Math.sqrt(energy / Math.max(1, window.length));
    const levelDb = 20 * Math.log10(rms + 1);
    this.#floorDb = Math.min(levelDb, this.#floorDb + FLOOR_RISE_DB_PER_WINDOW);
    const floorDb = Math.max(this.#floorDb, 20);
    this.#voiced = rms > QUIET_RMS && levelDb > floorDb + (this.#voiced ? FALL_DB : RISE_DB);
    return this.#voiced;
  }
}
