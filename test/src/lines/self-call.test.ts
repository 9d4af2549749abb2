import type { Call, OutsideLine, SelfCall } from "@sitebox/core/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { lineIs, ModemSite } from "./modem-site.ts";

/** The numbers of the box's two SIMs. */
const NUMBERS = { "mobile-1": "13900000001", "mobile-2": "13900000002" } as const;

let site: ModemSite;
let desk: ApiClient;

beforeAll(async () => {
  const modems = Object.values(NUMBERS).map((number) => ({ identity: { number, imei: `8601230400${number.slice(-5)}` } }));
  site = await ModemSite.open({ modems });
  desk = await site.world.login("box", "admin");
  for (const name of Object.keys(NUMBERS)) await lineIs(desk, "up", undefined, name);
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

test("one modem of the box calls the other, both hear the tone through their audio ports, and the assistant greets nobody", async () => {
  const calls = (await desk.post("/api/lines/mobile-1/self-call", {})) as SelfCall[];
  expect(calls).toMatchObject([
    {
      ...{ number: NUMBERS["mobile-1"], by: "mobile-2", result: "good" },
      ...{ toLine: { heard: true, level: -12 }, fromLine: { heard: true, level: -12 } },
    },
  ]);
  const lines = (await desk.get("/api/lines")) as OutsideLine[];
  expect(lines.find(({ name }) => name === "mobile-1")?.selfCalls).toEqual(calls);
  // It counts as a call of the line that dialled.
  expect(lines.find(({ name }) => name === "mobile-2")?.left?.callsThisHour).toBe(59);
  expect((await desk.get("/api/calls")) as Call[]).toEqual([]);
  expect(lines.map((line) => line.calls)).toEqual([0, 0]);
});
