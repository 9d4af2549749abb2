import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Log, silentLog, systemClock } from "@sitebox/core/kernel";
import { goertzel, tone } from "@sitebox/drivers/sound";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Media, MediaLeg } from "../media.ts";
import { openMedia } from "../open-media.ts";
import { writeWav } from "../sound/index.ts";
import type { BrowserLegs, BrowserSession, RtpCapabilities } from "./browser-legs.ts";
import { openWebRtc } from "./open-web-rtc.ts";

const workerBin = fileURLToPath(new URL("../../../../.cache/mediasoup-worker/mediasoup-worker", import.meta.url));

const opened = new AsyncDisposableStack();
let media: Media;
let legs: BrowserLegs;
let browser: Browser;
/** The process ids of mediasoup's workers, as the log tells them. */
const pids: number[] = [];
const log: Log = {
  ...silentLog,
  child: () => log,
  info: (_message, fields) => {
    if (typeof fields?.pid === "number") pids.push(fields.pid);
  },
};
let pageUrl: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "webrtc-"));
  opened.defer(() => rm(folder, { recursive: true }));
  media = opened.use(await openMedia({ clock: systemClock, log: silentLog }));
  legs = opened.use(await openWebRtc({ workerBin, listen: { ip: "127.0.0.1", port: 0 }, clock: systemClock, log, media }));
  const microphone = join(folder, "microphone.wav");
  await writeWav(microphone, { sampleRate: 48_000, channels: [tone(600, 20_000, 12_000, 48_000)] });
  pageUrl = await servePage();
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-audio-capture=${microphone}`,
      "--autoplay-policy=no-user-gesture-required",
      "--disable-background-networking",
    ],
  });
  opened.defer(() => browser.close());
}, 60_000);
afterAll(() => opened.disposeAsync());

/** Bundles the softphone and serves it on loopback, which browsers let use the microphone. */
async function servePage(): Promise<string> {
  const entry = fileURLToPath(new URL("./testing/softphone.js", import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: false, lib: { entry, formats: ["es"], fileName: "softphone" } },
  });
  const [output] = Array.isArray(result) ? result : [result];
  const code = output && "output" in output ? output.output[0].code : "";
  const server = createServer((request, response) => {
    const script = request.url === "/softphone.js";
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(script ? code : `<!doctype html><script type="module" src="/softphone.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A page whose handshake is carried to a session by the test, as the WebSocket of the box does. */
async function openPage(session: BrowserSession, seen?: BrowserSession): Promise<Page> {
  const page = await browser.newPage();
  await page.exposeFunction("rpc", (method: keyof BrowserSession, args: unknown[]) => {
    const member: unknown = session[method];
    if (method === "consumeCamera" && seen) return session.consumeCamera(seen, args[0] as RtpCapabilities);
    return typeof member === "function" ? member.apply(session, args) : member;
  });
  await page.goto(pageUrl);
  return page;
}

const callFrom = (page: Page) => page.evaluate<string>("call()");

/** Waits until the leg hears the tone in ten frames running. */
async function hearsTone(leg: MediaLeg, frequency: number): Promise<void> {
  let running = 0;
  for await (const { samples } of leg.listen(AbortSignal.timeout(15_000))) {
    running = goertzel(samples, frequency) > 3_000 ? running + 1 : 0;
    if (running === 10) return;
  }
  throw new Error(`${frequency} Hz was not heard`);
}

const pageHears = (page: Page, frequency: number) =>
  page.waitForFunction((hz) => Math.abs((globalThis as unknown as { loudest(): number }).loudest() - hz) < 30, frequency, {
    timeout: 15_000,
    polling: 50,
  });

test("a browser's microphone reaches the port as PCMA and what the port says is heard in the page", async () => {
  await using session = await legs.open();
  await using leg = media.attach(session.port);
  const page = await openPage(session);
  expect(await callFrom(page)).toBe("audio/PCMA");
  await hearsTone(leg, 600);
  expect(session.isConnected).toBe(true);
  const played = leg.play(tone(1_000, 30_000));
  await pageHears(page, 1_000);
  await leg.flush();
  expect((await played).outcome).toBe("stopped");
  await page.close();
}, 30_000);

test("a page that is loaded anew goes on with the same port", async () => {
  await using session = await legs.open();
  await using leg = media.attach(session.port);
  const page = await openPage(session);
  await callFrom(page);
  await hearsTone(leg, 600);
  await page.reload();
  await callFrom(page);
  await hearsTone(leg, 600);
  void leg.play(tone(1_400, 30_000));
  await pageHears(page, 1_400);
  await page.close();
}, 30_000);

