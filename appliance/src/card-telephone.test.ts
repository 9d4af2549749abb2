import { CardLine } from "@sitebox/core/contract";
import { openSite } from "@sitebox/drivers/dahdi/testing";
import type { LineState } from "@sitebox/drivers/line";
import { until } from "@sitebox/drivers/line/testing";
import { expect, test } from "vitest";
import { cardTelephone } from "./card-telephone.ts";

const switches = { of: () => ({ doNotDisturb: false, followMe: undefined }) };
/** The first telephone has the number that the exchange knows the card's line by. */
const config = CardLine.parse({
  kind: "dahdi",
  name: "card",
  ports: [
    { type: "fxo", channel: 1, line: { number: "8001", owner: "示范酒店", purpose: "前台" } },
    { type: "fxs", channel: 11, extension: "8001" },
    { type: "fxs", channel: 12, extension: "8106" },
  ],
});
const telephone = (number: string, state: LineState | undefined) => cardTelephone(number, { config, state }, switches);
const registered = (state: LineState | undefined) => ["8001", "8106"].map((number) => telephone(number, state).registered);

test("a telephone at a card is there while its own port is, whatever the card's lines to the outside have", async () => {
  await using site = await openSite({ extensions: ["8001", "8106"] });
  const { line, card } = site;
  const port = (number: number, state: string) => (now: LineState) =>
    now.ports?.some((one) => one.port === number && one.state === state) ?? false;
  expect(registered(undefined)).toEqual([false, false]);
  expect(registered({ name: "card", state: "starting", calls: 0, maxCalls: 0 })).toEqual([false, false]);
  const up = await until(line, (now) => port(11, "idle")(now) && port(12, "idle")(now));
  expect(registered(up)).toEqual([true, true]);
  card.alarm(1, "red");
  const down = await until(line, ({ state }) => state === "down");
  expect(registered(down)).toEqual([true, true]);
  card.remove(12);
  expect(registered(await until(line, port(12, "down")))).toEqual([true, false]);
  expect(telephone("8001", line.state).contacts).toEqual(["card"]);
  expect(telephone("8106", line.state).contacts).toEqual([]);
});
