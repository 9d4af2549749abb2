import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LineFault, OutsideLine, TextMessage } from "@sitebox/core/contract";
import { centreOf, openScriptedModem, type ScriptedModem, ScriptedNetwork, scriptedUssdOf } from "@sitebox/drivers/gsm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { World } from "../world.ts";

const BOX = "13900000001";
const IMEI = "860123045550017";
const sim = { number: BOX, owner: "测试酒店", purpose: "前台电话" };

let folder: string;
let network: ScriptedNetwork;
let modem: ScriptedModem;
let world: World;
let desk: ApiClient;
let line: Record<string, unknown>;

/** The same modem at the same port, with another SIM in it. */
const plugIn = (radio: { readonly sim?: "SIM PIN" } = {}) =>
  openScriptedModem({ folder, network, name: "modem", identity: { number: BOX, imei: IMEI }, radio });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-sim-"));
  network = new ScriptedNetwork();
  modem = await plugIn();
  line = { kind: "gsm", name: "mobile-1", sim, imei: IMEI, atPort: modem.atPath, audioPort: modem.audioPath, balanceHours: 0 };
  world = await World.open({ headquarters: false });
  await world.startBox();
  desk = await world.login("box", "admin");
  await desk.post("/api/line-configs", line);
  await lineIs("up");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await modem[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const lineIs = (state: OutsideLine["state"], fault?: LineFault) =>
  desk.until<OutsideLine[]>("/api/lines", (lines) =>
    lines.some((one) => one.name === "mobile-1" && one.state === state && one.fault === fault),
  );

test("service codes that ask are answered, and orders are refused, told by their code, and never reach the modem", async () => {
  const ussd = scriptedUssdOf(modem);
  ussd.answers.set("*100#", { text: "12.30" });
  expect(await desk.post("/api/lines/mobile-1/ussd", { code: "*100#" })).toEqual({ answer: "12.30" });
  for (const code of ["*31#", "#31#", "**21*13812345678#", "##002#", "**04*1234*1111*1111#"])
    await expect(desk.post("/api/lines/mobile-1/ussd", { code })).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('"code":"service-code-orders"'),
    });
  expect(ussd.heard).toEqual(["*100#"]);
  const log = await world.log();
  expect(log).toMatch(/"service":"\*\*21".*a service code was refused/);
  expect(log).not.toMatch(/13812345678|\*1111/);
});

test("another SIM in the same modem is not used, over a restart, too, until a person registers it", async () => {
  await modem[Symbol.asyncDispose]();
  await lineIs("down", "unplugged");
  modem = await plugIn();
  await lineIs("down", "other-sim");
  centreOf(network).send("13800138001", BOX, "806空调坏了");
  await world.box.stop();
  await world.startBox();
  desk = await world.login("box", "admin");
  await lineIs("down", "other-sim");
  expect(await desk.get("/api/texts")).toEqual([]);

  const { iccid } = modem.identity;
  await desk.put("/api/line-configs/mobile-1", { ...line, sim: { ...sim, iccid } });
  await lineIs("up");
  await desk.until<TextMessage[]>("/api/texts", (texts) => texts.some(({ text }) => text === "806空调坏了"));
});

test("after a wrong PIN the right one on the desk is not tried, and is taken once a telephone has made it three attempts again", async () => {
  const { iccid } = modem.identity;
  await modem[Symbol.asyncDispose]();
  await desk.put("/api/line-configs/mobile-1", { ...line, sim: { ...sim, owner: "测试酒店二店" }, pin: "9999" });
  modem = await plugIn({ sim: "SIM PIN" });
  expect(modem.identity.iccid).not.toBe(iccid);
  await lineIs("down", "pin-refused");
  await desk.put("/api/line-configs/mobile-1", { ...line, sim: { ...sim, owner: "测试酒店二店" }, pin: "1234" });
  await desk.until<OutsideLine[]>("/api/lines", (lines) => lines.some(({ reason }) => reason?.startsWith("only 2") ?? false));
  modem.radio.pinAttempts = 3;
  await lineIs("up");
});
