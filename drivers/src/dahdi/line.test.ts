import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { describe } from "vitest";
import { describeLine, type LineRig, type LineRigDeps, until } from "../line/testing/index.ts";
import { openCardLine } from "./index.ts";
import { FxoChannel, OUTSIDE, SimulatedCard, SimulatedExchange, SimulatedTelephone } from "./testing/index.ts";

async function open(device: "there" | "gone", { onTraffic }: LineRigDeps): Promise<LineRig> {
  await using building = new AsyncDisposableStack();
  const exchange = building.use(new SimulatedExchange(systemClock));
  const outside = new SimulatedTelephone(exchange.line(OUTSIDE));
  const channel = new FxoChannel(exchange.line("8001", { polarity: true }));
  const card = building.use(await SimulatedCard.open({ 1: channel }, { clock: systemClock }));
  if (device === "gone") card.remove(1);
  const owner = { number: "8001", owner: "示范酒店", purpose: "前台" };
  const config = CardLine.parse({
    kind: "dahdi",
    name: "card",
    helperSocket: card.socketPath,
    ports: [{ type: "fxo", channel: 1, line: owner }],
  });
  const line = building.use(openCardLine(config, { clock: systemClock, log: silentLog, onTraffic }));
  const owned = building.move();
  return {
    line,
    unanswered: OUTSIDE,
    deviceGoes: async () => card.remove(1),
    deviceReturns: async () => card.putBack(1),
    async call(options) {
      // The last call's line may still be giving its tones, and the port rest on hook.
      outside.hangUp();
      await until(line, ({ ports = [] }) => ports.some(({ state }) => state === "idle"));
      const dialling = line.dial(OUTSIDE, { ...options, signal: AbortSignal.timeout(18_000) });
      await outside.ringing();
      outside.liftUp();
      const outcome = await dialling;
      if (outcome.type !== "answered") throw new Error(`not answered but ${outcome.type}`);
      return outcome.leg;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe.concurrent("a telephony card", () => {
  // Its port is a pair of wires, which carries one call.
  describeLine("a line over a simulated card", open, { takesHelpWhenFull: false });
});
