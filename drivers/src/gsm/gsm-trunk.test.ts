import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GsmLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { Line } from "../line/index.ts";
import { describeTrunk, type TrunkRig, until } from "../line/testing/index.ts";
import { openGsmLine } from "./index.ts";
import {
  type CallMisbehaviour,
  callsOf,
  type Misbehaviour,
  openScriptedModem,
  type ScriptedModem,
  type ScriptedModemOptions,
  ScriptedNetwork,
} from "./testing/index.ts";

interface Ways {
  readonly profile: NonNullable<ScriptedModemOptions["profile"]>;
  readonly misbehaviour?: Misbehaviour;
  readonly calls?: CallMisbehaviour;
}

async function lineOver(modem: ScriptedModem, name: string): Promise<Line> {
  const config = GsmLine.parse({
    kind: "gsm",
    name,
    sim: { number: modem.identity.number, owner: "A hotel", purpose: "reception" },
    atPort: modem.atPath,
    audioPort: modem.audioPath,
  });
  const line = await openGsmLine(config, { clock: systemClock, log: silentLog });
  await until(line, ({ state }) => state === "up");
  return line;
}

/** Two lines over scripted modems of one network. A line shows its own SIM's number, so that is what the called end knows. */
async function rig({ profile, misbehaviour, calls }: Ways): Promise<TrunkRig> {
  const owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sitebox-gsm-trunk-"));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const network = new ScriptedNetwork();
  const line = async (number: string, name: string): Promise<Line> => {
    const options = { folder, network, profile, identity: { number }, ...(misbehaviour && { misbehaviour }) };
    const modem = owned.use(await openScriptedModem(options));
    const scripted = callsOf(modem);
    if (scripted && calls) scripted.misbehaviour = calls;
    return owned.use(await lineOver(modem, name));
  };
  const [caller, called] = await Promise.all([line("8009", "near"), line("13900000002", "far")]);
  return {
    caller,
    called,
    number: "13900000002",
    nobody: "13900000003",
    press: async (leg, digit) => leg.press([digit]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** All ways at once in which a modem's words come wrong, in the midst of each other, or late. */
const misbehaving: Pick<Ways, "misbehaviour" | "calls"> = {
  misbehaviour: {
    splitLines: true,
    garbage: 0.2,
    late: 0.1,
    lateMs: 60,
    echoStays: true,
    interrupts: { chance: 0.2, lines: ["+CSQ: 21,99", "+CREG: 1", "NO CARRIER", '+CMTI: "ME",99'] },
  },
  calls: { lostCodes: 0.2, sound: { burstMs: 100, oddSplits: true } },
};

for (const profile of ["quectel-ec2x", "simcom-sim7600", "huawei-e"] as const) {
  describeTrunk(`gsm over scripted modems: ${profile}`, () => rig({ profile }));
  describeTrunk(`gsm over scripted modems: ${profile} that misbehaves`, () => rig({ profile, ...misbehaving }));
}
