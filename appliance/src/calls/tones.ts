import type { Pcm8k } from "../media/index.ts";

const RATE = 8_000;

function tone(hertz: number, ms: number, level = 0.2): Pcm8k {
  return Int16Array.from({ length: (RATE * ms) / 1_000 }, (_, i) =>
    Math.round(Math.sin((2 * Math.PI * hertz * i) / RATE) * level * 32_767),
  );
}

/** Speak after it. */
export const beep: Pcm8k = tone(1_000, 250);

/** Ring-back tone of China: 450 Hz, 1 s on, 4 s off (GB/T 3380). Ends when the reader stops. */
export async function* ringBack(): AsyncGenerator<Pcm8k> {
  const cadence = new Int16Array(5 * RATE);
  cadence.set(tone(450, 1_000, 0.15));
  for (;;) yield cadence;
}
