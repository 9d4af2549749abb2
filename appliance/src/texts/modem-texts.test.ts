import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BoxConfig, GsmLine, SiteConfig, TextsConfig } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { openGsmLine } from "@sitebox/drivers/gsm";
import { centreOf, openScriptedModem, ScriptedNetwork, scriptedTextsOf } from "@sitebox/drivers/gsm/testing";
import { expect, test } from "vitest";
import { compileVocabulary } from "../dialog/index.ts";
import { LineRegistry, openLineConfigs, openLineUses, reportMemory } from "../lines/index.ts";
import { textLines } from "../text-lines.ts";
import { hotel, openHotel } from "../tickets/testing/index.ts";
import { openTexts, type Texts } from "./index.ts";

const GUEST = "13812345678";
const site = SiteConfig.parse({ ...hotel(), rooms: ["801-820"] });

/** A modem, which speaks AT over a pseudo-terminal; telephones are in the same scripted network. Neither ends with a restart of the site. */
async function openWorld() {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sitebox-modem-texts-"));
  opening.defer(() => rm(folder, { recursive: true }));
  const network = new ScriptedNetwork();
  const modem = opening.use(await openScriptedModem({ folder, network }));
  const owned = opening.move();
  return { folder, network, modem, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A hotel with that modem. */
async function openSite(world?: Awaited<ReturnType<typeof openWorld>>) {
  await using opening = new AsyncDisposableStack();
  const { folder, network, modem } = world ?? opening.use(await openWorld());
  const { db, tickets, clock: ticketClock } = opening.use(await openHotel({ site, dataDir: folder }));
  const deps = { db, clock: systemClock, log: silentLog };
  const list = [
    GsmLine.parse({
      kind: "gsm",
      name: "lobby",
      sim: { number: modem.identity.number, owner: "示范酒店", purpose: "报修" },
      atPort: modem.atPath,
      audioPort: modem.audioPath,
    }),
  ];
  const config = { sip: BoxConfig.shape.sip.parse({}), lines: BoxConfig.shape.lines.parse({ list }) };
  const configs = await openLineConfigs({ ...deps, config });
  const uses = opening.use(await openLineUses({ ...deps, timeZone: site.timeZone }));
  const registry = opening.use(
    new LineRegistry({
      ...deps,
      configs,
      uses,
      open: (line, lineDeps) => openGsmLine(GsmLine.parse(line), { ...lineDeps, reports: reportMemory(db, line.name) }),
      onText: (line, text) => texts.take(line, text),
      onReport: (line, report) => texts.report(line, report),
    }),
  );
  const texts: Texts = opening.use(
    await openTexts({
      ...deps,
      config: TextsConfig.parse({}),
      site,
      vocabulary: compileVocabulary(site),
      tickets,
      lines: textLines(registry, config),
    }),
  );
  registry.events.on("lineChanged", () => texts.lineChanged());
  registry.start();
  while (registry.lines()[0]?.state !== "up") await once(registry.events, "lineChanged");
  const centre = centreOf(network);
  const inbox = centre.telephone(GUEST)[Symbol.asyncIterator]();
  const owned = opening.move();
  return {
    modem,
    registry,
    texts,
    tickets,
    ticketClock,
    /** The guest's telephone sends a text. */
    send: (text: string) => centre.send(`+86${GUEST}`, modem.identity.number, text),
    /** The next text that comes to the guest's telephone. */
    next: async () => (await inbox.next()).value as { readonly from: string; readonly text: string },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("“806空调坏了” by a modem becomes a ticket, the guest's telephone gets its number, and the modem keeps nothing", async () => {
  await using box = await openSite();
  const delivered = new Promise<void>((resolve) => {
    box.texts.events.on("textChanged", ({ direction, state }) => {
      if (direction === "out" && state === "delivered") resolve();
    });
  });
  box.send("806空调坏了");
  const { from, text } = await box.next();
  const [ticket] = await box.tickets.list();
  expect(ticket).toMatchObject({ channel: "sms", place: "806", item: "空调", callerNumber: GUEST });
  expect(from).toBe(box.modem.identity.number);
  expect(text).toBe(`已收到:806 空调坏了,工单号 ${ticket?.number},维修人员会尽快处理。`);
  await delivered;
  expect(scriptedTextsOf(box.modem).kept).toEqual([]);
  expect(box.registry.left("lobby")).toMatchObject({ textsToday: 199 });
});

test("a text of many parts comes whole, and goes to a person with every word of it", async () => {
  await using box = await openSite();
  const long = "我们一行六人明天上午到店,想问问能不能安排相邻的房间,其中两位老人腿脚不便,希望靠近电梯。".repeat(5).slice(0, 200);
  box.send(long);
  const { text } = await box.next();
  const [ticket] = await box.tickets.list();
  expect(ticket?.summary).toBe(`短信:${long}`);
  expect(text).toBe(`您的短信已转人工,工单号 ${ticket?.number},会尽快联系您。`);
  await box.texts.send({ to: GUEST, text: long });
  expect((await box.next()).text).toBe(long);
});

test("a report that comes after a restart finds the text that was sent before it", async () => {
  await using world = await openWorld();
  const side = scriptedTextsOf(world.modem);
  side.holdReports = true;
  let id: string;
  {
    await using box = await openSite(world);
    const sent = new Promise<void>((resolve) => {
      box.texts.events.on("textChanged", ({ state }) => {
        if (state === "sent") resolve();
      });
    });
    ({ id } = await box.texts.send({ to: GUEST, text: "您的行李已送到房间".repeat(20) }));
    await sent;
  }
  // The modem takes the reports while nobody asks it for them.
  side.releaseReports();
  await using box = await openSite(world);
  const [text] = await box.texts.list(1);
  if (text?.state !== "delivered")
    await new Promise<void>((resolve) => {
      box.texts.events.on("textChanged", ({ state }) => {
        if (state === "delivered") resolve();
      });
    });
  expect((await box.texts.list(1))[0]).toMatchObject({ id, state: "delivered" });
});
