import type { MetricSample } from "@sitebox/core/contract";

const GB = 1024 ** 3;

/** The same numbers for the same seed: screens look alike each time. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** `count` samples up to `nowAt`, 15 s apart, of a box whose load goes by `seed`. */
export function recordedMetrics(nowAt: number, count: number, seed = 7): MetricSample[] {
  const random = randomOf(seed);
  const base = 14 + random() * 16;
  const memory = 0.36 + random() * 0.2;
  return Array.from({ length: count }, (_, index) => {
    const wave = Math.sin(index / 23 + seed) * 6 + Math.sin(index / 7) * 3;
    const burst = random() > 0.95 ? 24 : 0;
    const cpuPercent = Math.max(3, base + wave + burst + random() * 5);
    return {
      at: nowAt - (count - 1 - index) * 15_000,
      cpuPercent,
      memoryUsedBytes: 8 * GB * (memory + Math.sin(index / 60) * 0.02),
      memoryTotalBytes: 8 * GB,
      diskUsedPercent: 31.2 + index * 0.002,
      temperatureC: 46 + wave / 2 + random() * 2,
      loadPerCore: cpuPercent / 90,
      uptimeSeconds: 864_000 + index * 15,
      activeCalls: Math.max(0, Math.round(wave / 4 + random() * 2)),
      outboxLength:
        index > count * 0.55 && index < count * 0.7 ? Math.round((index - count * 0.55) * 3) : Math.round(random() * 2),
      outboxOldestSeconds: 0,
    };
  });
}
