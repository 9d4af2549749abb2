import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GsmLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LineState } from "../line/index.ts";
import { openSerial } from "../serial/index.ts";
import { openUsb } from "../usb/index.ts";
import { type GsmTimes, openGsmLine, type ProbeDeps, probeModem } from "./index.ts";
import { openScriptedModem, type ScriptedModem, type ScriptedModemOptions, ScriptedUsb } from "./testing/index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-probe-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const times: Partial<GsmTimes> = {
  ...{ commandMs: 400, pingMs: 200, probeMs: 150, simWaitMs: 300, searchMs: 30, pollMs: 40 },
  backoff: { firstMs: 10, maxMs: 50 },
};
const real = { clock: systemClock, log: silentLog };

/** A modem in a socket of this machine's, and how it is asked. */
async function rig(options: Partial<ScriptedModemOptions> & { readonly swapPorts?: boolean } = {}) {
  const { swapPorts = false, ...more } = options;
  const owned = new AsyncDisposableStack();
  const bus = owned.use(await ScriptedUsb.open(folder));
  const modem = owned.use(await openScriptedModem({ folder, usb: { bus, path: "1-1.4", swapPorts }, ...more }));
  const usb = owned.use(await openUsb({ ...real, sysDir: bus.sysDir, devDir: bus.devDir, pollMs: 20 }));
  const [found] = usb.modems;
  if (!found) throw new Error("the modem is not seen");
  const probe = (deps: Partial<ProbeDeps> = {}) =>
    probeModem(found, { ...real, times, signal: new AbortController().signal, ...deps });
  return { modem, usb, found, probe, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const tellNumber = (modem: ScriptedModem, number: string) =>
  modem.handle("+CNUM", () => ({ lines: [`+CNUM: "","${number}",129`] }));

test.for(["quectel-ec2x", "simcom-sim7600", "huawei-e"] as const)("a modem of the kind %s says what it is", async (profile) => {
  await using at = await rig({ profile });
  const { model, firmware, imei, iccid } = at.modem.identity;
  expect(await at.probe()).toEqual({ profile, model, firmware, imei, iccid, operator: "CHINA MOBILE" });
});

test("nothing is set at it but echo and numbered errors", async () => {
  await using at = await rig();
  await at.probe();
  expect([...at.modem.settings]).toEqual([["+CMEE", "1"]]);
});

test.for(["13900000001", "+8613900000001", "0031003300390030003000300030003000300030"])(
  "a SIM that knows its number tells it: %s",
  async (said) => {
    await using at = await rig();
    tellNumber(at.modem, said);
    expect((await at.probe())?.number).toBe(said.startsWith("00") ? "1390000000" : said);
  },
);

test.for([
  ["absent", 1, "no-sim"],
  ["SIM PIN", 1, "pin-needed"],
  ["SIM PUK", 1, "puk-needed"],
  ["READY", 2, "searching"],
  ["READY", 3, "registration-denied"],
  ["READY", 5, undefined],
] as const)("with a SIM that is %s and the registration %i its fault is %s", async ([sim, registration, fault]) => {
  await using at = await rig({ radio: { sim, registration } });
  const said = await at.probe();
  expect(said).toMatchObject({ imei: at.modem.identity.imei });
  expect(said?.fault).toBe(fault);
  expect(said?.iccid).toBe(sim === "absent" ? undefined : at.modem.identity.iccid);
});

test("no PIN is entered", async () => {
  await using at = await rig({ radio: { sim: "SIM PIN" } });
  await at.probe();
  expect(at.modem.radio).toMatchObject({ sim: "SIM PIN", pinAttempts: 3 });
});

test("firmware that is known not to work is told before it is made a line", async () => {
  await using at = await rig({ profile: "simcom-sim7600", identity: { firmware: "LE20B06SIM7600CE" } });
  expect(await at.probe()).toMatchObject({ fault: "bad-firmware", operator: "CHINA MOBILE" });
});

test("it answers in spite of noise, of pieces, and of ports in another order than known", async () => {
  const interrupts = { chance: 0.3, lines: ["RING", "+CREG: 1", "^RSSI: 20", "NO CARRIER"] };
  await using at = await rig({ swapPorts: true, misbehaviour: { splitLines: true, garbage: 0.3, interrupts }, seed: 5 });
  expect(await at.probe()).toMatchObject({ imei: at.modem.identity.imei, iccid: at.modem.identity.iccid });
});

test("one that is silent is not waited for", async () => {
  await using at = await rig();
  at.modem.hang();
  expect(await at.probe()).toEqual({ model: "Quectel EC20/EC25", profile: "quectel-ec2x", fault: "not-answering" });
});

test("what was said before the time was over is kept", async () => {
  await using at = await rig();
  const clock = new VirtualClock();
  const asked = Promise.withResolvers<void>();
  at.modem.handle("+CPIN?", () => {
    asked.resolve();
    return "silent";
  });
  const probing = at.probe({ clock, openSerial: (path) => openSerial(path, real) });
  await asked.promise;
  await clock.advance(10_000);
  expect(await probing).toMatchObject({ imei: at.modem.identity.imei, fault: "not-answering" });
  expect(clock.pending).toBe(0);
});

test("who gives up is told so when the port is free", async () => {
  await using at = await rig();
  const stop = new AbortController();
  const why = new Error("a line wants it");
  at.modem.handle("+CGMI", () => {
    stop.abort(why);
    return "silent";
  });
  await expect(at.probe({ signal: stop.signal })).rejects.toBe(why);
  await (await openSerial(at.modem.atPath, real))[Symbol.asyncDispose]();
});

test("a modem that somebody else has is left alone at all its ports", async () => {
  await using at = await rig();
  await using _other = await openSerial(at.modem.atPath, real);
  let opened = 0;
  const open = (path: string) => {
    opened++;
    return openSerial(path, real);
  };
  expect(await at.probe({ openSerial: open })).toBeUndefined();
  expect(opened).toBe(1);
});

test("one that was pulled out meanwhile is unplugged", async () => {
  await using at = await rig();
  await at.modem.unplug();
  expect(await at.probe()).toMatchObject({ fault: "unplugged" });
});

test("a line that wants a modem while it is asked has it soon after", async () => {
  await using at = await rig();
  const asked = Promise.withResolvers<void>();
  const wanted = Promise.withResolvers<void>();
  at.modem.handle("+CNUM", async () => {
    asked.resolve();
    await wanted.promise;
    return {};
  });
  const probing = at.probe();
  await asked.promise;
  const config = {
    ...{ kind: "gsm", name: "mobile-1", usbPath: "1-1.4" },
    sim: { number: "13900000001", owner: "A hotel", purpose: "reception" },
  };
  const states: LineState[] = [];
  await using line = await openGsmLine(GsmLine.parse(config), { ...real, usb: at.usb, times });
  const up = Promise.withResolvers<void>();
  using _listening = line.onChanged((state) => {
    states.push(state);
    if (state.reason?.includes("another program")) wanted.resolve();
    if (state.state === "up") up.resolve();
  });
  await up.promise;
  expect(states[0]).toMatchObject({ state: "down", fault: "failed" });
  expect(await probing).toMatchObject({ imei: at.modem.identity.imei });
});
