import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GsmLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { describeLine, type LineRig, type LineRigDeps } from "../line/testing/index.ts";
import { type GsmTimes, openGsmLine } from "./index.ts";
import { openScriptedModem, ScriptedNetwork, ScriptedPhone } from "./testing/index.ts";

const times: Partial<GsmTimes> = {
  ...{ commandMs: 400, promptMs: 400, pingMs: 200, probeMs: 150, simWaitMs: 300, searchMs: 30, pollMs: 40, lookAgainMs: 100 },
  ...{ backoff: { firstMs: 10, maxMs: 50 }, healthyAfterMs: 500 },
};

async function open(device: "there" | "gone", { onTraffic }: LineRigDeps): Promise<LineRig> {
  await using building = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sitebox-gsm-line-"));
  building.defer(() => rm(folder, { recursive: true, force: true }));
  const network = new ScriptedNetwork();
  const modem = building.use(await openScriptedModem({ folder, network }));
  const phone = building.use(new ScriptedPhone({ network, number: "13800138000", clock: systemClock, answers: true }));
  const silent = building.use(new ScriptedPhone({ network, number: "13800138001", clock: systemClock }));
  const config = GsmLine.parse({
    kind: "gsm",
    name: "mobile-1",
    sim: { number: modem.identity.number, owner: "A hotel", purpose: "reception" },
    atPort: modem.atPath,
    audioPort: modem.audioPath,
  });
  if (device === "gone") await modem.unplug();
  const line = building.use(await openGsmLine(config, { clock: systemClock, log: silentLog, times, onTraffic }));
  const owned = building.move();
  return {
    line,
    unanswered: silent.number,
    deviceGoes: () => modem.unplug(),
    deviceReturns: () => modem.plug(),
    async call(options) {
      const outcome = await line.dial(phone.number, { ...options, signal: AbortSignal.timeout(10_000) });
      if (outcome.type !== "answered") throw new Error(`not answered but ${outcome.type}`);
      return outcome.leg;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

// A modem has one call at a time.
describeLine("a line over a scripted modem", open, { takesHelpWhenFull: false });
