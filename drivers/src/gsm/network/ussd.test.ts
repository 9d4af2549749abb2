import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { describe, expect, test } from "vitest";
import { LineError } from "../../line/index.ts";
import { openSerial } from "../../serial/index.ts";
import { openAtChannel } from "../at/index.ts";
import { type Modem, profileFor } from "../modem/index.ts";
import { packText } from "../pdu/index.ts";
import { openScriptedModem, type ScriptedModemOptions, type ScriptedUssd, scriptedUssdOf } from "../testing/index.ts";
import { runUssd } from "./index.ts";
import { decodeUssd } from "./ussd-text.ts";

const deps = { clock: systemClock, log: silentLog };
const nothing = { manufacturer: "", model: "", firmware: "", imei: "", iccid: undefined, imsi: undefined };
const never = new AbortController().signal;

interface Rig extends AsyncDisposable {
  readonly modem: Modem;
  readonly network: ScriptedUssd;
  readonly unplug: () => Promise<void>;
}

async function open(options: Partial<ScriptedModemOptions> = {}): Promise<Rig> {
  const owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sitebox-ussd-"));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const scripted = owned.use(await openScriptedModem({ folder, ...options }));
  const at = owned.use(openAtChannel(await openSerial(scripted.atPath, deps), deps));
  const profile = profileFor(scripted.profile, "");
  if (!profile) throw new Error("no such profile");
  const over = new AbortController();
  void at.lost.then(() => over.abort());
  await at.send("+CMEE=1");
  return {
    modem: { at, profile, identity: nothing, openAudio: undefined, over: over.signal },
    network: scriptedUssdOf(scripted),
    unplug: () => scripted.unplug(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe.each(["quectel-ec2x", "simcom-sim7600", "huawei-e"] as const)("service codes of a %s", (profile) => {
  test("the answer comes as text", async () => {
    await using rig = await open({ profile });
    rig.network.answers.set("*100#", { text: "Balance: 12.30 yuan" });
    expect(await runUssd(rig.modem, "*100#", never, deps)).toBe("Balance: 12.30 yuan");
    expect(rig.network.heard).toEqual(["*100#"]);
  });

  test("a Chinese answer does, too", async () => {
    await using rig = await open({ profile });
    rig.network.answers.set("*100#", { text: "您的余额为12.30元", form: "ucs2", dcs: 72 });
    expect(await runUssd(rig.modem, "*100#", never, deps)).toBe("您的余额为12.30元");
  });

  test("a menu is gone through, and left where another code is run", async () => {
    await using rig = await open({ profile });
    rig.network.answers.set("*100#", { text: "1 balance, 2 data", state: 1 });
    rig.network.answers.set("1", { text: "12.30 yuan" });
    rig.network.answers.set("*101#", { text: "other" });
    expect(await runUssd(rig.modem, "*100#", never, deps)).toBe("1 balance, 2 data");
    expect(await runUssd(rig.modem, "1", never, deps)).toBe("12.30 yuan");
    expect(await runUssd(rig.modem, "*100#", never, deps)).toBe("1 balance, 2 data");
    expect(await runUssd(rig.modem, "*101#", never, deps)).toBe("other");
    expect(rig.network.heard).toEqual(["*100#", "1", "*100#", "cancel", "*101#"]);
  });

  test.for([
    [{ state: 2 }, /ended/],
    [{ state: 3 }, /another device/],
    [{ state: 4 }, /does not know/],
    [{ state: 5 }, /in time/],
    [{ final: "+CME ERROR: 30" }, /there is no network/],
    [{ final: "+CME ERROR: 100" }, /refuses/],
  ] as const)("what the network says to a refused one (%j) is told in plain words", async ([answer, words]) => {
    await using rig = await open({ profile });
    rig.network.answers.set("*100#", answer);
    await expect(runUssd(rig.modem, "*100#", never, deps)).rejects.toThrow(words);
    await expect(runUssd(rig.modem, "*100#", never, deps)).rejects.toThrow(LineError);
  });
});

test("no answer within 30 s is an error, and ends it in the network", async () => {
  await using rig = await open();
  rig.network.answers.set("*100#", "silent");
  const clock = new VirtualClock();
  const running = runUssd(rig.modem, "*100#", never, { clock, log: silentLog });
  const failing = expect(running).rejects.toThrow(/in time/);
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(30_000);
  await failing;
  expect(rig.network.heard).toEqual(["*100#", "cancel"]);
});

test("giving up ends it in the network, and the next one goes", async () => {
  await using rig = await open();
  rig.network.answers.set("*100#", "silent");
  rig.network.answers.set("*101#", { text: "fine" });
  const giveUp = new AbortController();
  const running = runUssd(rig.modem, "*100#", giveUp.signal, deps);
  await expect(runUssd(rig.modem, "*101#", never, deps)).rejects.toThrow(/under way/);
  giveUp.abort();
  await expect(running).rejects.toThrow(/abort/i);
  expect(await runUssd(rig.modem, "*101#", never, deps)).toBe("fine");
});

test("a modem that is lost in the midst of it is an error", async () => {
  await using rig = await open();
  rig.network.answers.set("*100#", "silent");
  const failing = expect(runUssd(rig.modem, "*100#", never, deps)).rejects.toThrow(/gone/);
  await rig.unplug();
  await failing;
});

test("firmware that wants another form than its kind is understood", async () => {
  await using rig = await open({ profile: "quectel-ec2x" });
  rig.network.form = "text";
  rig.network.answers.set("*100#", { text: 'Say yes\r\nor "no"', form: "text" });
  expect(await runUssd(rig.modem, "*100#", never, deps)).toBe('Say yes\nor "no"');
});

describe.each(["quectel-ec2x", "simcom-sim7600", "huawei-e"] as const)("orders, by a %s", (profile) => {
  test.for(["*31#", "#31#", "**21*13812345678#", "##002#", "*03*330*0000*1111*1111#", "**04*1234*1111*1111#"])(
    "%s is refused before the modem hears of it",
    async (code) => {
      await using rig = await open({ profile });
      await expect(runUssd(rig.modem, code, never, deps)).rejects.toMatchObject({ code: "service-code-orders" });
      expect(rig.network.heard).toEqual([]);
    },
  );
});

test.for(['AT"', "", "*100#\r", "余额"])("%j is no service code", async (code) => {
  await using rig = await open();
  await expect(runUssd(rig.modem, code, never, deps)).rejects.toThrow(LineError);
  expect(rig.network.heard).toEqual([]);
});

const ucs2 = (text: string) => Buffer.from(text, "utf16le").swap16().toString("hex");
const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");

test.for([
  ["text", "Balance 12", 15, "Balance 12"],
  ["ucs2", "Balance 12", 15, "Balance 12"],
  ["text", "10086", 15, "10086"],
  ["text", "123456", 15, "123456"],
  ["text", ucs2("余额12元"), 72, "余额12元"],
  ["text", ucs2("余额12元"), 15, "余额12元"],
  ["packed", ucs2("您的余额为12.30元"), 17, "您的余额为12.30元"],
  ["ucs2", ucs2("Balance 12.30 yuan"), 15, "Balance 12.30 yuan"],
  ["ucs2", packText("Your balance is 12.30 yuan") ?? "", 15, "Your balance is 12.30 yuan"],
  ["text", packText("Your balance is 12.30 yuan") ?? "", undefined, "Your balance is 12.30 yuan"],
  ["text", bytes("余额12元"), 72, "余额12元"],
  // "余额" in GBK.
  ["text", "\u00d3\u00e0\u00b6\u00ee", 15, "余额"],
  ["packed", "ABC", 15, "ABC"],
] as const)("as %s, %j with coding %s reads %j", ([form, answer, dcs, text]) => {
  expect(decodeUssd(answer, dcs, form)).toBe(text);
});
