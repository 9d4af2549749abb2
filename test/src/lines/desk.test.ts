import { centreOf } from "@sitebox/drivers/gsm/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Browser, logIn } from "../peers/index.ts";
import { ModemSite } from "./modem-site.ts";

const SIM = "13900000002";
const INSTALLER = "13800138010";
/** No telephone of the network has it. */
const NOBODY = "13800138999";
const GUEST = "13800138011";

let site: ModemSite;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  site = await ModemSite.open({ modems: [{ identity: { number: SIM } }], inFile: false });
  const { world } = site;
  const password = await world.password("box", "admin");
  browser = await Browser.open();
  page = await browser.page(`${world.box.ready.url}/desk/#lines`);
  await logIn(page, "admin", password);
});

afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** Fills a field of the settings form by its path in the schema. */
const fill = (at: string, value: string) => page.locator(`[data-testid=line-form] [data-at="${at}"] input`).first().fill(value);
const card = () => page.locator('[data-testid=line-card][data-name="lobby"]');

test("an installer is told what is wrong with a line's settings, at the field, and loses nothing of what was typed", async () => {
  await page.getByTestId("line-add").click();
  await page.locator("label", { has: page.getByTestId("form-choose-gsm") }).click();
  await fill("name", "lobby");
  await fill("sim.number", "139-0000");
  await fill("sim.owner", "云栖湖畔酒店");
  await fill("sim.purpose", "前台电话");
  await page.getByTestId("line-form-save").click();
  await page.locator('[data-testid=line-form] [data-at="sim.number"][data-problem]').waitFor();
  expect(await page.locator('[data-testid=line-form] [data-at="sim.owner"] input').inputValue()).toBe("云栖湖畔酒店");
});

test("the line comes up on the page with its signal, once its settings are right", async () => {
  await fill("sim.number", SIM);
  const more = page.locator("[data-testid=line-form] [data-testid=form-more][aria-expanded=false]");
  while ((await more.count()) > 0) await more.first().click();
  await fill("atPort", site.modem.atPath);
  await fill("audioPort", site.modem.audioPath);
  await page.getByTestId("line-form-save").click();
  await page.locator('[data-testid=line-card][data-name="lobby"][data-state="up"]').waitFor();
  await card().getByText("CHINA MOBILE").first().waitFor();
});

test("a line with another's SIM is refused at its field, in the language of the page", async () => {
  await page.getByTestId("line-add").click();
  await page.locator("label", { has: page.getByTestId("form-choose-gsm") }).click();
  await fill("name", "lobby-2");
  await fill("sim.number", SIM);
  await fill("sim.owner", "云栖湖畔酒店");
  await fill("sim.purpose", "前台电话");
  await fill("imei", "860123040000099");
  await page.getByTestId("line-form-save").click();
  await page.locator('[data-at="sim.number"][data-problem="已被线路 lobby 使用"]').waitFor();
  await page.getByTestId("line-form").getByText("取消").click();
});

test("a text to try the line arrives, and is seen as delivered", async () => {
  await card().getByTestId("line-try-text").click();
  const trial = page.getByTestId("line-trial");
  await trial.getByTestId("line-trial-number").locator("input").or(trial.locator("input")).first().fill(INSTALLER);
  await trial.getByTestId("line-trial-go").click();
  for await (const { from } of centreOf(site.network).telephone(INSTALLER)) {
    expect(from).toContain(SIM);
    break;
  }
  await page.locator('[data-testid=line-trial-text][data-state="delivered"]').waitFor();
  await page.keyboard.press("Escape");
});

test("a call that tries the line and reaches nobody is told as that, with the reason, and as no guest's", async () => {
  await card().getByTestId("line-try-call").click();
  const trial = page.getByTestId("line-trial");
  await trial.locator("input").first().fill(NOBODY);
  await trial.getByTestId("line-trial-go").click();
  const call = page.locator('[data-testid=line-trial-call][data-state="ended"]');
  await call.getByText("没有这个号码").waitFor();
  await call.getByRole("button").click();
  const why = page.getByTestId("why-page");
  await why.getByText("测试线路 lobby").first().waitFor();
  await why.getByText("测试呼叫：没有接通").waitFor();
  await why.getByText("经线路 lobby 没有拨通：没有这个号码").waitFor();
  const told = await why.innerText();
  for (const wrong of ["客人", "未显示号码", "转接", "no such number"]) expect(told).not.toContain(wrong);
  await page.goto(`${site.world.box.ready.url}/desk/`);
  await page.getByTestId("call-row").getByText("测试呼叫：没有接通").waitFor();
});

test("a service code that is not sent is refused with the reason", async () => {
  await page.goto(`${site.world.box.ready.url}/desk/#lines`);
  await card().getByTestId("line-try-ussd").click();
  const trial = page.getByTestId("line-trial");
  await trial.locator("input").last().fill("**21*13800138000#");
  await trial.getByTestId("line-trial-go").click();
  await page.getByText("这个代码会更改设置").waitFor();
  await page.keyboard.press("Escape");
});

test("a guest's text is on the page with the work order that it became", async () => {
  centreOf(site.network).send(GUEST, SIM, "1208热水不热");
  await page.goto(`${site.world.box.ready.url}/desk/#texts`);
  const row = page.locator("[data-testid=text-row][data-direction=in]").first();
  await row.waitFor();
  await row.getByTestId("text-ticket").waitFor();
});

test("what is pulled out is told with what to do about it", async () => {
  await page.goto(`${site.world.box.ready.url}/desk/#lines`);
  await site.modem.unplug();
  await page.locator('[data-testid=line-card][data-name="lobby"][data-fault="unplugged"]').waitFor();
  expect(await card().getByTestId("line-trouble").innerText()).toContain("怎么办");
});
