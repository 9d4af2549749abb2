import { tone } from "@sitebox/drivers/sound";

/** All tones of the network are of 450 Hz (GB/T 3380). */
const HERTZ = 450;
const RATE = 8_000;
/** −16 dBFS: GB/T 3380 asks for −10 ± 3 dBm0, and 0 dBm0 is some 6 dB below full scale (ITU-T G.711 §5). */
const AMPLITUDE = 5_000;
/** Tones come and go over 4 ms, so that they do not click. */
const EDGE_SAMPLES = 32;

/** Speak after it. */
export const beep: Int16Array = soft(tone(1_000, 250, 6_550));

/** The tones that a caller in China knows (GB/T 3380), each endless: reading it ends when the reader stops. */
export const ringBackTone = () => endless([1_000, 4_000]);
export const busyTone = () => endless([350, 350]);
export const congestionTone = () => endless([700, 700]);
/** To somebody who talks already: another call waits. */
export const callWaitingTone = () => endless([400, 4_000]);
/** The number does not exist, or is out of order. */
export const specialInformationTone = () => endless([100, 100, 100, 100, 100, 100, 400, 400]);

/** Continuous; half a second is whole periods, so its pieces join without a seam. */
export async function* dialTone(): AsyncGenerator<Int16Array> {
  const piece = tone(HERTZ, 1_000, AMPLITUDE);
  for (;;) yield piece;
}

/** Repeats a cadence of ms on, ms off, and so on. */
async function* endless(cadenceMs: readonly number[]): AsyncGenerator<Int16Array> {
  const whole = new Int16Array((cadenceMs.reduce((sum, ms) => sum + ms, 0) * RATE) / 1_000);
  let at = 0;
  for (const [n, ms] of cadenceMs.entries()) {
    if (n % 2 === 0) whole.set(soft(tone(HERTZ, ms, AMPLITUDE)), at);
    at += (ms * RATE) / 1_000;
  }
  for (;;) yield whole;
}

function soft(sound: Int16Array): Int16Array {
  return sound.map((sample, i) => sample * Math.min(1, i / EDGE_SAMPLES, (sound.length - 1 - i) / EDGE_SAMPLES));
}
