import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { Line } from "../../line/index.ts";
import { describeTrunk, type TrunkRig } from "../../line/testing/index.ts";
import { openCardLine } from "../index.ts";
import { helperSocket } from "./helper-socket.ts";

/** The kernel takes no ring for one within two seconds of opening a port. */
const DEAF_MS = 2_500;

async function up(line: Line): Promise<Line> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _ = line.onChanged(({ state }) => {
    if (state === "up") resolve();
  });
  if (line.state.state !== "up") await promise;
  return line;
}

/** A telephone's port and an exchange's, looped to each other by the kernel, each with a helper of its own. */
async function openPorts() {
  await using building = new AsyncDisposableStack();
  const deps = { clock: systemClock, log: silentLog };
  const open = (ports: unknown) =>
    up(building.use(openCardLine(CardLine.parse({ kind: "dahdi", name: "card", helperSocket, ports }), deps)));
  const telephone = await open([{ type: "fxs", channel: 3, extension: "8009" }]);
  const line = { number: "62518000", owner: "示范酒店", purpose: "前台" };
  const exchange = await open([{ type: "fxo", channel: 7, line }]);
  await systemClock.sleep(DEAF_MS);
  const owned = building.move();
  return { telephone, exchange, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const press: TrunkRig["press"] = async (leg, digit) => leg.press([digit]);

describeTrunk("a telephone's port rings the exchange's through the kernel", async () => {
  const { telephone, exchange, [Symbol.asyncDispose]: dispose } = await openPorts();
  return {
    caller: telephone,
    called: exchange,
    number: "8009",
    dialled: "62518000",
    nobody: "999",
    press,
    [Symbol.asyncDispose]: dispose,
  };
});
