import { silentLog, systemClock } from "@sitebox/core/kernel";
import { describeTrunk, type TrunkRig } from "../line/testing/index.ts";
import { openSipEndpoint } from "./index.ts";
import { plainRtpPorts } from "./testing/index.ts";

const deps = { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock) };
const listen = { host: "127.0.0.1", port: 0 };

async function rig(transport: "udp" | "tcp"): Promise<TrunkRig> {
  const caller = await openSipEndpoint({ listen }, deps);
  const called = await openSipEndpoint({ listen }, deps);
  const { udpPort, tcpPort } = called.address;
  const place = transport === "udp" ? `127.0.0.1:${udpPort}` : `127.0.0.1:${tcpPort};transport=tcp`;
  return {
    caller,
    called,
    number: `sip:8000@${place}`,
    dialled: "8000",
    nobody: "7777",
    press: async (leg, digit) => leg.press([digit]),
    async [Symbol.asyncDispose]() {
      await Promise.all([caller[Symbol.asyncDispose](), called[Symbol.asyncDispose]()]);
    },
  };
}

describeTrunk("sip over UDP", () => rig("udp"));
describeTrunk("sip over TCP", () => rig("tcp"));
