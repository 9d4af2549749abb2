import type { Call, ExtensionState } from "@sitebox/core/contract";
import { systemClock } from "@sitebox/core/kernel";
import { FxsChannel, SimulatedCard, SimulatedTelephone } from "@sitebox/drivers/dahdi/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { World } from "../world.ts";

const sockets = { 1: new FxsChannel(), 2: new FxsChannel() };
const [reception, kitchen] = [new SimulatedTelephone(sockets[1]), new SimulatedTelephone(sockets[2])];
let card: SimulatedCard;
let world: World;
let desk: ApiClient;

beforeAll(async () => {
  card = await SimulatedCard.open(sockets, { clock: systemClock });
  world = await World.open({ headquarters: false });
  await world.startBox();
  desk = await world.login("box", "admin");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await card[Symbol.asyncDispose]();
});

const line = (...extensions: string[]) => ({
  kind: "dahdi",
  name: "card",
  helperSocket: card.socketPath,
  ports: extensions.map((extension, i) => ({ type: "fxs", channel: i + 1, extension })),
});

test("telephones of a card that is added on the desk ring each other without a restart of the box", async () => {
  await desk.post("/api/line-configs", line("6001", "6002"));
  await desk.until<ExtensionState[]>("/api/extensions", (extensions) =>
    ["6001", "6002"].every((number) => extensions.some((one) => one.number === number && one.registered)),
  );
  reception.liftUp();
  reception.press("6002#");
  await kitchen.ringing();
  kitchen.liftUp();
  const talking = (call: Call) => call.callerNumber === "6001" && call.state === "extension";
  const calls = await desk.until<Call[]>("/api/calls", (all) => all.some(talking));
  expect(calls.find(talking)).toMatchObject({ dialled: "6002" });
  kitchen.hangUp();
  reception.hangUp();
  await desk.until<Call[]>("/api/calls", (all) => !all.some(talking));
});

test("a telephone is not given a number that the box has already", async () => {
  const [first] = (await desk.get("/api/extensions")) as ExtensionState[];
  for (const taken of [first?.number ?? "", "6001"]) {
    const other = { kind: "dahdi", name: "other", ports: [{ type: "fxs", channel: 9, extension: taken }] };
    await expect(desk.post("/api/line-configs", other)).rejects.toThrow(`${taken} is another telephone's extension`);
  }
});
