import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FoundDevice } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { openGsmLine, type ProbedModem, probeModem } from "@sitebox/drivers/gsm";
import { openScriptedModem, type ScriptedModem, type ScriptedModemOptions, ScriptedUsb } from "@sitebox/drivers/gsm/testing";
import { openUsb, type UsbModem } from "@sitebox/drivers/usb";
import { expect, test } from "vitest";
import { FoundDevices, type FoundDevicesDeps } from "./found-devices.ts";
import type { OpenLine } from "./managed-line.ts";
import { type LinesSite, modem as lineOf, openLinesSite } from "./testing/index.ts";

const real = { clock: systemClock, log: silentLog };
const times = { probeMs: 300, pingMs: 200, searchMs: 30, pollMs: 40, backoff: { firstMs: 10, maxMs: 50 } };

interface Rig extends AsyncDisposable {
  readonly site: LinesSite;
  readonly found: FoundDevices;
  /** Sockets of modems that were asked. */
  readonly asked: string[];
  /** Resolves when so many of them have answered. */
  answered(count: number): Promise<void>;
  plug(path: string, options?: Partial<ScriptedModemOptions>): Promise<ScriptedModem>;
  list(): readonly FoundDevice[];
  /** Resolves when the list is as wanted. */
  until(wanted: (list: readonly FoundDevice[]) => boolean): Promise<readonly FoundDevice[]>;
}

/** Real modem lines in a registry, a USB tree, and the search for modems over both. */
async function rig(options: { readonly list?: readonly object[]; readonly patienceMs?: number } = {}): Promise<Rig> {
  const owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sitebox-found-"));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const bus = owned.use(await ScriptedUsb.open(folder));
  const usb = owned.use(await openUsb({ ...real, sysDir: bus.sysDir, devDir: bus.devDir, pollMs: 20 }));
  const open: OpenLine = async (config, deps) => {
    if (config.kind !== "gsm") throw new Error("not a modem");
    return openGsmLine(config, { ...deps, clock: systemClock, usb, times });
  };
  const site = owned.use(await openLinesSite({ list: options.list ?? [], open }));
  const asked: string[] = [];
  const answers = new EventEmitter();
  let answered = 0;
  const found = owned.use(
    new FoundDevices({
      ...real,
      usb,
      registry: site.registry,
      probe: async (modem, signal) => {
        asked.push(modem.usbPath);
        const said = await probeModem(modem, { ...real, signal, times });
        setImmediate(() => answers.emit("answer", ++answered));
        return said;
      },
      times: { patienceMs: options.patienceMs ?? 300, againMs: 50 },
    }),
  );
  found.start();
  return {
    site,
    found,
    asked,
    async answered(count) {
      while (answered < count) await once(answers, "answer");
    },
    plug: async (path, more = {}) => owned.use(await openScriptedModem({ folder, usb: { bus, path }, ...more })),
    list: () => found.list(),
    until: (wanted) => {
      const { promise, resolve } = Promise.withResolvers<readonly FoundDevice[]>();
      const look = (list: readonly FoundDevice[]) => {
        if (wanted(list)) resolve(list);
      };
      found.events.on("foundChanged", look);
      look(found.list());
      return promise.finally(() => found.events.off("foundChanged", look));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const isUp = ({ site }: Rig, name: string) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (site.registry.lines().some((line) => line.name === name && line.state === "up")) resolve();
    };
    site.registry.events.on("lineChanged", look);
    look();
  });

const pathsOf = (list: readonly FoundDevice[]) => list.map(({ usbPath }) => usbPath);

test("a modem is shown when it is plugged in, and what it says of itself when it has been asked, once", async () => {
  await using at = await rig();
  const shown = at.until((list) => list.length === 1);
  const modem = await at.plug("1-1.4", { identity: { number: "13900000001" } });
  modem.handle("+CNUM", () => ({ lines: ['+CNUM: "","13900000001",129'] }));
  const device = { usbPath: "1-1.4", usbId: "2c7c:0125", model: "Quectel EC20/EC25", profile: "quectel-ec2x" };
  expect(await shown).toEqual([device]);
  const { imei, iccid } = modem.identity;
  const [told] = await at.until(([one]) => one?.imei !== undefined);
  expect(told).toEqual({ ...device, imei, iccid, number: "13900000001", operator: "CHINA MOBILE" });
  await modem.unplug();
  await at.until((list) => list.length === 0);
  await modem.plug();
  await at.until(([one]) => one?.imei !== undefined);
  expect(at.asked).toEqual(["1-1.4", "1-1.4"]);
});

