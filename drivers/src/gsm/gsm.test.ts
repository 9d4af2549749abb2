import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Line, LineError } from "../line/index.ts";
import { until } from "../line/testing/index.ts";
import { openUsb } from "../usb/index.ts";
import type { GsmDeps } from "./index.ts";
import { down, lineOf, open, stated, up } from "./rig.testing.ts";
import { openScriptedModem, ScriptedNetwork, ScriptedUsb } from "./testing/index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-gsm-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a GSM line", () => {
  test.for(["quectel-ec2x", "simcom-sim7600", "huawei-e"] as const)(
    "comes up with a modem of the kind %s and says what it is",
    async (profile) => {
      await using modem = await openScriptedModem({ folder, profile });
      await using line = await open(stated(modem));
      const { device, radio, maxCalls } = await until(line, ({ state, radio }) => state === "up" && radio !== undefined);
      const { model, firmware, imei, iccid } = modem.identity;
      expect(device).toEqual({ model, firmware, imei, iccid });
      expect(radio).toEqual({ bars: 5, dbm: -71, operator: "CHINA MOBILE", technology: "4G", roaming: false });
      expect(maxCalls).toBe(1);
    },
  );

  test("comes up with a modem that misbehaves in every way that an answer can", async () => {
    const interrupts = { chance: 0.3, lines: ["RING", '+CMTI: "SM",1', "+CREG: 1", "^RSSI: 20", "NO CARRIER"] };
    const misbehaviour = { splitLines: true, garbage: 0.3, interrupts, late: 0.1, lateMs: 50, echoStays: true };
    await using modem = await openScriptedModem({ folder, misbehaviour, seed: 7 });
    await using line = await open(stated(modem));
    const { device } = await up(line);
    expect(device).toMatchObject({ imei: modem.identity.imei, iccid: modem.identity.iccid });
  });

  test("tries the other port where the one for commands is silent", async () => {
    await using modem = await openScriptedModem({ folder });
    await using line = await open(lineOf(modem, { atPort: modem.audioPath, audioPort: modem.atPath }));
    expect(await up(line)).toMatchObject({ state: "up", maxCalls: 1 });
  });

  test("carries no calls without a port for sound", async () => {
    await using modem = await openScriptedModem({ folder });
    await using line = await open(lineOf(modem, { atPort: modem.atPath }));
    expect(await up(line)).toMatchObject({ maxCalls: 0, fault: "no-audio-port" });
    expect(await line.dial("10086", { signal: AbortSignal.timeout(5_000) })).toMatchObject({ type: "unreachable" });
  });

  test.for([
    ["absent", {}, "no-sim"],
    ["SIM PIN", {}, "pin-needed"],
    ["SIM PIN", { pin: "9999" }, "pin-refused"],
    ["SIM PUK", { pin: "1234" }, "puk-needed"],
  ] as const)("with a SIM that is %s and %o it is down", async ([sim, settings, fault]) => {
    await using modem = await openScriptedModem({ folder, radio: { sim } });
    await using line = await open(stated(modem, settings));
    expect((await down(line, fault)).reason).not.toBe("");
  });

  test("uses no firmware that is known not to work, and says which is wanted", async () => {
    const identity = { firmware: "LE20B06SIM7600CE" };
    await using modem = await openScriptedModem({ folder, profile: "simcom-sim7600", identity });
    await using line = await open(stated(modem));
    expect((await down(line, "bad-firmware")).reason).toContain("LE20B05");
  });

  test("follows the network: searching, denied, roaming only where it may, and back", async () => {
    await using modem = await openScriptedModem({ folder, radio: { registration: 2 } });
    await using line = await open(stated(modem));
    await down(line, "searching");
    modem.register(3);
    await down(line, "registration-denied");
    modem.register(1);
    await up(line);
    modem.register(5);
    expect((await down(line, "registration-denied")).reason).toContain("roaming is off");
    modem.register(1);
    await up(line);
    await line[Symbol.asyncDispose]();
    modem.register(5);
    await using roaming = await open(stated(modem, { roaming: true }));
    expect(await until(roaming, ({ radio }) => radio !== undefined)).toMatchObject({ state: "up", radio: { roaming: true } });
  });

  test("shows how it is received as that changes", async () => {
    await using modem = await openScriptedModem({ folder });
    await using line = await open(stated(modem));
    await until(line, ({ radio }) => radio?.bars === 5);
    modem.radio.csq = 3;
    expect(await until(line, ({ radio }) => radio?.bars === 1)).toMatchObject({ state: "up", radio: { bars: 1, dbm: -107 } });
  });

  test.for(["unplug", "hang", "reboot"] as const)("comes back after trouble: %s", async (trouble) => {
    await using modem = await openScriptedModem({ folder });
    await using line = await open(stated(modem));
    await up(line);
    if (trouble === "unplug") {
      await modem.unplug();
      await down(line, "unplugged");
      await modem.plug();
    } else if (trouble === "hang") {
      modem.hang();
      expect((await down(line, "not-answering")).reason).not.toBe("");
      modem.wake();
    } else {
      modem.reboot();
      await down(line, "not-answering");
    }
    await up(line);
    expect(modem.settings.get("+CLIP")).toBe("1");
  });

  test("notices that the modem has forgotten its settings, where it does not say that it has started anew", async () => {
    await using modem = await openScriptedModem({ folder, firstWords: "", bootMs: 1 });
    await using line = await open(stated(modem));
    await up(line);
    modem.reboot();
    await down(line, "not-answering");
    await up(line);
    expect(modem.settings.get("+CLIP")).toBe("1");
  });

  test("closes at once while it waits for a port that is silent", async () => {
    await using modem = await openScriptedModem({ folder });
    modem.hang();
    const trying = Promise.withResolvers<void>();
    const line = await open(stated(modem), { times: { probeMs: 600_000, pingMs: 600_000 }, onTraffic: () => trying.resolve() });
    await trying.promise;
    await line[Symbol.asyncDispose]();
    for await (const _ of line.incoming);
  });

  test("closes while it waits, while it is set up and while it is up", async () => {
    await using modem = await openScriptedModem({ folder, misbehaviour: { slowMs: 20 } });
    const config = stated(modem);
    await modem.unplug();
    for (const turn of ["waiting", "setting up", "up"] as const) {
      if (turn === "setting up") await modem.plug();
      const line = await open(config);
      if (turn === "waiting") await down(line, "unplugged");
      if (turn === "setting up") await until(line, ({ device }) => device !== undefined);
      if (turn === "up") await up(line);
      await line[Symbol.asyncDispose]();
      for await (const _ of line.incoming);
      for await (const _ of line.texts?.incoming ?? []);
    }
  });
});

