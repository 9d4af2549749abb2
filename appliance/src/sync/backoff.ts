export interface ReconnectLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The wait before the next attempt: random between the first wait and three times the last one ("decorrelated jitter"),
 * so that thousands of boxes that lost headquarters at once do not come back at once.
 */
export function nextWaitMs(lastMs: number, { firstMs, maxMs }: ReconnectLimits, random = Math.random()): number {
  const ceiling = Math.max(firstMs, Math.min(maxMs, lastMs * 3));
  return firstMs + random * (ceiling - firstMs);
}