test("a SIM that wants its PIN is told, and has all its attempts", async () => {
  await using at = await rig();
  const modem = await at.plug("1-1.4", { radio: { sim: "SIM PIN" } });
  expect(await at.until(([one]) => one?.fault !== undefined)).toMatchObject([
    { fault: "pin-needed", iccid: modem.identity.iccid },
  ]);
  expect(modem.radio.pinAttempts).toBe(3);
});

test("one that is not ready yet is asked again until it is", async () => {
  await using at = await rig();
  const modem = await at.plug("1-1.4", { radio: { sim: "absent" } });
  await at.until(([one]) => one?.fault === "no-sim");
  modem.radio.sim = "READY";
  expect(await at.until(([one]) => one?.operator !== undefined)).toMatchObject([{ imei: modem.identity.imei }]);
  expect(at.list()[0]).not.toHaveProperty("fault");
});

test("the modem of a line is never asked, and one beside it is", async () => {
  await using at = await rig({ list: [lineOf("lobby", { usbPath: "1-1.1" })] });
  await at.plug("1-1.1");
  const other = await at.plug("1-1.2");
  await isUp(at, "lobby");
  expect(await at.until(([one]) => one?.imei !== undefined)).toMatchObject([{ usbPath: "1-1.2", imei: other.identity.imei }]);
  expect(at.asked).toEqual(["1-1.2"]);
});

test("a line that knows its modem by its IMEI has the first word, and its modem is never offered", async () => {
  const imei = "860123040000019";
  await using at = await rig({ list: [lineOf("lobby", { usbPath: undefined, imei })], patienceMs: 60_000 });
  const offered: string[] = [];
  at.found.events.on("foundChanged", (list) => offered.push(...pathsOf(list)));
  await at.plug("1-1.1", { identity: { imei } });
  await at.plug("1-1.2");
  await isUp(at, "lobby");
  await at.until(([one]) => one?.imei !== undefined);
  expect(new Set(offered)).toEqual(new Set(["1-1.2"]));
  expect(at.asked).toEqual(["1-1.2"]);
});

test("a modem that is no line's is offered although a line is looking for its own", async () => {
  await using at = await rig({ list: [lineOf("lobby", { usbPath: undefined, imei: "860123040000019" })], patienceMs: 100 });
  const modem = await at.plug("1-1.1");
  expect(await at.until((list) => list.length === 1)).toMatchObject([{ imei: modem.identity.imei }]);
});

test("the modem of a line that is switched off is known by its IMEI", async () => {
  const imei = "860123040000019";
  await using at = await rig({ list: [lineOf("lobby", { usbPath: undefined, imei })], patienceMs: 50 });
  await at.site.registry.switch("lobby", false);
  await at.plug("1-1.1", { identity: { imei } });
  await at.plug("1-1.2");
  await at.answered(2);
  expect(pathsOf(at.list())).toEqual(["1-1.2"]);
});

test.for([
  ["socket and IMEI", (path: string, imei: string) => ({ usbPath: path, imei })],
  ["IMEI alone", (_: string, imei: string) => ({ usbPath: undefined, imei })],
] as const)("a found modem that becomes a line by its %s is not found any more, until the line is removed", async ([, by]) => {
  await using at = await rig();
  const modem = await at.plug("1-1.4");
  await at.until(([one]) => one?.imei !== undefined);
  await at.site.registry.add(lineOf("lobby", by("1-1.4", modem.identity.imei)));
  expect(at.list()).toEqual([]);
  await isUp(at, "lobby");
  expect(at.list()).toEqual([]);
  await at.site.registry.remove("lobby");
  expect(await at.until(([one]) => one?.operator !== undefined)).toMatchObject([{ usbPath: "1-1.4" }]);
  expect(at.asked).toEqual(["1-1.4", "1-1.4"]);
});

test("a line that is set up while its modem is asked has it at once", async () => {
  await using at = await rig();
  const asked = Promise.withResolvers<void>();
  const modem = await at.plug("1-1.4");
  modem.handle("+CNUM", () => {
    asked.resolve();
    return "silent";
  });
  await asked.promise;
  await at.site.registry.add(lineOf("lobby", { usbPath: "1-1.4" }));
  await isUp(at, "lobby");
  expect(at.list()).toEqual([]);
});

