import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linesApi } from "@sitebox/core/contract";
import { centreOf, openScriptedModem, type ScriptedModem, ScriptedNetwork, ScriptedUsb } from "@sitebox/drivers/gsm/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Browser, logIn } from "../peers/index.ts";
import { World } from "../world.ts";

const SIM = "13900000003";
const GUEST = "13800138021";
const IMEI = "860123040000035";
const ICCID = "89860012345678901235";

let folder: string;
let network: ScriptedNetwork;
let bus: ScriptedUsb;
let modem: ScriptedModem | undefined;
let world: World;
let browser: Browser;
let page: Page;
/** The page hears no IMEI before. */
const mayTell = Promise.withResolvers<void>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-found-modem-"));
  network = new ScriptedNetwork();
  bus = await ScriptedUsb.open(folder);
  const { sysDir, devDir } = bus;
  world = await World.open({
    headquarters: false,
    configure: (box) => ({ ...box, lines: { ...box.lines, usb: { sysDir, devDir } } }),
  });
  await world.startBox();
  const password = await world.password("box", "admin");
  browser = await Browser.open();
  page = await browser.page(`${world.box.ready.url}/desk/`);
  await page.routeWebSocket(/./, (socket) => {
    const box = socket.connectToServer();
    box.onMessage(async (message) => {
      if (String(message).includes(IMEI)) await mayTell.promise;
      socket.send(message);
    });
  });
  await page.reload();
  await logIn(page, "admin", password);
});

afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await modem?.[Symbol.asyncDispose]();
  await bus[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const found = () => page.getByTestId("found-device");
const field = (at: string) => found().locator(`[data-at="${at}"]`);
const card = () => page.locator('[data-testid=line-card][data-name="gsm-1"]');

test("a modem that is plugged in while the box runs is announced on whatever page is open, and asked for its number", async () => {
  await page.getByTestId("ticket-new").waitFor();
  expect(await page.getByTestId("page-lines").innerText()).not.toContain("1");
  modem = await openScriptedModem({
    folder,
    network,
    identity: { number: SIM, imei: IMEI, iccid: ICCID },
    usb: { bus, path: "1-1.4" },
  });
  await page.getByTestId("page-lines").locator("b", { hasText: "1" }).click();
  await found().waitFor();
  expect(await found().getAttribute("data-usb")).toBe("1-1.4");
});

test("what is typed before it has said who it is stays, and nothing is saved until it has", async () => {
  await found().locator("[data-testid=found-identity][data-identity=asking]").waitFor();
  await field("sim.number").locator("input").fill(SIM);
  expect(await found().getByTestId("found-use").isDisabled()).toBe(true);
  mayTell.resolve();
  await found().getByText(IMEI).waitFor();
  await found().getByText(ICCID).waitFor();
  expect(await field("sim.number").locator("input").inputValue()).toBe(SIM);
});

test("who leaves the owner out is told so at that field, and keeps the number that was typed", async () => {
  await field("sim.purpose").locator("input").fill("前台电话");
  await found().getByTestId("found-use").click();
  await found().locator('[data-at="sim.owner"][data-problem]').waitFor();
  await field("sim.owner").locator("input:focus").waitFor();
  expect(await field("sim.number").locator("input").inputValue()).toBe(SIM);
});

test("with its owner it is a line that comes up on the page, and nothing is asked any more", async () => {
  await page.keyboard.type("云栖湖畔酒店有限公司");
  await page.keyboard.press("Enter");
  await page.locator('[data-testid=line-card][data-name="gsm-1"][data-state="up"]').waitFor();
  await card().getByText("CHINA MOBILE").first().waitFor();
  await card().getByText(SIM).first().waitFor();
  await found().waitFor({ state: "detached" });
});

test("the line is held to the modem and the SIM that the page showed", async () => {
  const asked = await page.request.get(`${world.box.ready.url}/api/line-configs`);
  const configs = linesApi.lineConfigs.answer.parse(await asked.json());
  expect(configs).toMatchObject([{ name: "gsm-1", config: { imei: IMEI, sim: { number: SIM, iccid: ICCID } } }]);
  expect(configs[0]?.config).not.toHaveProperty("usbPath");
});

test("a text to its number becomes a work order, and the guest is told its number by the same line", async () => {
  centreOf(network).send(GUEST, SIM, "1208热水不热");
  await page.getByTestId("page-texts").click();
  const row = page.locator("[data-testid=text-row][data-direction=in]").first();
  await row.getByText("1208热水不热").waitFor();
  await row.getByTestId("text-ticket").waitFor();
  for await (const { from, text } of centreOf(network).telephone(GUEST)) {
    expect(from).toContain(SIM);
    expect(text).toMatch(/\d{4}/);
    break;
  }
});

test("pulled out and plugged in again under other port names, it is the same line and nothing is asked", async () => {
  await page.getByTestId("page-lines").click();
  const before = modem?.atPath;
  await modem?.unplug();
  await page.locator('[data-testid=line-card][data-name="gsm-1"][data-fault="unplugged"]').waitFor();
  await modem?.plug();
  expect(modem?.atPath).not.toBe(before);
  await page.locator('[data-testid=line-card][data-name="gsm-1"][data-state="up"]').waitFor();
  expect(await found().count()).toBe(0);
});
