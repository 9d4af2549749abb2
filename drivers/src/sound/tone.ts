/** How strong `frequency` is in the sound: the amplitude of that sine in sample units, 0 to 32767 (Goertzel's algorithm). */
export function goertzel(samples: Int16Array, frequency: number, sampleRate = 8_000): number {
  if (samples.length === 0) return 0;
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / sampleRate);
  let before = 0;
  let last = 0;
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  const power = last * last + before * before - coefficient * last * before;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** A sine of `durationMs`, 8 kHz unless told. */
export function tone(frequency: number, durationMs: number, amplitude = 8_000, sampleRate = 8_000): Int16Array {
  const length = Math.round((durationMs * sampleRate) / 1_000);
  return Int16Array.from({ length }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * frequency * i) / sampleRate)));
}
