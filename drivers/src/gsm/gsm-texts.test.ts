import { GsmLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import type { IncomingText, Line, TextPort } from "../line/index.ts";
import { describeTexts, LONG_CHINESE, until } from "../line/testing/index.ts";
import { openGsmLine } from "./index.ts";
import {
  centreOf,
  type Misbehaviour,
  ModemTextRig,
  OWN_NUMBER,
  openScriptedModem,
  type ScriptedModem,
  type ScriptedModemOptions,
  scriptedUssdOf,
} from "./testing/index.ts";

/** The texts of a line, with the line that they are of. */
interface LineTexts extends TextPort, AsyncDisposable {
  readonly line: Line;
}

/** A line over a scripted modem, once it is up. */
async function openLine(modem: ScriptedModem): Promise<LineTexts> {
  const config = GsmLine.parse({
    kind: "gsm",
    name: "gsm",
    sim: { number: modem.identity.number, owner: "A hotel", purpose: "reception" },
    atPort: modem.atPath,
    audioPort: modem.audioPath,
  });
  const line = await openGsmLine(config, { clock: systemClock, log: silentLog });
  await until(line, ({ state }) => state === "up");
  const { texts } = line;
  if (!texts) throw new Error("a line over a modem has texts");
  return {
    line,
    incoming: texts.incoming,
    reports: texts.reports,
    send: (to, text, options) => texts.send(to, text, options),
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}

const open = (options?: Partial<ScriptedModemOptions>) => ModemTextRig.open(openLine, options);
const claims = { reports: true, reopen: true, parts: true };

const misbehaviour: Misbehaviour = {
  splitLines: true,
  garbage: 0.2,
  late: 0.1,
  lateMs: 20,
  echoStays: true,
  interrupts: { chance: 0.2, lines: ["+CSQ: 21,99", "+CREG: 1", "RING", '+CMTI: "ME",99'] },
};

for (const profile of ["quectel-ec2x", "simcom-sim7600", "huawei-e"] as const) {
  describeTexts(`texts of gsm over scripted modems: ${profile}`, () => open({ profile }), claims);
  describeTexts(`texts of gsm over scripted modems: ${profile} that misbehaves`, () => open({ profile, misbehaviour }), claims);
}

async function next(of: AsyncIterable<IncomingText>): Promise<IncomingText> {
  for await (const one of of) return one;
  throw new Error("the line was closed without another text");
}

const soon = () => AbortSignal.timeout(10_000);

test("200 Chinese characters go from modem to modem, and back", async () => {
  await using rig = await open();
  const { network } = rig.modem;
  if (!network) throw new Error("the rig has a network");
  await using other = await openScriptedModem({ folder: "/tmp", network, identity: { number: "13900000009" } });
  await using far = await openLine(other);
  expect(await rig.texts.send("13900000009", LONG_CHINESE, { signal: soon() })).toMatchObject({ type: "sent", parts: 3 });
  const there = await next(far.incoming);
  expect([there.from, there.text]).toEqual([OWN_NUMBER, LONG_CHINESE]);
  await there.stored();
  const answer = `回复${LONG_CHINESE}`;
  expect(await far.send(OWN_NUMBER, answer, { signal: soon() })).toMatchObject({ type: "sent", parts: 4 });
  const back = await next(rig.texts.incoming);
  expect([back.from, back.text]).toEqual(["13900000009", answer]);
});

test("a modem that is pulled out before its text is stored tells it again, as the same, and then no more", async () => {
  await using rig = await open();
  await rig.comeIn({ text: LONG_CHINESE });
  const once = await next(rig.texts.incoming);
  await rig.modem.unplug();
  await until(rig.texts.line, ({ state }) => state === "down");
  // The modem is not there any more: it is told again when it is.
  await once.stored();
  await rig.modem.plug();
  const again = await next(rig.texts.incoming);
  expect([again.id, again.text]).toEqual([once.id, LONG_CHINESE]);
  await again.stored();
  expect(rig.side.kept).toEqual([]);
});

test("a modem that is pulled out between the parts of a text puts it together afterwards", async () => {
  await using rig = await open();
  rig.centre.send(rig.far, OWN_NUMBER, LONG_CHINESE, { reference: 5, sentAt: 1_700_000_000_000, without: [2] });
  await rig.modem.unplug();
  rig.centre.send(rig.far, OWN_NUMBER, LONG_CHINESE, { reference: 5, sentAt: 1_700_000_000_000, without: [1, 3] });
  await rig.modem.plug();
  expect((await next(rig.texts.incoming)).text).toBe(LONG_CHINESE);
});

test("the operator's answer is the balance, and still a text", async () => {
  await using rig = await open();
  rig.centre.services.set("10086", (text) => (text === "YE" ? "尊敬的客户，您的可用余额为12.30元。" : undefined));
  const [balance, text] = await Promise.all([rig.texts.line.askBalance?.(soon()), next(rig.texts.incoming)]);
  expect(balance?.yuan).toBe(12.3);
  expect([text.from, text.text]).toEqual(["10086", "尊敬的客户，您的可用余额为12.30元。"]);
});

test("a service code is run", async () => {
  await using rig = await open();
  scriptedUssdOf(rig.modem).answers.set("*100#", { text: "您的余额为12.30元" });
  expect(await rig.texts.line.ussd?.("*100#", { signal: soon() })).toBe("您的余额为12.30元");
});

test("a text that came while the box was off is told when it is on", async () => {
  await using rig = await open();
  await rig.texts[Symbol.asyncDispose]();
  await rig.comeIn({ text: "806" });
  expect((await next((await rig.reopen()).incoming)).text).toBe("806");
});

test("a memory that is nearly full is a warning of the line, until its texts are stored", async () => {
  await using rig = await open();
  const { line, incoming } = rig.texts;
  const warnings = (count: number) => until(line, (state) => state.warnings?.length === count);
  await warnings(0);
  Object.assign(rig.side.capacity, { ME: 3, SM: 3 });
  for (const text of ["1", "2", "3"]) await rig.comeIn({ text });
  await warnings(1);
  expect(line.state).toMatchObject({ state: "up", warnings: ["texts-nearly-full"] });
  for (let count = 0; count < 3; count++) await (await next(incoming)).stored();
  await rig.comeIn({ text: "4" });
  await warnings(0);
  await (await next(incoming)).stored();
});

test("the network keeps what a full modem cannot take, and hands it over when there is room", async () => {
  await using rig = await open();
  Object.assign(rig.side.capacity, { ME: 2, SM: 1 });
  for (const text of ["1", "2", "3", "4"]) await rig.comeIn({ text });
  const got: string[] = [];
  while (got.length < 4) {
    const text = await next(rig.texts.incoming);
    got.push(text.text);
    await text.stored();
  }
  expect(got).toEqual(["1", "2", "3", "4"]);
  expect(centreOf(rig.modem)).toBe(rig.centre);
});
