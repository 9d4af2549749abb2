import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";

/** What page-mouth.js puts into the page. */
interface Mouthed {
  say(base64: string): Promise<void>;
}

/** A person at the page's microphone, who speaks when it is his turn. */
export interface Mouth {
  /** Says a wav file; resolves when it has begun. The page must have opened its microphone. */
  say(file: string): Promise<void>;
}

/**
 * Gives a page of the product a microphone that speaks on command. Chromium's own fake device plays one file from the moment it is opened,
 * so whoever speaks by it cannot wait for a prompt that comes late, nor say again what was not understood.
 */
export async function giveMouth(page: Page): Promise<Mouth> {
  await page.addInitScript({ path: join(import.meta.dirname, "page-mouth.js") });
  return {
    say: async (file) => {
      const wav = (await readFile(file)).toString("base64");
      await page.evaluate((base64) => (globalThis as unknown as Mouthed).say(base64), wav);
    },
  };
}
