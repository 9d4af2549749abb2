import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Call, OutsideLine, SelfCall } from "@sitebox/core/contract";
import { openScriptedModem, type ScriptedModem, ScriptedNetwork } from "@sitebox/drivers/gsm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { World } from "../world.ts";

/** The numbers of the box's two SIMs. */
const NUMBERS = { "mobile-1": "13900000001", "mobile-2": "13900000002" } as const;

let folder: string;
let modems: ScriptedModem[];
let world: World;
let desk: ApiClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-self-call-"));
  const network = new ScriptedNetwork();
  const open = (number: string) =>
    openScriptedModem({ folder, network, identity: { number, imei: `8601230400${number.slice(-5)}` } });
  modems = [await open(NUMBERS["mobile-1"]), await open(NUMBERS["mobile-2"])];
  world = await World.open({
    headquarters: false,
    configure: (box) => ({
      ...box,
      lines: {
        list: modems.map(({ atPath, audioPath }, i) => ({
          kind: "gsm" as const,
          name: `mobile-${i + 1}`,
          sim: { number: Object.values(NUMBERS)[i] ?? "", owner: "测试酒店", purpose: "前台电话" },
          atPort: atPath,
          audioPort: audioPath,
          balanceHours: 0,
        })),
      },
    }),
  });
  await world.startBox();
  desk = await world.login("box", "admin");
  await desk.until<OutsideLine[]>("/api/lines", (lines) => lines.filter(({ state }) => state === "up").length === 2);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  for (const modem of modems) await modem[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
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
