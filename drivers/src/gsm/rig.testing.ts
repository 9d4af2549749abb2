import { GsmLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { z } from "zod";
import type { Line, LineState } from "../line/index.ts";
import { until } from "../line/testing/index.ts";
import { type GsmDeps, type GsmTimes, openGsmLine } from "./index.ts";
import type { ScriptedModem } from "./testing/index.ts";

/** A modem on a pseudo-terminal is that much quicker than one of metal. */
const quick: Partial<GsmTimes> = {
  ...{ commandMs: 400, promptMs: 400, pingMs: 200, probeMs: 150, simWaitMs: 300, searchMs: 30, pollMs: 40, lookAgainMs: 100 },
  ...{ backoff: { firstMs: 10, maxMs: 50 }, healthyAfterMs: 500 },
};

export const lineOf = (modem: ScriptedModem, more: Partial<z.input<typeof GsmLine>> = {}) =>
  GsmLine.parse({
    kind: "gsm",
    name: "mobile-1",
    sim: { number: modem.identity.number, owner: "A hotel", purpose: "reception" },
    ...more,
  });

export const stated = (modem: ScriptedModem, more: Partial<z.input<typeof GsmLine>> = {}) =>
  lineOf(modem, { atPort: modem.atPath, audioPort: modem.audioPath, ...more });

export const open = (config: GsmLine, deps: Partial<GsmDeps> = {}) =>
  openGsmLine(config, { clock: systemClock, log: silentLog, times: quick, ...deps });

export const up = (line: Line) => until(line, ({ state }) => state === "up");
export const down = (line: Line, fault: LineState["fault"]) =>
  until(line, (state) => state.state === "down" && state.fault === fault);
