import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { Leg } from "../index.ts";
import { describeTrunk } from "../testing/index.ts";
import { openLoopback } from "./loopback.ts";

describeTrunk("loopback", async () => {
  const trunk = openLoopback({ number: "8001" }, { clock: systemClock, log: silentLog });
  return {
    caller: trunk,
    called: trunk,
    number: "8001",
    nobody: "8002",
    press: async (leg: Leg, digit) => leg.press([digit]),
    [Symbol.asyncDispose]: () => trunk[Symbol.asyncDispose](),
  };
});
