import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { describe } from "vitest";
import type { Line } from "../line/index.ts";
import { describeTrunk, type TrunkRig, until } from "../line/testing/index.ts";
import { openCardLine } from "./card-line.ts";
import { type CardTraits, FxoChannel, type LineTraits, SimulatedCard, SimulatedExchange } from "./testing/index.ts";

const owner = (number: string) => ({ number, owner: "示范酒店", purpose: "前台" });

/** Resolves when the line is up. */
async function up(line: Line): Promise<Line> {
  await until(line, ({ state }) => state === "up");
  return line;
}

/** Two cards at one exchange, each with a line of its own. */
async function openRig(traits: LineTraits, cardTraits: CardTraits = {}): Promise<TrunkRig> {
  await using building = new AsyncDisposableStack();
  const exchange = building.use(new SimulatedExchange(systemClock));
  const open = async (number: string) => {
    const channel = new FxoChannel(exchange.line(number, traits));
    const card = building.use(await SimulatedCard.open({ 1: channel }, { clock: systemClock, ...cardTraits }));
    const config = CardLine.parse({
      kind: "dahdi",
      name: `card-${number}`,
      helperSocket: card.socketPath,
      ports: [{ type: "fxo", channel: 1, line: owner(number) }],
    });
    return up(building.use(openCardLine(config, { clock: systemClock, log: silentLog })));
  };
  const [caller, called] = await Promise.all([open("8009"), open("8001")]);
  const owned = building.move();
  return {
    caller,
    called,
    number: "8001",
    nobody: "999",
    press: async (leg, digit) => leg.press([digit]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

// Calls take their time on analogue lines, and nothing but time.
describe.concurrent("hang-up and answer by tones and silence", () => {
  describeTrunk("dahdi over a simulated card", () => openRig({}));
});
describe.concurrent("hang-up and answer by polarity, in pieces and bursts", () => {
  describeTrunk("dahdi over a simulated card", () =>
    openRig({ polarity: true, callerId: "dtmf-before" }, { chunks: "bytes", burst: 3 }),
  );
});
