/** Something that rings until it is stopped. */
export interface Ringer {
  start(): void;
  stop(): void;
}

const ON_S = 1;
const PERIOD_S = 4;

/** Rings like a desk telephone: 450 Hz, as GB/T 3380 has the Chinese tones, with a second tone over it; 1 s in 4 s. Made by the browser, so no file is fetched. */
export function openRinger(volume = 0.15): Ringer {
  let context: AudioContext | undefined;
  return {
    start() {
      if (context) return;
      context = new AudioContext();
      const gain = context.createGain();
      gain.gain.value = 0;
      gain.connect(context.destination);
      for (const frequency of [450, 620]) {
        const tone = context.createOscillator();
        tone.frequency.value = frequency;
        tone.connect(gain);
        tone.start();
      }
      // Two minutes ahead: an offer is withdrawn long before.
      for (let at = context.currentTime; at < context.currentTime + 120; at += PERIOD_S) {
        gain.gain.setTargetAtTime(volume, at, 0.02);
        gain.gain.setTargetAtTime(0, at + ON_S, 0.02);
      }
    },
    stop() {
      void context?.close();
      context = undefined;
    },
  };
}