test("two browsers whose legs are bridged hear each other's microphone", async () => {
  await using first = await legs.open();
  await using second = await legs.open();
  await using firstLeg = media.attach(first.port);
  await using secondLeg = media.attach(second.port);
  await firstLeg.bridge(secondLeg);
  const [firstPage, secondPage] = await Promise.all([openPage(first), openPage(second)]);
  await Promise.all([callFrom(firstPage), callFrom(secondPage)]);
  await Promise.all([pageHears(firstPage, 600), pageHears(secondPage, 600)]);
  await Promise.all([firstPage.close(), secondPage.close()]);
}, 30_000);

test("one browser's camera is seen in the other until it is turned off", async () => {
  await using first = await legs.open();
  await using second = await legs.open();
  const firstPage = await openPage(first);
  const secondPage = await openPage(second, first);
  await Promise.all([callFrom(firstPage), callFrom(secondPage)]);
  await expect(second.consumeCamera(first, {})).rejects.toMatchObject({ fault: "refused" });
  expect(await firstPage.evaluate<string>("camera()")).toBe("video/VP8");
  expect(await secondPage.evaluate<number>("watchCamera()")).toBeGreaterThanOrEqual(160);
  first.stopCamera();
  await expect(second.consumeCamera(first, {})).rejects.toMatchObject({ fault: "refused" });
  await Promise.all([firstPage.close(), secondPage.close()]);
}, 30_000);

test("parameters that will not do are refused, and the session goes on", async () => {
  await using session = await legs.open();
  await expect(session.consume({ codecs: [] })).rejects.toMatchObject({ fault: "refused" });
  const { id } = await session.createTransport("send");
  await expect(session.connectTransport("another", { fingerprints: [] })).rejects.toMatchObject({ fault: "refused" });
  await expect(session.connectTransport(id, { fingerprints: [] })).rejects.toMatchObject({ fault: "refused" });
  await expect(session.produce(id, "video", { codecs: [] })).rejects.toMatchObject({ fault: "refused" });
  await expect(session.produce(id, "audio", { codecs: [] })).rejects.toMatchObject({ fault: "refused" });
  await expect(session.resume("nobody")).rejects.toMatchObject({ fault: "refused" });
  expect((await session.createTransport("receive")).iceCandidates.length).toBeGreaterThan(0);
});

test("a session that was closed says so and takes no more steps", async () => {
  const session = await legs.open();
  await session[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  expect(await session.ended).toBe("closed");
  await expect(session.createTransport("send")).rejects.toMatchObject({ fault: "ended" });
});

test("listening everywhere offers each of the machine's addresses, by UDP and TCP", async () => {
  await using everywhere = await openWebRtc({
    workerBin,
    listen: { ip: "0.0.0.0", port: 0 },
    clock: systemClock,
    log: silentLog,
    media,
  });
  await using session = await everywhere.open();
  const { iceCandidates } = await session.createTransport("send");
  const offered = iceCandidates.map(({ address, protocol }) => `${protocol} ${address}`);
  expect(offered).toEqual(expect.arrayContaining(["udp 127.0.0.1", "tcp 127.0.0.1"]));
  expect(offered.join()).not.toContain("0.0.0.0");
});

test("when the media process dies its sessions end, say why, and the next one works", async () => {
  await using session = await legs.open();
  await using leg = media.attach(session.port);
  const playing = leg.play(tone(1_000, 60_000));
  process.kill(pids.at(-1) ?? 0, "SIGKILL");
  expect(await session.ended).toBe("media-restarted");
  expect((await playing).outcome).toBe("ended");
  await using next = await legs.open();
  await using nextLeg = media.attach(next.port);
  const page = await openPage(next);
  await callFrom(page);
  await hearsTone(nextLeg, 600);
  await page.close();
}, 30_000);

test("without a worker program the box is told so, and nothing else fails", async () => {
  await using broken = await openWebRtc({
    workerBin: "/nowhere/mediasoup-worker",
    listen: { ip: "127.0.0.1", port: 0 },
    clock: { ...systemClock, after: (ms, task) => systemClock.after(ms / 20, task) },
    log: silentLog,
    media,
  });
  await expect(broken.open()).rejects.toMatchObject({ name: "WebRtcError", fault: "unavailable" });
});
