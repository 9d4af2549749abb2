import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Browser } from "./peers/index.ts";
import { World } from "./world.ts";

/**
 * What everybody has to be able to read, name and hit, on the desk's pages as the recorded hotel fills them: a name for every control, a contrast
 * of 4.5 to 1 for text, 24 px for what is pressed (WCAG 2.2, 1.4.3 and 2.5.8), and nothing beyond the edge of the window.
 */
let world: World;
let axe: string;

beforeAll(async () => {
  world = await World.open({ headquarters: false });
  await world.startBox();
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Opens what is judged, from a page that has been loaded. */
type Scene = (page: Page) => Promise<unknown>;

const openCall = async (page: Page) => {
  if (!(await page.getByTestId("call-row").first().isVisible())) await page.getByTestId("tab-calls").first().click();
  await page.locator('[data-testid=call-row][data-state="ended"]').first().click();
  await page.getByTestId("call-drawer").getByTestId("call-why").waitFor();
};
const scenes: Readonly<Record<string, { readonly hash: string; readonly show: Scene }>> = {
  "the work orders and calls": { hash: "", show: (page) => page.getByTestId("ticket-row").first().waitFor() },
  "a call": { hash: "", show: openCall },
  "why a call went so": {
    hash: "",
    async show(page) {
      await openCall(page);
      await page.getByTestId("call-why").click();
      await page.getByTestId("why-lines").waitFor();
    },
  },
  "the lines": { hash: "#lines", show: (page) => page.getByTestId("line-card").first().waitFor() },
  "the settings of a gateway": {
    hash: "#lines",
    async show(page) {
      await page.getByTestId("line-add").click();
      await page.locator("label", { has: page.getByTestId("form-choose-gateway") }).click();
      await page.getByTestId("form-ports-add").click();
    },
  },
  "the texts": { hash: "#texts", show: (page) => page.getByTestId("text-row").first().waitFor() },
};

const SETTLED = `Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getTiming().iterations !== Infinity)
  .map((one) => one.finished))`;
/** Controls smaller than 24 px. What is typed into is hit anywhere in its frame, what is ticked anywhere in its label. */
const SMALL = `[...document.querySelectorAll("button, a[href], input, select, textarea, [role=button], [role=tab], [role=switch]")]
  .map((control) => ({ control, target: control.closest("label, .el-input__wrapper, .el-select__wrapper, .el-switch") ?? control }))
  .filter(({ target }) => target.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map(({ control, target }) => ({ control, box: target.getBoundingClientRect() }))
  .filter(({ box }) => box.width > 0 && box.height > 0 && (box.width < 24 || box.height < 24))
  .map(({ control, box }) => Math.round(box.width) + "x" + Math.round(box.height) + " " + control.outerHTML.slice(0, 120))`;
/** What the window's edge cuts off: of the page, and of what hides the rest of itself. */
const BEYOND = `[...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((one) => one.getBoundingClientRect().width > 0 && one.getBoundingClientRect().right > innerWidth + 1)
  .filter((one) => !one.closest("[aria-hidden=true]"))
  .map((one) => Math.round(one.getBoundingClientRect().right - innerWidth) + " px " + one.outerHTML.slice(0, 120))
  .slice(0, 5)`;

async function flawsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const options = JSON.stringify({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa"], resultTypes: ["violations"] });
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${options})`);
  const small = await page.evaluate<readonly string[]>(SMALL);
  const beyond = await page.evaluate<readonly string[]>(BEYOND);
  return [
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any.map(({ message }) => message).join("; ")}`),
    ),
    ...small.map((one) => `too small: ${one}`),
    ...beyond.map((one) => `beyond the edge by ${one}`),
  ];
}

const FLAWED = `<html lang="zh-CN"><title>x</title><main>
  <button style="width: 20px; height: 20px"></button>
  <p style="color: #999; background: #fff">pale</p>
  <div style="width: 4000px">wide</div>
</main></html>`;

test("what is pale, small, nameless or beyond the edge is found", async () => {
  await using browser = await Browser.open();
  const page = await browser.page("about:blank");
  await page.setContent(FLAWED);
  const flaws = (await flawsOf(page)).join("\n");
  for (const flaw of ["button-name", "color-contrast", "too small: 20x20", "beyond the edge"]) expect(flaws).toContain(flaw);
});

test.each([
  { size: "1440x900", mobile: false },
  { size: "390x844", mobile: true },
])("the desk can be read, named and hit by everybody at $size", async ({ mobile }) => {
  await using browser = await Browser.open({ mobile });
  const flaws: Record<string, readonly string[]> = {};
  for (const [name, { hash, show }] of Object.entries(scenes)) {
    const page = await browser.page(`${world.box.ready.url}/desk/?recorded=${hash}`);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await show(page);
    // What fades in is judged as it is in the end.
    await page.evaluate(SETTLED);
    const found = await flawsOf(page);
    if (found.length > 0) flaws[name] = found;
    await page.close();
  }
  expect(flaws).toEqual({});
});
