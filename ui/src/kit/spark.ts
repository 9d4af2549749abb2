export interface PlotPoint {
  readonly x: number;
  readonly y: number;
}

/**
 * The `d` of an SVG path through `points`, scaled to `width` × `height` with y upwards.
 * `top` is the value at the upper edge; without it the largest value is.
 */
export function linePath(points: readonly PlotPoint[], size: { width: number; height: number; top?: number }): string {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return "";
  const top = size.top ?? Math.max(1e-9, ...points.map(({ y }) => y));
  const span = Math.max(1e-9, last.x - first.x);
  const place = ({ x, y }: PlotPoint) => {
    const left = ((x - first.x) / span) * size.width;
    const down = size.height - (Math.min(Math.max(y, 0), top) / top) * size.height;
    return `${left.toFixed(1)} ${down.toFixed(1)}`;
  };
  return `M${points.map(place).join("L")}`;
}
