import type { Trunk } from "../line/index.ts";
import { describeTrunk, type TrunkRig } from "../line/testing/index.ts";
import { openDinstarRig, openGoipRig, openYeastarRig, type Rig, upWithPorts } from "./rig.testing.ts";
import { simulatedPort } from "./testing/index.ts";

/** The number of its only SIM, which is also the caller's number that the behaviour asks for. */
const ports = [simulatedPort(1, { number: "8009" })];

/** The gateway's far end answers. */
async function outgoing(rig: Rig<unknown>): Promise<TrunkRig> {
  await upWithPorts(rig.line);
  return {
    caller: rig.line,
    called: rig.sip,
    number: "13800138000",
    nobody: "7777",
    press: async (leg, digit) => leg.press([digit]),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

/** The gateway's far end calls, and the box answers. */
async function incoming(rig: Rig<unknown>): Promise<TrunkRig> {
  await upWithPorts(rig.line);
  const { line, box, sip } = rig;
  const called: Trunk = {
    incoming: box.incoming,
    dial: (number, options) => line.dial(number, options),
    async [Symbol.asyncDispose]() {
      await line[Symbol.asyncDispose]();
      await box[Symbol.asyncDispose]();
    },
  };
  const at = `127.0.0.1:${box.address.udpPort}`;
  return {
    caller: sip,
    called,
    number: `sip:8000@${at}`,
    dialled: "8000",
    nobody: `sip:7777@${at}`,
    press: async (leg, digit) => leg.press([digit]),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

describeTrunk("a Dinstar gateway dials", async () => outgoing(await openDinstarRig({ ports })));
describeTrunk("a Dinstar gateway is called", async () => incoming(await openDinstarRig({ ports })));
describeTrunk("a Yeastar gateway dials", async () => outgoing(await openYeastarRig({ ports })));
describeTrunk("a Yeastar gateway is called", async () => incoming(await openYeastarRig({ ports })));
describeTrunk("a GoIP dials", async () => outgoing(await openGoipRig({ ports })));
describeTrunk("a GoIP is called", async () => incoming(await openGoipRig({ ports })));
