import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { clockTime } from "../kit/index.ts";

use([LineChart, GridComponent, TooltipComponent, SVGRenderer]);

export interface ChartLook {
  readonly name: string;
  /** The last value, in words. */
  readonly latest: string;
  readonly color: string;
  /** The upper end of the axis; by the values where there is none. */
  readonly top?: number;
  readonly format: (value: number) => string;
  /** Only whole numbers make sense of it. */
  readonly whole?: boolean;
}

export interface Chart {
  show(look: ChartLook, points: readonly (readonly [at: number, value: number | null])[], locale: string): void;
  close(): void;
}

const INK = "#5f707c";
const LINE = "#eef2f4";

/** A line over time in `place`, which it follows in size. */
export function openChart(place: HTMLElement): Chart {
  const chart = init(place, undefined, { renderer: "svg" });
  const follow = new ResizeObserver(() => chart.resize());
  follow.observe(place);
  return {
    show(look, points, locale) {
      chart.setOption({
        animation: false,
        grid: { left: 44, right: 8, top: 14, bottom: 24 },
        tooltip: {
          trigger: "axis",
          valueFormatter: (value: unknown) => (typeof value === "number" ? look.format(value) : "—"),
          textStyle: { color: "#17242d", fontSize: 13 },
          axisPointer: { lineStyle: { color: "#c7d1d7" } },
        },
        xAxis: {
          type: "time",
          axisLine: { lineStyle: { color: "#d3dbe0" } },
          axisTick: { show: false },
          axisLabel: { color: INK, fontSize: 11, hideOverlap: true, formatter: (at: number) => clockTime(at, locale) },
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          min: 0,
          max: look.top ?? null,
          splitNumber: 3,
          minInterval: look.whole ? 1 : 0,
          ...(look.top !== undefined && { interval: look.top / 4 }),
          axisLabel: { color: INK, fontSize: 11, formatter: look.format },
          splitLine: { lineStyle: { color: LINE } },
        },
        series: [
          {
            name: look.name,
            type: "line",
            data: points,
            showSymbol: false,
            sampling: "lttb",
            lineStyle: { width: 1.8, color: look.color },
            itemStyle: { color: look.color },
            areaStyle: { color: look.color, opacity: 0.08 },
          },
        ],
      });
    },
    close() {
      follow.disconnect();
      chart.dispose();
    },
  };
}
