import { describeLine, type LineRig, type LineRigDeps } from "../line/testing/index.ts";
import { openDinstarRig, openGoipRig, openYeastarRig, type Rig } from "./rig.testing.ts";
import { type SimulatedPort, simulatedPort } from "./testing/index.ts";

/** The gateway loses the network and finds it again: of all that can go, it tells that soonest. Calls are SIP's, and end with SIP. */
function over(
  open: (options: { readonly ports: readonly SimulatedPort[]; readonly deps: LineRigDeps }) => Promise<Rig<unknown>>,
) {
  return async (device: "there" | "gone", deps: LineRigDeps): Promise<LineRig> => {
    const port = simulatedPort(1, { state: device === "there" ? "registered" : "searching" });
    const rig = await open({ ports: [port], deps });
    const { line, sip } = rig;
    return {
      line,
      deviceGoes: async () => {
        port.state = "searching";
      },
      deviceReturns: async () => {
        port.state = "registered";
      },
      unanswered: "13800138000",
      async call(options) {
        const dialling = line.dial("13800138000", { ...options, signal: AbortSignal.timeout(10_000) });
        for await (const leg of sip.incoming) {
          await leg.answer();
          break;
        }
        const outcome = await dialling;
        if (outcome.type !== "answered") throw new Error(`not answered but ${outcome.type}`);
        return outcome.leg;
      },
      [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
    };
  };
}

const claims = { callsEndWithDevice: false };

describeLine("a Dinstar gateway's line", over(openDinstarRig), claims);
describeLine("a Yeastar gateway's line", over(openYeastarRig), claims);
describeLine("a GoIP's line", over(openGoipRig), claims);
