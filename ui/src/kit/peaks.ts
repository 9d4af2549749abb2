/** The loudest sample (0 to 1) of each of `count` equal parts: what a waveform draws. */
export function peaksOf(samples: Float32Array, count: number): number[] {
  const size = Math.max(1, Math.floor(samples.length / count));
  return Array.from({ length: Math.min(count, Math.ceil(samples.length / size)) }, (_, part) => {
    let peak = 0;
    const end = Math.min(samples.length, (part + 1) * size);
    for (let index = part * size; index < end; index++) peak = Math.max(peak, Math.abs(samples[index] ?? 0));
    return Math.min(1, peak);
  });
}

/** The `d` of an SVG path with one upright stroke a peak, 3 units apart, around the middle of `height`. */
export function barsPath(peaks: readonly number[], height: number): string {
  const middle = height / 2;
  return peaks
    .map((peak, index) => {
      const half = Math.max(0.75, peak * (middle - 1));
      return `M${index * 3 + 1.5} ${(middle - half).toFixed(1)}v${(half * 2).toFixed(1)}`;
    })
    .join("");
}
