import { join } from "node:path";
import type { Page } from "playwright-core";
import { repository } from "./environment.ts";
import { Browser } from "./peers/index.ts";
import { World } from "./world.ts";

/**
 * Takes the documents' pictures of the desk anew: `npm run -w test pictures`, after `npm run -w ui build`. The box serves the pages; what they
 * show is the recorded hotel (`?recorded`), so that the pictures differ only where the pages do.
 */
const pictures: readonly { readonly file: string; readonly hash: string; readonly show: (page: Page) => Promise<void> }[] = [
  {
    file: "desk.png",
    hash: "",
    async show(page) {
      await page.locator('[data-testid=call-row][data-state="ended"]').first().click();
      await page.getByTestId("call-drawer").getByTestId("call-why").waitFor();
      await page.getByTestId("call-drawer").locator("[data-testid=waveform], svg, canvas").first().waitFor();
    },
  },
  {
    file: "lines.png",
    hash: "#lines",
    async show(page) {
      const card = '[data-testid=line-card][data-name="gsm-front"]';
      await page.locator(card).waitFor();
      await page.evaluate(`document.querySelector('${card}').scrollIntoView({ block: "start" })`);
    },
  },
  {
    file: "found-modem.png",
    hash: "#lines",
    async show(page) {
      await page.locator("[data-testid=found-device] input").first().waitFor();
    },
  },
];

await using world = await World.open({ headquarters: false });
const box = await world.startBox();
await using browser = await Browser.open();
for (const { file, hash, show } of pictures) {
  const page = await browser.page(`${box.ready.url}/desk/?recorded=${hash}`);
  // The recorded sound is made in the page itself, which the box's pages may not play.
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("Page.setBypassCSP", { enabled: true });
  await page.reload();
  await show(page);
  await page.screenshot({ path: join(repository, "docs/images", file), animations: "disabled" });
  await page.close();
}