const device = (usbPath: string, path = `/dev/tty-${usbPath}`): UsbModem => ({
  usbPath,
  fingerprint: { usbId: "2c7c:0125", model: "Quectel EC20/EC25", profile: "quectel-ec2x", at: [2], audio: 1, diag: [0] },
  ports: [{ interface: 2, path }],
});

/** The search for modems by itself: what is plugged in, what they answer, how lines stand and the time are the test's. */
async function searching(answer: (modem: UsbModem, signal: AbortSignal) => ReturnType<FoundDevicesDeps["probe"]>) {
  const clock = new VirtualClock();
  const site = await openLinesSite();
  const asked: string[] = [];
  const listeners = new Set<(modems: readonly UsbModem[]) => void>();
  const usb = {
    modems: [device("1-1")],
    onChanged(listener: (modems: readonly UsbModem[]) => void) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  const plug = (...modems: UsbModem[]) => {
    usb.modems = modems;
    for (const listener of listeners) listener(modems);
  };
  const search = new FoundDevices({
    ...{ clock, log: silentLog, registry: site.registry, usb },
    probe: (modem, signal) => {
      asked.push(modem.usbPath);
      return answer(modem, signal);
    },
  });
  search.start();
  await clock.advance(0);
  const close = async () => {
    await search[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  };
  return { clock, site, asked, search, listeners, plug, [Symbol.asyncDispose]: close };
}

const said: ProbedModem = { profile: "quectel-ec2x", model: "EC20F", imei: "860123040000019" };

test("one that somebody else has is asked until it is free, one that never gets ready a few times", async () => {
  let answer: ProbedModem | undefined;
  await using at = await searching(async () => answer);
  await at.clock.advance(150_000);
  expect(at.asked.length).toBe(11);
  answer = { ...said, fault: "searching" };
  await at.clock.advance(600_000);
  expect(at.asked.length).toBe(15);
  expect(at.search.list()).toMatchObject([{ imei: said.imei, fault: "searching" }]);
});

test("what it is stays known when it does not answer later", async () => {
  const answers: ProbedModem[] = [{ ...said, fault: "no-sim" }];
  const silent: ProbedModem = { profile: "quectel-ec2x", model: "EC20", fault: "not-answering" };
  await using at = await searching(async () => answers.shift() ?? silent);
  await at.clock.advance(15_000);
  expect(at.search.list()).toMatchObject([{ imei: said.imei, fault: "not-answering" }]);
});

test("modems of lines are not shown: by socket, by port, or because a line has found its own there", async () => {
  const at = await searching(async () => undefined);
  const told: string[][] = [];
  at.plug();
  at.search.events.on("foundChanged", (list) => told.push(list.map(({ usbPath }) => usbPath)));
  at.plug(device("1-1"), device("1-2", "/dev/ttyUSB7"), device("1-3"));
  const { registry, kind } = at.site;
  await registry.add(lineOf("lobby", { usbPath: "1-1" }));
  await registry.add(lineOf("attic", { usbPath: undefined, atPort: "/dev/ttyUSB7" }));
  await registry.add(lineOf("cellar", { usbPath: undefined, imei: "860123040000017" }));
  await at.site.clock.advance(0);
  kind.line("cellar").become({ device: { usbPath: "1-3" } });
  await registry.remove("lobby");
  expect(told).toEqual([["1-1", "1-2", "1-3"], ["1-2", "1-3"], ["1-3"], [], ["1-1"]]);
  kind.line("cellar").become({ state: "down", fault: "unplugged" });
  // The line has the first word with what comes into the socket.
  at.asked.length = 0;
  at.plug(device("1-3", "/dev/ttyUSB9"));
  await at.clock.advance(9_000);
  expect(at.asked).toEqual([]);
  await at.clock.advance(1_000);
  expect(at.asked).toEqual(["1-3"]);
  await at[Symbol.asyncDispose]();
  expect(at.listeners.size).toBe(0);
});

test("it closes while a modem is asked, and leaves no timer behind", async () => {
  const at = await searching(
    (_, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  expect(at.asked.length).toBe(1);
  await at[Symbol.asyncDispose]();
  expect(at.clock.pending).toBe(0);
});
