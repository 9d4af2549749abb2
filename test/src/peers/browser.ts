import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

export interface BrowserOptions {
  /** A wav file (48 kHz mono) that is heard as the microphone, once, from the moment the page opens it. */
  readonly microphone?: string;
  readonly mobile?: boolean;
  readonly language?: "zh-CN" | "en";
}

/** A machine that does other work too may take its time to start a browser or lay a page. */
const PATIENCE_MS = 90_000;

/** Debian's Chromium, without a window, with a profile of its own. */
export class Browser implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #folder: string;

  private constructor(context: BrowserContext, folder: string) {
    this.#context = context;
    this.#folder = folder;
  }

  static async open({ microphone, mobile = false, language = "zh-CN" }: BrowserOptions = {}): Promise<Browser> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-browser-"));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: "/usr/bin/chromium",
      headless: true,
      timeout: PATIENCE_MS,
      locale: language,
      viewport: mobile ? { width: 390, height: 844 } : { width: 1440, height: 900 },
      hasTouch: mobile,
      isMobile: mobile,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}%noloop`] : []),
      ],
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Browser(context, folder);
  }

  async page(url: string): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Fills the login form that desk, field and console share. */
export async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByTestId("login-name").locator("input").or(page.locator("input[data-testid=login-name]")).first().fill(name);
  await page
    .getByTestId("login-password")
    .locator("input")
    .or(page.locator("input[data-testid=login-password]"))
    .first()
    .fill(password);
  await page.getByTestId("login-submit").click();
}
