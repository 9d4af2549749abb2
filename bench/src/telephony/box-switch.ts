import { childrenOf, World } from "@sitebox/test";
import type { Switch } from "./sipp-load.ts";

const PASSWORD = "secret-of-load";

/** The whole box as a process of its own, recording every call. */
export async function boxSwitch(): Promise<Switch> {
  const world = await World.open({
    headquarters: false,
    configure: (box) => ({
      ...box,
      logLevel: "warn",
      sip: {
        ...box.sip,
        maxCalls: 1_000,
        extensions: ["8001", "8002"].map((number) => ({ number, password: PASSWORD })),
        guard: { requestsPerSecond: 100_000 },
      },
    }),
  });
  const { pid, ready } = await world.startBox();
  return {
    name: "Sitebox",
    address: ready.sip ?? "",
    password: PASSWORD,
    processes: async () => ({ "signalling, records and pages": [pid], media: await childrenOf(pid, "rtp-worker") }),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}
