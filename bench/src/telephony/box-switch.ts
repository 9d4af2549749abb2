import { childrenOf, World } from "@sitebox/test";
import { LINE, type Switch } from "./sipp-load.ts";

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
        // Calls among extensions are not recorded: nobody is told. Those of a line are, after the notice.
        trunks: [{ name: "load", host: LINE, maxCalls: 1_000 }],
        extensions: ["8001", "8002"].map((number) => ({ number, password: PASSWORD })),
        guard: { requestsPerSecond: 100_000, trusted: ["127.0.0.0/8"] },
      },
      calls: { incoming: [{ lines: ["load"], to: { type: "number", number: "8002" } }] },
    }),
  });
  const { pid, ready } = await world.startBox();
  return {
    name: "Sitebox",
    recorded: "line",
    noticeMs: 15_000,
    address: ready.sip ?? "",
    password: PASSWORD,
    processes: async () => ({ "signalling, records and pages": [pid], media: await childrenOf(pid, "rtp-worker") }),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}
