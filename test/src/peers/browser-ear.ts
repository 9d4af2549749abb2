import { join } from "node:path";
import type { Page } from "playwright-core";

/**
 * Lets a page of the product tell what it hears: the sound of each connection it opens is analysed beside being played. Its microphone is
 * taken as it is: a browser's noise suppression takes a steady tone, by which tests know who speaks, for noise.
 */
export const giveEar = (page: Page): Promise<unknown> => page.addInitScript({ path: join(import.meta.dirname, "page-ear.js") });

/** What page-ear.js puts into the page. */
interface Eared {
  hearsTone(hertz: number): boolean;
  seesPicture(): boolean;
}

/** Resolves when the page hears this tone, or silence (0 Hz), for half a second without a break. */
export async function pageHears(page: Page, hertz: number): Promise<void> {
  const options = { timeout: 30_000, polling: 50 };
  await page.waitForFunction((wanted) => (globalThis as unknown as Eared).hearsTone(wanted), hertz, options);
}

/** Resolves when the page shows a moving picture. */
export async function pageSees(page: Page): Promise<void> {
  await page.waitForFunction(() => (globalThis as unknown as Eared).seesPicture());
}
