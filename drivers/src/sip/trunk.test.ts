import { silentLog, systemClock } from "@sitebox/core/kernel";
import { afterAll } from "vitest";
import { describeTrunk, type TrunkRig } from "../line/testing/index.ts";
import { openSipEndpoint } from "./index.ts";
import { certificateFiles, plainRtpPorts, testAuthority } from "./testing/index.ts";

const deps = { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock) };
const listen = { host: "127.0.0.1", port: 0 };
const authority = await testAuthority();
const files = await certificateFiles(await authority.issue({ names: [{ type: "ip", value: listen.host }] }), authority);
afterAll(() => files[Symbol.asyncDispose]());

async function rig(transport: "udp" | "tcp" | "tls"): Promise<TrunkRig> {
  const tls = { port: 0, ...files };
  const caller = await openSipEndpoint({ listen, tls }, deps);
  const called = await openSipEndpoint({ listen, tls }, deps);
  const { udpPort, tcpPort, tlsPort } = called.address;
  const place = { udp: `${udpPort}`, tcp: `${tcpPort};transport=tcp`, tls: `${tlsPort};transport=tls` }[transport];
  return {
    caller,
    called,
    number: `sip:8000@${listen.host}:${place}`,
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
describeTrunk("sip over TLS", () => rig("tls"));
