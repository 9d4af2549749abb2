import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { Leg, Line, Traffic } from "../../line/index.ts";
import { until } from "../../line/testing/index.ts";
import { openCardLine } from "../index.ts";
import { FxoChannel, FxsChannel } from "./card-channels.ts";
import { type LineTraits, SimulatedExchange } from "./exchange.ts";
import { type CardTraits, SimulatedCard } from "./simulated-card.ts";
import { SimulatedTelephone } from "./telephone.ts";

export interface SiteOptions {
  /** Lines of the card to the exchange, on channels 1, 2 …; their numbers are 8001, 8002 … */
  readonly lines?: readonly LineTraits[];
  /** Telephones at the card, on channels 11, 12 … */
  readonly extensions?: readonly string[];
  /** Of the telephone at the exchange. */
  readonly outside?: LineTraits;
  readonly card?: CardTraits;
  /** Added to the configuration of each port. */
  readonly port?: Readonly<Record<string, unknown>>;
  readonly onTraffic?: (traffic: Traffic) => void;
}

/** A card at an exchange, with telephones at either. */
export interface Site extends AsyncDisposable {
  readonly line: Line;
  readonly card: SimulatedCard;
  readonly exchange: SimulatedExchange;
  /** At the exchange; its number is 13812345678. */
  readonly outside: SimulatedTelephone;
  /** Those at the card, in the order of the extensions. */
  readonly telephones: readonly SimulatedTelephone[];
}

export const OUTSIDE = "13812345678";

/** The next call that comes in. */
export async function nextCall(line: Line): Promise<Leg> {
  for await (const leg of line.incoming) return leg;
  throw new Error("the line was closed without a call");
}

const owner = (number: string) => ({ number, owner: "示范酒店", purpose: "前台" });

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const { lines = [{}], extensions = [], outside: outsideTraits = {}, port = {}, onTraffic } = options;
  await using building = new AsyncDisposableStack();
  const exchange = building.use(new SimulatedExchange(systemClock));
  const outside = new SimulatedTelephone(exchange.line(OUTSIDE, outsideTraits));
  const fxs = extensions.map(() => new FxsChannel());
  const telephones = fxs.map((channel) => new SimulatedTelephone(channel));
  const channels = Object.fromEntries([
    ...lines.map((traits, at) => [at + 1, new FxoChannel(exchange.line(String(8_001 + at), traits))] as const),
    ...fxs.map((channel, at) => [at + 11, channel] as const),
  ]);
  const card = building.use(await SimulatedCard.open(channels, { clock: systemClock, ...options.card }));
  const config = CardLine.parse({
    kind: "dahdi",
    name: "card",
    helperSocket: card.socketPath,
    ports: [
      ...lines.map((_, at) => ({ type: "fxo", channel: at + 1, line: owner(String(8_001 + at)), ...port })),
      ...extensions.map((extension, at) => ({ type: "fxs", channel: at + 11, extension })),
    ],
  });
  const line = building.use(openCardLine(config, { clock: systemClock, log: silentLog, ...(onTraffic && { onTraffic }) }));
  await until(
    line,
    ({ state, ports = [] }) => state !== "starting" && ports.every((one) => one.state !== "down" || one.fault !== "helper-lost"),
  );
  const owned = building.move();
  return { line, card, exchange, outside, telephones, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
