import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { Line } from "../../line/index.ts";
import { describeTrunk, type TrunkRig, until } from "../../line/testing/index.ts";
import { openUnixStream } from "../../streams/index.ts";
import { openCardLine } from "../index.ts";
import { HelperLink } from "../link/index.ts";
import { describeHelper, SimulatedExchange } from "../testing/index.ts";
import { ExchangeWire } from "./exchange-wire.ts";
import { helperSocket } from "./helper-socket.ts";

/** The kernel takes no ring for one within two seconds of opening a port. */
const DEAF_MS = 2_500;

const deps = { clock: systemClock, log: silentLog };

async function up(line: Line): Promise<Line> {
  await until(line, ({ state }) => state === "up");
  return line;
}

/** A line with one port and a helper of its own. */
const openPort = (port: unknown) =>
  up(openCardLine(CardLine.parse({ kind: "dahdi", name: "card", helperSocket, ports: [port] }), deps));

const exchangePort = (channel: number, number: string) => ({
  type: "fxo",
  channel,
  line: { number, owner: "示范酒店", purpose: "前台" },
});

const press: TrunkRig["press"] = async (leg, digit) => leg.press([digit]);

const connect = () => openUnixStream(helperSocket, { clock: systemClock, signal: new AbortController().signal });

describeHelper("a helper beside the kernel", async () => ({ connect, [Symbol.asyncDispose]: async () => {} }));

/** A telephone's port and an exchange's, looped to each other by the kernel. */
describeTrunk("a telephone's port rings an exchange's through the kernel", async () => {
  await using building = new AsyncDisposableStack();
  const caller = building.use(await openPort({ type: "fxs", channel: 3, extension: "8009" }));
  const called = building.use(await openPort(exchangePort(7, "62518000")));
  await systemClock.sleep(DEAF_MS);
  const owned = building.move();
  return {
    caller,
    called,
    number: "8009",
    dialled: "62518000",
    nobody: "999",
    press,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
});

/** Two ports of the driver, each at a line of a simulated exchange that is joined to the other end of the kernel's loop. */
describeTrunk("two ports at an exchange through the kernel", async () => {
  await using building = new AsyncDisposableStack();
  const exchange = building.use(new SimulatedExchange(systemClock));
  const link = building.use(await HelperLink.open(await connect(), deps));
  const open = async (channel: number, farChannel: number, number: string) => {
    building.use(await ExchangeWire.open(link, farChannel, exchange.line(number)));
    return building.use(await openPort(exchangePort(channel, number)));
  };
  const caller = await open(8, 4, "8009");
  // Short, for the suite gives a call ten seconds, of which an answer that nothing tells but the end of ring-back takes eight.
  const called = await open(7, 3, "801");
  await systemClock.sleep(DEAF_MS);
  const owned = building.move();
  return { caller, called, number: "801", nobody: "999", press, [Symbol.asyncDispose]: () => owned.disposeAsync() };
});
