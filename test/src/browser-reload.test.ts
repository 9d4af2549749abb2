import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CallWhy, CallWithMoments } from "@sitebox/core/contract";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "./api-client.ts";
import { nextCall, prompts } from "./conversation.ts";
import { Baresip, Browser, giveEar, logIn, pageHears, pageSees, toneFile } from "./peers/index.ts";
import { World } from "./world.ts";

const run = promisify(execFile);
const GUEST_HZ = 700;
const AGENT_HZ = 1_300;
const VISITOR_HZ = 1_900;
const COLLEAGUE_HZ = 2_500;
const ALL = [GUEST_HZ, AGENT_HZ, VISITOR_HZ, COLLEAGUE_HZ];

let world: World;
let desk: ApiClient;

beforeAll(async () => {
  world = await World.open({ headquarters: false });
  await world.startBox();
  desk = await world.login("box", "admin");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const callOf = (callId: string, is: (call: CallWithMoments) => boolean) =>
  desk.until<CallWithMoments>(`/api/calls/${callId}`, is);

/** An agent at the desk page, ready for calls, who says a tone. */
async function openAgent(browser: Browser): Promise<Page> {
  const page = await browser.page("about:blank");
  await giveEar(page);
  const password = await world.password("box", "agent");
  await page.goto(`${world.box.ready.url}/desk/`);
  await logIn(page, "agent", password);
  await page.getByTestId("agent-ready").click();
  await page.locator("[data-testid=agent-ready][aria-checked=true]").waitFor();
  return page;
}

async function answer(page: Page): Promise<void> {
  await page.getByTestId("softphone-answer").click();
  await page.locator("[data-testid=softphone][data-state=talking]").waitFor();
}

/** The page comes back to its call by itself: it is shown with the time it lasts, and its sound stands again. */
async function reload(page: Page): Promise<void> {
  await page.reload();
  await page.locator("[data-testid=softphone][data-state=talking]").waitFor();
  await page.getByTestId("softphone-weak").waitFor({ state: "detached" });
}

test("an agent's page that is reloaded in mid-call has its call back, and each side hears the other again", async () => {
  const microphone = await toneFile(world.folder, AGENT_HZ);
  await using browser = await Browser.open({ microphone });
  await using guest = await Baresip.open({ tone: GUEST_HZ });
  const page = await openAgent(browser);
  const callId = await nextCall(desk, () => guest.dial(world.sip("8000")));
  await callOf(callId, (call) => prompts(call).length > 0);
  await guest.press("0");
  await answer(page);
  await Promise.all([pageHears(page, GUEST_HZ), guest.ear.hearsOnly([AGENT_HZ], ALL)]);
  const before = await desk.get(`/api/calls/${callId}`);
  await reload(page);
  await Promise.all([pageHears(page, GUEST_HZ), guest.ear.hearsOnly([AGENT_HZ], ALL)]);
  const talked = await page.getByTestId("softphone").locator("h2").textContent();
  expect(talked).toMatch(/^\d+:\d\d/);
  const during = await callOf(callId, ({ moments }) => moments.some(({ text }) => text === "the agent's page is back"));
  expect(during).toMatchObject({ state: "agent", startedAt: (before as CallWithMoments).startedAt });
  expect(during.moments.map(({ text }) => text)).toContain("the agent's page has gone");

  await page.getByTestId("softphone-hold").click();
  await page.locator("[data-testid=softphone-situation][data-state=holding]").waitFor();
  await guest.ear.hearsOnly([], [AGENT_HZ]);
  await page.getByTestId("softphone-hold").click();
  await Promise.all([pageHears(page, GUEST_HZ), guest.ear.hearsOnly([AGENT_HZ], ALL)]);

  const flows = ({ legs }: CallWhy) =>
    legs.filter(({ stats }) => stats && stats.receivedPackets > 100 && stats.sentPackets > 100).length;
  expect(flows((await desk.get(`/api/calls/${callId}/why`)) as CallWhy)).toBe(2);
  await page.getByTestId("softphone-hangup").click();
  await callOf(callId, ({ state }) => state === "ended");

  const why = (await desk.get(`/api/calls/${callId}/why`)) as CallWhy;
  expect(why.wire.map(({ label }) => label)).toEqual(expect.arrayContaining(["INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"]));
  expect(flows(why)).toBe(2);
  const file = join(world.folder, "why.pcap");
  await writeFile(file, await desk.bytes(`/api/calls/${callId}/why.pcap`));
  const { stdout } = await run("tshark", ["-r", file, "-Y", "sip.Method == BYE", "-T", "fields", "-e", "sip.Call-ID"]);
  expect(stdout.trim()).toBe(why.legs.find(({ direction }) => direction === "in")?.wireId);
});

test("an agent asks a colleague, joins all three, and hands the caller over without asking", async () => {
  const microphone = await toneFile(world.folder, AGENT_HZ);
  await using browser = await Browser.open({ microphone });
  await using guest = await Baresip.open({ tone: GUEST_HZ });
  await using colleague = await Baresip.open({ tone: COLLEAGUE_HZ, account: world.extension("9806"), autoAnswer: true });
  const page = await openAgent(browser);
  const callId = await nextCall(desk, () => guest.dial(world.sip("8000")));
  await callOf(callId, (call) => prompts(call).length > 0);
  await guest.press("0");
  await answer(page);
  await pageHears(page, GUEST_HZ);
  const ask = async (how: "consult" | "transfer") => {
    await page.getByTestId(`softphone-${how}`).click();
    await page.locator("[data-testid=target-extension][data-number='9806']").click();
  };
  await ask("consult");
  await page.getByTestId("softphone-consulting").waitFor();
  await Promise.all([pageHears(page, COLLEAGUE_HZ), colleague.ear.hearsOnly([AGENT_HZ], ALL)]);
  expect(await guest.ear.tones([AGENT_HZ, COLLEAGUE_HZ])).toEqual([]);
  await page.getByTestId("softphone-join").click();
  await page.locator("[data-testid=softphone-situation][data-state=conference]").waitFor();
  await Promise.all([guest.ear.hearsOnly([AGENT_HZ, COLLEAGUE_HZ], ALL), colleague.ear.hearsOnly([AGENT_HZ, GUEST_HZ], ALL)]);
  await colleague.hangUp();
  await Promise.all([pageHears(page, GUEST_HZ), guest.ear.hearsOnly([AGENT_HZ], ALL)]);
  await ask("transfer");
  await Promise.all([guest.ear.hearsOnly([COLLEAGUE_HZ], ALL), colleague.ear.hearsOnly([GUEST_HZ], ALL)]);
  await page.locator("[data-testid=softphone][data-state=ended]").waitFor();
  await guest.hangUp();
  await callOf(callId, ({ state }) => state === "ended");
});

test("an agent calls back from the desk: the page takes its side by itself, and both hear each other", async () => {
  const microphone = await toneFile(world.folder, AGENT_HZ);
  await using browser = await Browser.open({ microphone });
  await using guest = await Baresip.open({ tone: GUEST_HZ, account: world.extension("9806"), autoAnswer: true });
  const page = await openAgent(browser);
  await page.getByTestId("tab-extensions").click();
  const row = page.locator("[data-testid=extension-row][data-number='9806']");
  const callId = await nextCall(desk, () => row.getByTestId("call-back").click());
  await page.locator("[data-testid=softphone][data-state=talking]").waitFor();
  await Promise.all([pageHears(page, GUEST_HZ), guest.ear.hearsOnly([AGENT_HZ], ALL)]);
  await page.getByTestId("softphone-hangup").click();
  const call = await callOf(callId, ({ state }) => state === "ended");
  expect(call).toMatchObject({ channel: "desk", dialled: "9806" });
});

test("a page that does not come back ends its side of the call after half a minute", async () => {
  const microphone = await toneFile(world.folder, AGENT_HZ);
  await using browser = await Browser.open({ microphone });
  await using guest = await Baresip.open({ tone: GUEST_HZ });
  const page = await openAgent(browser);
  const callId = await nextCall(desk, () => guest.dial(world.sip("8000")));
  await callOf(callId, (call) => prompts(call).length > 0);
  await guest.press("0");
  await answer(page);
  await pageHears(page, GUEST_HZ);
  await page.close();
  const call = await callOf(callId, ({ state }) => state === "ended");
  expect(call.moments.map(({ text }) => text)).toContain("the agent's page did not come back");
});

test("a visitor's page that is reloaded has its call back, sees the agent and is seen", async () => {
  const said = await toneFile(world.folder, VISITOR_HZ);
  await using visitors = await Browser.open({ microphone: said, mobile: true });
  await using agents = await Browser.open({ microphone: await toneFile(world.folder, AGENT_HZ) });
  const agent = await openAgent(agents);
  const visitor = await visitors.page("about:blank");
  await giveEar(visitor);
  await visitor.goto(`${world.box.ready.url}/visitor/`);
  const callId = await nextCall(desk, () => visitor.getByTestId("visitor-call").click());
  await callOf(callId, (call) => prompts(call).length > 0);
  await visitor.getByTestId("visitor-keypad").click();
  await visitor.getByTestId("key-0").click();
  await answer(agent);
  await Promise.all([pageHears(agent, VISITOR_HZ), pageHears(visitor, AGENT_HZ)]);
  await visitor.reload();
  await Promise.all([pageHears(agent, VISITOR_HZ), pageHears(visitor, AGENT_HZ)]);

  await visitor.getByTestId("visitor-camera").click();
  await visitor.getByTestId("camera-agree").click();
  await agent.locator("[data-testid=video][data-theirs=true]").waitFor();
  await pageSees(agent);
  await agent.getByTestId("softphone-camera").click();
  await visitor.locator("[data-testid=video][data-theirs=true]").waitFor();
  await pageSees(visitor);
  await visitor.getByTestId("visitor-camera").click();
  await agent.locator("[data-testid=video][data-theirs=false]").waitFor();
  await Promise.all([pageHears(agent, VISITOR_HZ), pageHears(visitor, AGENT_HZ)]);

  await visitor.getByTestId("visitor-hangup").click();
  await callOf(callId, ({ state }) => state === "ended");
});
