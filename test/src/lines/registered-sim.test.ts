import type { OutsideLine, TextMessage } from "@sitebox/core/contract";
import { centreOf, scriptedUssdOf } from "@sitebox/drivers/gsm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { BOX, lineIs, lineOver, ModemSite } from "./modem-site.ts";

const IMEI = "860123045550017";

const withSim = (radio: { readonly sim?: "SIM PIN" } = {}) => ({ name: "modem", identity: { number: BOX, imei: IMEI }, radio });

let site: ModemSite;
let desk: ApiClient;
let line: ReturnType<typeof lineOver> & { readonly imei: string };

beforeAll(async () => {
  site = await ModemSite.open({ modems: [withSim()], inFile: false });
  line = { ...lineOver(site.modem), imei: IMEI };
  desk = await site.world.login("box", "admin");
  await desk.post("/api/line-configs", line);
  await lineIs(desk, "up");
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

test("service codes that ask are answered, and orders are refused, told by their code, and never reach the modem", async () => {
  const ussd = scriptedUssdOf(site.modem);
  ussd.answers.set("*100#", { text: "12.30" });
  expect(await desk.post("/api/lines/mobile-1/ussd", { code: "*100#" })).toEqual({ answer: "12.30" });
  for (const code of ["*31#", "#31#", "**21*13812345678#", "##002#", "**04*1234*1111*1111#"])
    await expect(desk.post("/api/lines/mobile-1/ussd", { code })).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('"code":"service-code-orders"'),
    });
  expect(ussd.heard).toEqual(["*100#"]);
  const log = await site.world.log();
  expect(log).toMatch(/"service":"\*\*21".*a service code was refused/);
  expect(log).not.toMatch(/13812345678|\*1111/);
});

test("another SIM in the same modem is not used, over a restart, too, until a person registers it", async () => {
  await site.modem[Symbol.asyncDispose]();
  await lineIs(desk, "down", "unplugged");
  await site.plugIn(withSim());
  await lineIs(desk, "down", "other-sim");
  centreOf(site.network).send("13800138001", BOX, "806空调坏了");
  await site.world.box.stop();
  await site.world.startBox();
  desk = await site.world.login("box", "admin");
  await lineIs(desk, "down", "other-sim");
  expect(await desk.get("/api/texts")).toEqual([]);

  const { iccid } = site.modem.identity;
  await desk.put("/api/line-configs/mobile-1", { ...line, sim: { ...line.sim, iccid } });
  await lineIs(desk, "up");
  await desk.until<TextMessage[]>("/api/texts", (texts) => texts.some(({ text }) => text === "806空调坏了"));
});

test("after a wrong PIN the right one on the desk is not tried, and is taken once a telephone has made it three attempts again", async () => {
  const { iccid } = site.modem.identity;
  await site.modem[Symbol.asyncDispose]();
  await desk.put("/api/line-configs/mobile-1", { ...line, sim: { ...line.sim, owner: "测试酒店二店" }, pin: "9999" });
  const modem = await site.plugIn(withSim({ sim: "SIM PIN" }));
  expect(modem.identity.iccid).not.toBe(iccid);
  await lineIs(desk, "down", "pin-refused");
  await desk.put("/api/line-configs/mobile-1", { ...line, sim: { ...line.sim, owner: "测试酒店二店" }, pin: "1234" });
  await desk.until<OutsideLine[]>("/api/lines", (lines) => lines.some(({ reason }) => reason?.startsWith("only 2") ?? false));
  modem.radio.pinAttempts = 3;
  await lineIs(desk, "up");
});
