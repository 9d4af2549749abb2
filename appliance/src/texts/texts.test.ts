import { EventEmitter, once } from "node:events";
import { rm } from "node:fs/promises";
import { SiteConfig, TextsConfig, type Ticket } from "@sitebox/core/contract";
import { type Log, silentLog } from "@sitebox/core/kernel";
import type { TextOutcome } from "@sitebox/drivers/line";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { compileVocabulary } from "../dialog/index.ts";
import { hotel, openHotel } from "../tickets/testing/index.ts";
import { openTexts } from "./index.ts";

const GUEST = "13812345678";
const site = SiteConfig.parse({ ...hotel(), rooms: ["801-820"] });
const vocabulary = compileVocabulary(site);
const MINUTE = 60_000;
const folders = new AsyncDisposableStack();
afterAll(() => folders.disposeAsync());

interface Sent {
  readonly line: string;
  readonly to: string;
  readonly text: string;
}

/** A hotel whose texts go by one line that does as it is told. */
async function openSite(options: { readonly dataDir?: string; readonly keep?: boolean; readonly config?: object } = {}) {
  await using opening = new AsyncDisposableStack();
  const hotelSite = opening.use(await openHotel({ site, ...(options.dataDir !== undefined && { dataDir: options.dataDir }) }));
  const { db, clock, tickets, dataDir } = hotelSite;
  if (!options.keep) folders.defer(() => rm(dataDir, { recursive: true }));
  const sent: Sent[] = [];
  const errors = new EventEmitter();
  const log: Log = { ...silentLog, child: () => log, error: (message) => void errors.emit(message) };
  const line = {
    up: true,
    limit: undefined as { reason: string; againInMs: number } | undefined,
    outcome: (n: number): Promise<TextOutcome> => Promise.resolve({ type: "sent", parts: 1, reference: String(n) }),
  };
  const texts = opening.use(
    await openTexts({
      db,
      clock,
      log,
      config: TextsConfig.parse(options.config ?? {}),
      site,
      vocabulary,
      tickets,
      lines: {
        port: (name) =>
          line.up
            ? {
                send: (to, text) => {
                  sent.push({ line: name, to, text });
                  return line.outcome(sent.length);
                },
              }
            : undefined,
        limit: () => line.limit,
        sent: () => {},
        carriers: () => ["lobby"],
        isOwn: (number) => number === "13800138000",
      },
    }),
  );
  let seq = 0;
  const stored: string[] = [];
  /** A text comes in; all that follows from it at once has happened when this resolves. */
  const receive = async (text: string, from = GUEST, id = `wire-${options.dataDir ?? ""}-${seq++}`) => {
    await texts.take("lobby", { id, from, text, sentAt: 0, stored: async () => void stored.push(id) });
    await settle();
  };
  /** Real writes take real time: until nothing is left that waits to be dealt with. */
  const settle = async () => {
    for (let calm = 0; calm < 3; ) {
      await clock.advance(0);
      await new Promise((resolve) => setImmediate(resolve));
      const busy = await db.read((r) =>
        r
          .selectFrom("text_message")
          .select("id")
          .where((eb) => eb.or([eb("handled", "=", 0), eb("state", "=", "sending")]))
          .execute(),
      );
      const due = line.up
        ? await db.read((r) =>
            r
              .selectFrom("text_message")
              .select("id")
              .where("state", "=", "waiting")
              .where("next_at", "<=", clock.now())
              .execute(),
          )
        : [];
      calm = busy.length + due.length === 0 ? calm + 1 : 0;
    }
  };
  const all = () => tickets.list();
  const owned = opening.move();
  return {
    db,
    clock,
    errors,
    tickets,
    texts,
    line,
    sent,
    stored,
    receive,
    settle,
    all,
    dataDir,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("a text that asks for a repair becomes a ticket and is answered with its number", async () => {
  await using box = await openSite();
  await box.receive("806空调坏了", `+86${GUEST}`);
  const [ticket] = await box.all();
  expect(ticket).toMatchObject({
    channel: "sms",
    kind: "repair",
    place: "806",
    item: "空调",
    callerNumber: GUEST,
    incomplete: false,
  });
  expect(box.sent).toEqual([
    { line: "lobby", to: GUEST, text: `已收到:806 空调坏了,工单号 ${ticket?.number},维修人员会尽快处理。` },
  ]);
  expect(await box.texts.list(10)).toMatchObject(
    [
      { direction: "out", state: "sent", ticketId: ticket?.id },
      { direction: "in", state: "received", ticketId: ticket?.id, number: GUEST },
    ].sort(() => 0),
  );
});

test("a text that the line tells again is stored once, and the line may delete it each time", async () => {
  await using box = await openSite();
  await box.receive("806空调坏了", GUEST, "same");
  await box.receive("806空调坏了", GUEST, "same");
  expect(box.stored).toEqual(["same", "same"]);
  expect(await box.all()).toHaveLength(1);
  expect(box.sent).toHaveLength(1);
});

test("the same text again within two minutes is the same ticket; later it is another", async () => {
  await using box = await openSite();
  await box.receive("806空调坏了");
  await box.clock.advance(MINUTE);
  await box.receive("806空调坏了");
  expect(await box.all()).toHaveLength(1);
  expect(box.sent).toHaveLength(1);
  await box.clock.advance(3 * MINUTE);
  await box.receive("806空调坏了");
  expect(await box.all()).toHaveLength(2);
});

test("where the room is missing it is asked for, and the next text completes the request", async () => {
  await using box = await openSite();
  await box.receive("空调坏了");
  expect(await box.all()).toEqual([]);
  expect(box.sent.map(({ text }) => text)).toEqual(["请问是哪个房间?请回复房间号。"]);
  await box.clock.advance(10 * MINUTE);
  await box.receive("806");
  const [ticket] = await box.all();
  expect(ticket).toMatchObject({ place: "806", item: "空调", fault: "坏了" });
  expect(box.sent[1]?.text).toContain(ticket?.number);
});

test("a question that nobody answers becomes a ticket for a person after half an hour, also over a restart", async () => {
  let dataDir: string;
  {
    await using box = await openSite({ keep: true });
    dataDir = box.dataDir;
    await box.receive("空调坏了");
  }
  {
    await using box = await openSite({ dataDir });
    await box.clock.advance(31 * MINUTE);
    await once(box.tickets.events, "ticketChanged");
    await box.settle();
    expect(await box.all()).toMatchObject([
      { kind: "message", summary: "短信:空调坏了", said: "空调坏了", incomplete: true, channel: "sms" },
    ]);
  }
});

test("what is not understood is a person's, with the whole text, and the sender is told so", async () => {
  await using box = await openSite();
  await box.receive("请问明天早餐几点,我们有六个人想坐一起");
  const [ticket] = await box.all();
  expect(ticket).toMatchObject({ kind: "message", intent: "common.text", summary: "短信:请问明天早餐几点,我们有六个人想坐一起" });
  expect(box.sent[0]?.text).toBe(`您的短信已转人工,工单号 ${ticket?.number},会尽快联系您。`);
});

test("what was written does not leave the site, and the ticket does", async () => {
  await using box = await openSite();
  await box.receive("我是王小明,请回电");
  const outbox = await box.db.read((r) => r.selectFrom("outbox").select("body").execute());
  expect(outbox.length).toBeGreaterThan(0);
  expect(JSON.stringify(outbox)).not.toMatch(/王小明|13812345678/);
});

test("somebody who writes English is answered in English", async () => {
  await using box = await openSite();
  await box.receive("the tv in my room is broken");
  expect(box.sent[0]?.text).toMatch(/^Your message is with our staff, ticket \d+\./);
});

test.each([
  ["10086", "您的余额为 12.30 元"],
  ["106912345678", "【某银行】您尾号 1234 的卡"],
  ["95588", "工商银行"],
  ["CMCC", "Welcome"],
  [GUEST, "【淘宝】验证码 123456,请勿告诉他人"],
  ["13800138000", "806空调坏了"],
  [GUEST, "已收到:806 空调坏了,工单号 80001,维修人员会尽快处理。"],
  [GUEST, "您的短信已转人工,工单号 12,会尽快联系您。"],
  [GUEST, "收到,紧急情况已通知值班人员,工单号 80001。有生命危险时请立即拨打 119、120 或 110。"],
  [GUEST, "收到,紧急情况已登记,工单号 80001,正在通知值班人员。请同时拨打 119(火警)、120(急救)或 110(报警)。"],
])("a text of %s, “%s”, is kept and makes no ticket and no answer", async (from, text) => {
  await using box = await openSite();
  await box.receive(text, from);
  expect(await box.all()).toEqual([]);
  expect(box.sent).toEqual([]);
  expect(await box.texts.list(10)).toHaveLength(1);
});

test("whoever says TD gets no more texts, but his requests are tickets all the same; KT takes it back", async () => {
  await using box = await openSite();
  await box.receive("退订");
  await box.receive("806空调坏了");
  expect(await box.all()).toHaveLength(1);
  expect(box.sent).toEqual([]);
  await expect(box.texts.send({ to: GUEST, text: "您好" })).rejects.toMatchObject({ fault: "not-allowed" });
  await box.receive("KT");
  await box.texts.send({ to: GUEST, text: "您好" });
  await box.settle();
  expect(box.sent).toEqual([{ line: "lobby", to: GUEST, text: "您好" }]);
});

test("no number gets more answers in an hour than it may, and every text is a ticket", async () => {
  await using box = await openSite({ config: { answersPerHour: 2 } });
  for (const text of ["在吗一", "在吗二", "在吗三", "空调坏了"]) await box.receive(text);
  expect(await box.all()).toHaveLength(4);
  expect(box.sent).toHaveLength(2);
  await box.clock.advance(61 * MINUTE);
  await box.receive("在吗四");
  expect(box.sent).toHaveLength(3);
});

test("an emergency is a ticket of the first rank for whoever is on shift, and the sender is told what is true and whom to call", async () => {
  await using box = await openSite();
  await box.receive("着火了!806");
  const [ticket] = await box.all();
  expect(ticket).toMatchObject({
    priority: "P0",
    intent: "common.emergency",
    place: "806",
    state: "assigned",
    said: "着火了!806",
  });
  expect(box.sent.map(({ text }) => text)).toEqual([
    `收到,紧急情况已登记,工单号 ${ticket?.number},正在通知值班人员。请同时拨打 119(火警)、120(急救)或 110(报警)。`,
  ]);
});

test("the answer to an emergency goes before all others, past the limits of the line and of the number, and to somebody who wants no texts", async () => {
  await using box = await openSite({ config: { answersPerHour: 1 } });
  const given = Promise.withResolvers<TextOutcome>();
  box.line.outcome = (n) => (n === 1 ? given.promise : Promise.resolve({ type: "sent", parts: 1, reference: String(n) }));
  for (const n of [1, 2, 3]) await box.texts.send({ to: `1391111111${n}`, text: `第${n}条` });
  for (const text of ["在吗", "退订", "806着火了"])
    await box.texts.take("lobby", { id: text, from: GUEST, text, sentAt: 0, stored: async () => {} });
  while ((await box.all()).length < 2) await new Promise((resolve) => setImmediate(resolve));
  box.line.limit = { reason: "its limit of 6 texts a minute is reached", againInMs: MINUTE };
  given.resolve({ type: "sent", parts: 1, reference: "1" });
  await box.settle();
  expect(box.sent.map(({ text }) => text)).toEqual(["第1条", expect.stringContaining("紧急情况已登记")]);
});

test("each place of a text has its ticket with all that was written, and one answer tells of them all", async () => {
  await using box = await openSite();
  await box.receive("808 809 灯都不亮");
  const tickets = await box.all();
  expect(new Set(tickets.map(({ place }) => place))).toEqual(new Set(["808", "809"]));
  expect(box.sent).toHaveLength(1);
  for (const { number, said } of tickets) {
    expect(box.sent[0]?.text).toContain(number);
    expect(said).toBe("808 809 灯都不亮");
  }
  const outbox = await box.db.read((r) => r.selectFrom("outbox").select("body").execute());
  expect(JSON.stringify(outbox)).not.toContain("都不亮");
});

test("what answers the question for the place and tells of an emergency loses neither", async () => {
  await using box = await openSite();
  await box.receive("没有热水");
  await box.receive("老人晕倒了快来人,808");
  const tickets = await box.all();
  expect(new Set(tickets.map(({ priority, place }) => `${priority} ${place}`))).toEqual(new Set(["P0 808", "P2 808"]));
  for (const { number, said } of tickets) {
    expect(box.sent[1]?.text).toContain(number);
    expect(said).toBe("没有热水\n老人晕倒了快来人,808");
  }
});

test("who cancels has his one ticket of that kind cancelled; what is under way, somebody else's or not certain is a person's", async () => {
  await using box = await openSite();
  const states = async () => new Set((await box.all()).map(({ kind, state }) => `${kind} ${state}`));
  await box.receive("806空调坏了");
  await box.receive("取消806的空调维修", "13900000000");
  expect(await states()).toEqual(new Set(["message open", "repair assigned"]));
  await box.receive("取消806的空调维修");
  const cancelled = (await box.all()).find(({ state }) => state === "cancelled");
  expect(await states()).toEqual(new Set(["message open", "repair cancelled"]));
  expect(box.sent.at(-1)?.text).toBe(`已取消:806 空调坏了,工单号 ${cancelled?.number}。`);
  const { history } = await box.tickets.get(cancelled?.id ?? "");
  expect(history.at(-1)).toMatchObject({ type: "cancelled", actor: "assistant", note: "取消806的空调维修" });

  await box.receive("807空调坏了,再送一条毛巾");
  await box.receive("取消807");
  expect((await box.all()).filter(({ state }) => state === "cancelled")).toHaveLength(1);
  const repair = (await box.all()).find(({ kind, state }) => kind === "repair" && state === "assigned");
  const actor = { name: "test", role: "admin", staff: repair?.staff } as const;
  for (const action of ["accept", "start"] as const)
    await box.tickets.command(repair?.id ?? "", { action, commandId: action }, actor);
  await box.receive("不用修807的空调了,取消吧");
  expect((await box.all()).filter(({ state }) => state === "cancelled")).toHaveLength(1);
  expect((await box.all()).filter(({ kind }) => kind === "message")).toHaveLength(3);
});

const NOW = Date.parse("2026-11-21T10:00:00+08:00");

test.each([
  ["a dead clock", Date.parse("2000-01-01T00:00:00Z")],
  ["a clock that is a year ahead", Date.parse("2027-11-21T10:00:00+08:00")],
])("texts that wait while %s is put right are neither given up nor put off, and still answered", async (_, wrong) => {
  await using box = await openSite({ config: { answersPerHour: 2 } });
  box.clock.correct(wrong);
  box.line.limit = { reason: "its limit of 6 texts a minute is reached", againInMs: MINUTE };
  await box.receive("806空调坏了");
  await box.receive("没有热水");
  box.clock.correct(NOW);
  const sent = new Promise<void>((resolve) => {
    box.texts.events.on("textChanged", ({ state }) => {
      if (state === "failed" || box.sent.length === 2) resolve();
    });
  });
  box.line.limit = undefined;
  await box.clock.advance(MINUTE);
  await sent;
  await box.settle();
  expect(box.sent).toHaveLength(2);
  await box.texts.report("lobby", { reference: "1", outcome: "delivered", at: 0 });
  expect((await box.texts.list(9)).map(({ state }) => state)).toContain("delivered");
  await box.receive("807");
  expect(new Set((await box.all()).map(({ place }) => place))).toEqual(new Set(["806", "807"]));
  await box.receive("在吗");
  expect(box.sent.length).toBeGreaterThan(2);
});

test.each([Date.parse("2000-01-01T00:00:00Z"), Date.parse("2027-11-21T10:00:00+08:00")])(
  "what was put off by a clock that was wrong before a restart (%s) goes after it",
  async (wrong) => {
    let dataDir: string;
    {
      await using box = await openSite({ keep: true });
      dataDir = box.dataDir;
      box.clock.correct(wrong);
      box.line.limit = { reason: "its limit of 6 texts a minute is reached", againInMs: MINUTE };
      await box.receive("没有热水");
    }
    {
      await using box = await openSite({ dataDir });
      while (box.sent.length === 0) await box.clock.advance(0);
      await box.receive("806");
      expect(await box.all()).toMatchObject([{ place: "806", kind: "repair" }]);
    }
  },
);

test("a text that waited for a limit only is not said to have failed by it", async () => {
  await using box = await openSite();
  box.line.limit = { reason: "its limit of 6 texts a minute is reached", againInMs: MINUTE };
  const { id } = await box.texts.send({ to: GUEST, text: "一" });
  await box.settle();
  box.line.up = false;
  const settled = once(box.texts.events, "textChanged");
  await box.clock.advance(25 * 60 * MINUTE);
  expect((await settled)[0]).toMatchObject({ id, state: "failed", reason: "it did not go out within a day" });
});

test("a message for a person waits at the desk; nobody was to be sent for it", async () => {
  await using box = await openSite();
  await box.receive("你好");
  const [ticket] = await box.all();
  const { history } = await box.tickets.get(ticket?.id ?? "");
  expect(history.map(({ type }) => type)).toEqual(["opened"]);
});

test("two requests in one text are two tickets and one answer", async () => {
  await using box = await openSite();
  await box.receive("806空调不制冷,再送一条毛巾");
  const tickets = await box.all();
  expect(new Set(tickets.map(({ kind }) => kind))).toEqual(new Set(["delivery", "repair"]));
  expect(box.sent).toHaveLength(1);
  for (const { number } of tickets) expect(box.sent[0]?.text).toContain(number);
});

test("who asked by text is told when it is done, once; and not where the site does not want it", async () => {
  const finish = async (box: Awaited<ReturnType<typeof openSite>>, { id, staff }: Ticket) => {
    const actor = { name: "test", role: "admin", staff } as const;
    for (const action of ["accept", "start", "finish"] as const)
      await box.tickets.command(id, { action, commandId: action }, actor);
    await box.clock.advance(0);
    await box.settle();
  };
  for (const tellWhenDone of [true, false]) {
    await using box = await openSite({ config: { tellWhenDone } });
    await box.receive("806空调坏了");
    const [ticket] = await box.all();
    if (!ticket) throw new Error("no ticket");
    const told = tellWhenDone ? once(box.texts.events, "textChanged") : undefined;
    await finish(box, ticket);
    await told;
    await box.settle();
    expect(box.sent.slice(1).map(({ text }) => text)).toEqual(
      tellWhenDone ? [`工单 ${ticket.number} 已完成:806 空调坏了。`] : [],
    );
  }
});

test("a text waits for its line, is tried again where it may go through, and is given up after a day", async () => {
  await using box = await openSite();
  box.line.up = false;
  const { id } = await box.texts.send({ to: GUEST, text: "您好" });
  await box.settle();
  expect(box.sent).toEqual([]);
  box.line.up = true;
  box.line.outcome = async () => ({ type: "failed", reason: "no network", retry: true });
  box.texts.lineChanged();
  await box.settle();
  expect(box.sent).toHaveLength(1);
  expect((await box.texts.list(1))[0]).toMatchObject({ id, state: "waiting", reason: "no network" });
  box.line.outcome = async () => ({ type: "sent", parts: 1, reference: "7" });
  await box.clock.advance(MINUTE);
  await box.settle();
  expect((await box.texts.list(1))[0]).toMatchObject({ state: "sent" });
  expect((await box.texts.list(1))[0]?.reason).toBeUndefined();
  await box.texts.report("lobby", { reference: "7", outcome: "delivered", at: 0 });
  expect((await box.texts.list(1))[0]).toMatchObject({ state: "delivered" });

  box.line.up = false;
  const old = await box.texts.send({ to: GUEST, text: "再见" });
  const settled = once(box.texts.events, "textChanged");
  await box.clock.advance(25 * 60 * MINUTE);
  expect((await settled)[0]).toMatchObject({ id: old.id, state: "failed", reason: "the line was down for a day" });
});

test("a text that the network refuses is not tried again; a report that comes early is not lost", async () => {
  await using box = await openSite();
  box.line.outcome = async () => ({ type: "failed", reason: "no such number", retry: false });
  await box.texts.send({ to: GUEST, text: "一" });
  await box.settle();
  await box.clock.advance(60 * MINUTE);
  await box.settle();
  expect(box.sent).toHaveLength(1);
  expect(await box.texts.list(5)).toMatchObject([{ state: "failed", reason: "no such number" }]);
  await box.texts.report("lobby", { reference: "9", outcome: "failed", reason: "expired", at: 0 });
  box.line.outcome = async () => ({ type: "sent", parts: 1, reference: "9" });
  const failed = new Promise<unknown>((resolve) => {
    box.texts.events.on("textChanged", (text) => {
      if (text.text === "二" && text.state === "failed") resolve(text);
    });
  });
  await box.texts.send({ to: GUEST, text: "二" });
  await box.settle();
  expect(await failed).toMatchObject({ reason: "expired" });
});

test("a line at its limit sends later", async () => {
  await using box = await openSite();
  box.line.limit = { reason: "its limit of 6 texts a minute is reached", againInMs: MINUTE };
  await box.texts.send({ to: GUEST, text: "一" });
  await box.settle();
  expect(box.sent).toEqual([]);
  box.line.limit = undefined;
  await box.clock.advance(MINUTE);
  await box.settle();
  expect(box.sent).toHaveLength(1);
});

test("a restart sends what waits, but not what was being sent: it may have gone out", async () => {
  let dataDir: string;
  {
    await using box = await openSite({ keep: true });
    dataDir = box.dataDir;
    box.line.up = false;
    await box.texts.send({ to: GUEST, text: "waits" });
    const { id } = await box.texts.send({ to: GUEST, text: "cut off" });
    await box.db.transact((tx) => tx.updateTable("text_message").set({ state: "sending" }).where("id", "=", id).execute());
  }
  {
    await using box = await openSite({ dataDir });
    await box.settle();
    expect(box.sent.map(({ text }) => text)).toEqual(["waits"]);
    expect((await box.texts.list(5)).find(({ text }) => text === "cut off")).toMatchObject({
      state: "failed",
      reason: "the box stopped while it was being sent; it may have arrived",
    });
  }
});

test("what became of a text while the disk was full is written when there is room, without a restart and without sending it again", async () => {
  await using box = await openSite();
  const mostPages = (pages: number) => box.db.transact((tx) => sql.raw(`pragma max_page_count = ${pages}`).execute(tx));
  box.line.outcome = async () => {
    await mostPages(1);
    // Longer than what is left of any page.
    return { type: "sent", parts: 1, reference: "7".repeat(100_000) };
  };
  const refused = once(box.errors, "what became of a text could not be written, it is tried again");
  const { id } = await box.texts.send({ to: GUEST, text: "您好" });
  await refused;
  expect((await box.texts.list(1))[0]).toMatchObject({ id, state: "waiting" });
  const told = once(box.texts.events, "textChanged");
  await mostPages(1_000_000);
  await box.clock.advance(MINUTE);
  expect((await told)[0]).toMatchObject({ id, state: "sent" });
  await box.settle();
  expect((await box.texts.list(1))[0]).toMatchObject({ id, state: "sent" });
  expect(box.sent).toHaveLength(1);
});

test("a text of which the database does not take that it is being sent is not sent before it does", async () => {
  await using box = await openSite();
  await box.db.transact((tx) =>
    sql.raw("create trigger refused before update on text_message begin select raise(abort, 'refused'); end").execute(tx),
  );
  const refused = once(box.errors, "what became of a text could not be written, it is tried again");
  await box.texts.send({ to: GUEST, text: "您好" });
  await refused;
  expect(box.sent).toEqual([]);
  await box.db.transact((tx) => sql.raw("drop trigger refused").execute(tx));
  await box.clock.advance(MINUTE);
  await box.settle();
  expect(box.sent).toHaveLength(1);
});

test("a crash between a ticket and the note of it beside its text does not open the ticket twice", async () => {
  let dataDir: string;
  {
    await using box = await openSite({ keep: true });
    dataDir = box.dataDir;
    await box.receive("806空调坏了");
    // As if the box had died right after the ticket was on disk.
    await box.db.transact(async (tx) => {
      await tx.deleteFrom("text_message").where("direction", "=", "out").execute();
      await tx.updateTable("text_message").set({ handled: 0, ticket_id: null }).execute();
    });
  }
  {
    await using box = await openSite({ dataDir });
    await box.settle();
    expect(await box.all()).toHaveLength(1);
    expect(box.sent).toHaveLength(1);
  }
});

test("who wrote is answered by the line that the text came by, beside its ticket, unless texts are not wanted", async () => {
  await using box = await openSite();
  await box.receive("806空调坏了");
  const [asked] = (await box.texts.list(5)).filter(({ direction }) => direction === "in");
  const ticketId = asked?.ticketId;
  expect(ticketId).toBeDefined();
  const sent = await box.texts.answer(asked?.id ?? "", "师傅十分钟后到");
  expect(sent).toMatchObject({ line: "lobby", number: GUEST, direction: "out", ticketId });
  await box.settle();
  expect(box.sent.at(-1)).toEqual({ line: "lobby", to: GUEST, text: "师傅十分钟后到" });
  expect(await box.texts.find(sent.id)).toMatchObject({ text: "师傅十分钟后到" });
  // What we sent ourselves, and a sender that has a name, are nobody to answer.
  await box.receive("您的快递到了", "某快递");
  const [courier] = await box.texts.list(1);
  for (const id of [sent.id, courier?.id ?? "", "nothing"])
    await expect(box.texts.answer(id, "您好")).rejects.toMatchObject({ fault: "not-found", code: "no-such-text" });
  await box.receive("TD");
  await expect(box.texts.answer(asked?.id ?? "", "您好")).rejects.toMatchObject({ fault: "not-allowed" });
});
