import { type Clock, systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import type { TextReport } from "../../line/index.ts";
import { LONG_CHINESE } from "../../line/testing/index.ts";
import { AtError } from "../at/index.ts";
import { type ModemTextRig, OWN_NUMBER, standardPlugins } from "../testing/index.ts";
import { refusalOf } from "./refusals.ts";
import { type OpenTexts, openRig } from "./rig.testing.ts";

const soon = () => AbortSignal.timeout(10_000);
const send = (rig: ModemTextRig<OpenTexts>, text: string, to = rig.far) => rig.texts.send(to, text, { signal: soon() });

/** Does not wait between tries. */
const hasty: Clock = { ...systemClock, sleep: (_, signal) => systemClock.sleep(0, signal) };

async function next<T>(of: AsyncIterable<T>): Promise<T> {
  for await (const one of of) return one;
  throw new Error("ended without another");
}

test("a part that is refused after others went is sent again, not the whole text", async () => {
  await using rig = await openRig({}, { clock: hasty });
  rig.side.answers.push("ok", "+CMS ERROR: 38");
  expect(await send(rig, LONG_CHINESE)).toMatchObject({ type: "sent", parts: 3 });
  expect(await rig.received()).toBe(LONG_CHINESE);
  expect(rig.side.submitted).toBe(4);
});

test("a text that got stuck goes on where it stopped when it is sent again", async () => {
  await using rig = await openRig({}, { clock: hasty });
  const giveUp = new AbortController();
  rig.side.answers.push("ok", "+CMS ERROR: 38", "+CMS ERROR: 38");
  rig.side.onSubmit = (count) => count === 3 && giveUp.abort();
  const outcome = await rig.texts.send(rig.far, LONG_CHINESE, { signal: giveUp.signal });
  expect(outcome).toMatchObject({ type: "failed", retry: true });
  expect(await send(rig, LONG_CHINESE)).toMatchObject({ type: "sent", parts: 3 });
  expect(await rig.received()).toBe(LONG_CHINESE);
  // Part 1 once, part 2 three times, part 3 once.
  expect(rig.side.submitted).toBe(5);
});

test("a text that is refused for good after a part went fails at once", async () => {
  await using rig = await openRig();
  rig.side.answers.push("ok", "+CMS ERROR: 50");
  expect(await send(rig, LONG_CHINESE)).toMatchObject({
    type: "failed",
    retry: false,
    reason: expect.stringContaining("contract"),
  });
});

test("a text of more than ten parts is refused with how many it needs", async () => {
  await using rig = await openRig();
  expect(await send(rig, "长".repeat(670))).toMatchObject({ type: "sent", parts: 10 });
  const outcome = await send(rig, "长".repeat(671));
  expect(outcome).toEqual({ type: "failed", retry: false, reason: "the text needs 11 parts, 10 is the most" });
  expect(rig.side.submitted).toBe(10);
});

test.for(["", "不是号码", "1234567890 x", "1".repeat(21), "12345\r"])("%j is no number", async (to) => {
  await using rig = await openRig();
  expect(await send(rig, "1", to)).toMatchObject({ type: "failed", retry: false, reason: expect.stringContaining("recipient") });
});

test.for(["138 0000-0002", "(138)00000002"])("%s is written as people do", async (to) => {
  await using rig = await openRig();
  expect(await send(rig, "1", to)).toMatchObject({ type: "sent" });
  expect(await rig.received()).toBe("1");
});

test("without reports none is asked for, and there is no reference", async () => {
  await using rig = await openRig({}, { deliveryReports: false });
  const outcome = await send(rig, "1");
  expect(outcome).toEqual({ type: "sent", parts: 1 });
  expect(rig.side.kept).toEqual([]);
});

test("reports that come before the modem has taken the text are told after it", async () => {
  await using rig = await openRig();
  rig.side.earlyReports = true;
  const outcome = await send(rig, LONG_CHINESE);
  expect(outcome).toMatchObject({ type: "sent", reference: (await next(rig.texts.reports)).reference });
});

test.for([true, false])(
  "reports are deleted from the modem (with a memory of their own: %s), and told once for all parts",
  async (apart) => {
    await using rig = await openRig();
    rig.side.reportsApart = apart;
    const one = await send(rig, LONG_CHINESE);
    const reports: TextReport[] = [await next(rig.texts.reports)];
    const other = await send(rig, "短");
    reports.push(await next(rig.texts.reports));
    expect(reports.map(({ reference }) => reference)).toEqual(
      [one, other].map((outcome) => outcome.type === "sent" && outcome.reference),
    );
    // The modem is asked for something else, so what was to be deleted is.
    rig.centre.send(rig.far, OWN_NUMBER, "1");
    const text = await next(rig.texts.incoming);
    await text.stored();
    expect(rig.side.kept).toEqual([]);
  },
);

test("a modem that cannot keep reports tells them at once", async () => {
  await using rig = await openRig({
    plugins: [
      ...standardPlugins,
      (modem) => {
        modem.handle("+CNMI=2,1,0,2", () => ({ final: "ERROR" }));
      },
    ],
  });
  const { outcome } = await send(rig, "1").then(async () => await next(rig.texts.reports));
  expect([outcome, rig.side.kept]).toEqual(["delivered", []]);
});

test("closing while a text is under way ends it as one that may be tried again", async () => {
  await using rig = await openRig();
  rig.side.answers.push("silent");
  const sending = send(rig, "1");
  const waiting = send(rig, "2");
  await rig.texts.own[Symbol.asyncDispose]();
  expect(await Promise.all([sending, waiting])).toEqual([
    { type: "failed", retry: true, reason: "the line is closed" },
    { type: "failed", retry: true, reason: "the line is closed" },
  ]);
});

test("pulling the modem out while a text is under way ends it as one that may be tried again", async () => {
  await using rig = await openRig();
  rig.side.answers.push("silent");
  rig.side.onSubmit = () => void rig.modem.unplug();
  expect(await send(rig, "1")).toMatchObject({ type: "failed", retry: true });
});

test.for([
  ["+CMS ERROR: 38", true],
  ["+CMS ERROR: 41", true],
  ["+CMS ERROR: 42", true],
  ["+CMS ERROR: 47", true],
  ["+CMS ERROR: 310", true],
  ["+CMS ERROR: 331", true],
  ["+CMS ERROR: 332", true],
  ["+CMS ERROR: 500", true],
  ["+CMS ERROR: 512", true],
  ["+CMS ERROR: 99999", true],
  ["+CME ERROR: 30", true],
  ["ERROR", true],
  ["timeout", true],
  ["gone", true],
  ["+CMS ERROR: 1", false],
  ["+CMS ERROR: 21", false],
  ["+CMS ERROR: 28", false],
  ["+CMS ERROR: 50", false],
  ["+CMS ERROR: 304", false],
  ["+CMS ERROR: 330", false],
] as const)("%s: to be tried again is %s", ([final, retry]) => {
  const refusal = refusalOf(new AtError("+CMGS=1", final));
  expect(refusal.retry).toBe(retry);
  expect(refusal.reason).toMatch(/^(?:the|there|this|texts) [a-z ]+/i);
});