describe("what goes over a GSM line", () => {
  async function pair() {
    const owned = new AsyncDisposableStack();
    const network = new ScriptedNetwork();
    const side = async (number: string, name: string) => {
      const modem = owned.use(await openScriptedModem({ folder, network, identity: { number } }));
      const line = owned.use(await open(stated(modem, { name })));
      await up(line);
      return { modem, line };
    };
    return {
      near: await side("13900000001", "near"),
      far: await side("13900000002", "far"),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  }

  function textsOf({ texts }: Line) {
    if (!texts) throw new Error("the line has no texts");
    return texts;
  }

  async function first<T>(stream: AsyncIterable<T>): Promise<T> {
    for await (const one of stream) return one;
    throw new Error("the stream ended");
  }

  test("a call ends as failed when its modem is pulled out, and the next one comes over the one that is back", async () => {
    await using at = await pair();
    const { near, far } = at;
    for (let turn = 0; turn < 2; turn++) {
      const dialling = near.line.dial("13900000002", { signal: AbortSignal.timeout(10_000) });
      const leg = await first(far.line.incoming);
      await leg.answer();
      expect(await dialling).toMatchObject({ type: "answered" });
      expect([near.line.state.calls, far.line.state.calls]).toEqual([1, 1]);
      await far.modem.unplug();
      expect(await leg.ended).toBe("failed");
      expect((await down(far.line, "unplugged")).calls).toBe(0);
      expect(await far.line.dial("13900000001", { signal: AbortSignal.timeout(5_000) })).toMatchObject({ type: "unreachable" });
      await until(near.line, ({ calls }) => calls === 0);
      await far.modem.plug();
      await up(far.line);
    }
  });

  test("texts come over whichever life of the modem there is, and none is sent while there is none", async () => {
    await using at = await pair();
    const { near, far } = at;
    const signal = AbortSignal.timeout(15_000);
    for (let turn = 0; turn < 2; turn++) {
      expect(await textsOf(near.line).send("13900000002", `第 ${turn} 条`, { signal })).toMatchObject({ type: "sent", parts: 1 });
      const text = await first(textsOf(far.line).incoming);
      expect(text).toMatchObject({ from: expect.stringContaining("13900000001"), text: `第 ${turn} 条` });
      await text.stored();
      await far.modem.unplug();
      await down(far.line, "unplugged");
      expect(await textsOf(far.line).send("13900000001", "hello", { signal })).toMatchObject({ type: "failed", retry: true });
      await expect(far.line.ussd?.("*100#", { signal })).rejects.toThrow(LineError);
      await far.modem.plug();
      await up(far.line);
    }
  });

  test("everything that goes over the command port is told, and nothing else is needed to record it", async () => {
    await using modem = await openScriptedModem({ folder });
    const traffic: string[] = [];
    const onTraffic: GsmDeps["onTraffic"] = ({ port, direction, bytes }) =>
      traffic.push(`${port} ${direction} ${Buffer.from(bytes).toString("latin1")}`);
    await using line = await open(stated(modem), { onTraffic });
    await up(line);
    expect(traffic).toContain("at out AT+CGMI\r");
    expect(traffic.filter((one) => one.startsWith("at in")).join("")).toContain(modem.identity.manufacturer);
  });
});

describe("a GSM line whose modem is in USB", () => {
  async function rig() {
    const bus = await ScriptedUsb.open(folder);
    const usb = await openUsb({
      clock: systemClock,
      log: silentLog,
      sysDir: bus.sysDir,
      devDir: bus.devDir,
      pollMs: 20,
      offMs: 20,
    });
    const owned = new AsyncDisposableStack();
    owned.use(bus);
    owned.use(usb);
    return { bus, usb, network: new ScriptedNetwork(), [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }

  test("finds it by its IMEI among others, again after each unplug under other names", async () => {
    await using at = await rig();
    await using other = await openScriptedModem({ folder, usb: { bus: at.bus, path: "1-1.1" } });
    await using own = await openScriptedModem({ folder, usb: { bus: at.bus, path: "1-1.2" }, profile: "simcom-sim7600" });
    await using line = await open(lineOf(own, { imei: own.identity.imei }), { usb: at.usb });
    expect((await up(line)).device).toMatchObject({ imei: own.identity.imei, usbPath: "1-1.2" });
    for (let turn = 0; turn < 3; turn++) {
      await own.unplug();
      await down(line, "unplugged");
      await own.plug();
      await up(line);
    }
    expect(other.settings.get("+CLIP")).toBeUndefined();
  });

  test("uses no other modem than its own", async () => {
    await using at = await rig();
    await using other = await openScriptedModem({ folder, usb: { bus: at.bus, path: "1-1.1" } });
    await using line = await open(lineOf(other, { imei: "860000000000000" }), { usb: at.usb });
    await until(line, ({ reason }) => reason?.includes("only other modems") ?? false);
    await using socket = await open(lineOf(other, { imei: "860000000000000", usbPath: "1-1.1" }), { usb: at.usb });
    await until(socket, ({ reason }) => reason?.includes("another modem") ?? false);
    expect(socket.state.device).toBeUndefined();
  });

  test("two lines by IMEI share out the modems, though each tries both", async () => {
    await using at = await rig();
    await using one = await openScriptedModem({ folder, usb: { bus: at.bus, path: "1-1.1" } });
    await using two = await openScriptedModem({ folder, usb: { bus: at.bus, path: "1-1.2" } });
    await using second = await open(lineOf(two, { imei: two.identity.imei }), { usb: at.usb });
    await using first = await open(lineOf(one, { imei: one.identity.imei }), { usb: at.usb });
    const states = await Promise.all([up(first), up(second)]);
    expect(states.map(({ device }) => device?.usbPath)).toEqual(["1-1.1", "1-1.2"]);
  });

  test("tries its other ports where firmware has changed their order", async () => {
    await using at = await rig();
    await using modem = await openScriptedModem({ folder, usb: { bus: at.bus, path: "1-1.3", swapPorts: true } });
    await using line = await open(lineOf(modem, { usbPath: "1-1.3" }), { usb: at.usb });
    expect(await up(line)).toMatchObject({ maxCalls: 1 });
  });

  test("switches its socket off and on when it stays silent", async () => {
    await using at = await rig();
    await using modem = await openScriptedModem({ folder, usb: { bus: at.bus, path: "1-1.4" } });
    await using line = await open(lineOf(modem, { usbPath: "1-1.4" }), { usb: at.usb });
    await up(line);
    modem.hang();
    await down(line, "not-answering");
    await up(line);
    expect(modem.present).toBe(true);
  });
});
