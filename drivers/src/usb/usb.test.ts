import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LineError } from "../line/index.ts";
import { fingerprintOf, fingerprints, openUsb } from "./index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-usb-"));
  await mkdir(devices(), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const devices = (...parts: readonly string[]) => join(folder, "sys", "bus", "usb", "devices", ...parts);

async function write(file: string, text: string): Promise<void> {
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `${text}\n`);
}

async function plug(usbPath: string, usbId: string, ttys: Readonly<Record<number, string>>): Promise<void> {
  const [vendor = "", product = ""] = usbId.split(":");
  await write(devices(usbPath, "idVendor"), vendor);
  await write(devices(usbPath, "idProduct"), product);
  await write(devices(usbPath, "authorized"), "1");
  for (const [number, tty] of Object.entries(ttys)) {
    const part = devices(`${usbPath}:1.${number}`);
    await write(join(part, "bInterfaceNumber"), Number(number).toString(16).padStart(2, "0"));
    // usb-serial shows ttyUSB2 in the interface, cdc-acm shows ttyACM0 in its folder tty.
    await mkdir(tty.startsWith("ttyACM") ? join(part, "tty", tty) : join(part, tty, "tty", tty), { recursive: true });
  }
}

async function rig() {
  const clock = new VirtualClock();
  const usb = await openUsb({ clock, log: silentLog, sysDir: join(folder, "sys"), devDir: "/dev" });
  return { clock, usb, [Symbol.asyncDispose]: () => usb[Symbol.asyncDispose]() };
}

/** Lets the watch look, which reads real files, until it has seen what it is to see. */
async function look({ clock }: { clock: VirtualClock }, done: () => boolean): Promise<void> {
  while (!done()) {
    await clock.advance(2_000);
    await readdir(devices());
  }
}

describe("USB discovery", () => {
  test("lists modems with their sockets and ports, and passes over everything else", async () => {
    await plug("1-1.4", "2c7c:0125", { 0: "ttyUSB0", 1: "ttyUSB1", 2: "ttyUSB2", 3: "ttyUSB3" });
    await plug("2-1", "12d1:1506", { 3: "ttyACM0", 10: "ttyUSB7" });
    await plug("1-2", "046d:c31c", {});
    await plug("1-3", "1e0e:9001", {});
    await write(devices("usb1", "idVendor"), "1d6b");
    await using at = await rig();
    expect(at.usb.modems.map(({ usbPath, fingerprint, ports }) => [usbPath, fingerprint.profile, ports])).toEqual([
      ["1-1.4", "quectel-ec2x", [0, 1, 2, 3].map((number) => ({ interface: number, path: `/dev/ttyUSB${number}` }))],
      [
        "2-1",
        "huawei-e",
        [
          { interface: 3, path: "/dev/ttyACM0" },
          { interface: 10, path: "/dev/ttyUSB7" },
        ],
      ],
    ]);
  });

  test("tells of what is plugged in and out, and of nothing else", async () => {
    await using at = await rig();
    const told: string[][] = [];
    const listening = at.usb.onChanged((modems) => told.push(modems.flatMap(({ ports }) => ports.map(({ path }) => path))));
    await plug("1-1", "1e0e:9001", { 2: "ttyUSB2" });
    await look(at, () => told.at(-1)?.[0] === "/dev/ttyUSB2");
    await rm(devices("1-1:1.2"), { recursive: true });
    await plug("1-1", "1e0e:9001", { 2: "ttyUSB5" });
    await look(at, () => told.at(-1)?.[0] === "/dev/ttyUSB5");
    await rm(devices("1-1"), { recursive: true });
    await look(at, () => told.at(-1)?.length === 0);
    listening[Symbol.dispose]();
    const before = told.length;
    await plug("1-1", "1e0e:9001", { 2: "ttyUSB2" });
    await look(at, () => at.usb.modems.length === 1);
    expect(told.length).toBe(before);
  });

  test("tells of a device once all its ports are there", async () => {
    await using at = await rig();
    const told: number[] = [];
    at.usb.onChanged((modems) => told.push(...modems.map(({ ports }) => ports.length)));
    await plug("1-1", "2c7c:0125", { 2: "ttyUSB2" });
    await at.clock.advance(2_000);
    // It has looked when it waits again.
    while (at.clock.pending === 0) await readdir(devices());
    await plug("1-1", "2c7c:0125", { 1: "ttyUSB1", 3: "ttyUSB3" });
    await look(at, () => told.length > 0);
    expect(told).toEqual([3]);
  });

  test("leaves no timer behind", async () => {
    const at = await rig();
    await at[Symbol.asyncDispose]();
    expect(at.clock.pending).toBe(0);
  });

  test("a machine without USB has no modems", async () => {
    await rm(join(folder, "sys"), { recursive: true });
    await using at = await rig();
    expect(at.usb.modems).toEqual([]);
  });
});

describe("switching a socket off and on", () => {
  test("takes the power for two seconds", async () => {
    await plug("1-1.4", "2c7c:0125", { 2: "ttyUSB2" });
    await using at = await rig();
    const authorized = async () => (await readFile(devices("1-1.4", "authorized"), "utf8"))[0];
    const cycling = at.usb.powerCycle("1-1.4");
    while ((await authorized()) !== "0");
    const done = Promise.withResolvers<void>();
    void cycling.then(done.resolve, done.reject);
    await at.clock.advance(2_000);
    await done.promise;
    expect(await authorized()).toBe("1");
  });

  test("gives the power back also where whoever asked has given up", async () => {
    await plug("1-1.4", "2c7c:0125", { 2: "ttyUSB2" });
    await using at = await rig();
    await at.usb.powerCycle("1-1.4", AbortSignal.abort());
    expect((await readFile(devices("1-1.4", "authorized"), "utf8"))[0]).toBe("1");
  });

  test.for(["1-9", "../../etc", "usb1", "1-1.4/../1-2"])("refuses %s, which is not there or no socket", async (usbPath) => {
    await using at = await rig();
    await expect(at.usb.powerCycle(usbPath)).rejects.toThrow(LineError);
  });

  test("says what is not permitted", async () => {
    await plug("1-1.4", "2c7c:0125", { 2: "ttyUSB2" });
    // The superuser may write any file; a folder nobody can.
    await rm(devices("1-1.4", "authorized"));
    await mkdir(devices("1-1.4", "authorized"));
    await using at = await rig();
    await expect(at.usb.powerCycle("1-1.4")).rejects.toThrow(/may not write .*authorized/);
  });
});

describe("the table of fingerprints", () => {
  test("has each device once, with ports that are for one thing each", () => {
    expect(new Set(fingerprints.map(({ usbId }) => usbId)).size).toBe(fingerprints.length);
    for (const { usbId, at, audio, diag } of fingerprints) {
      expect(usbId).toMatch(/^[0-9a-f]{4}:[0-9a-f]{4}$/);
      const numbers = [...at, ...(audio === undefined ? [] : [audio]), ...diag];
      expect(new Set(numbers).size, usbId).toBe(numbers.length);
    }
    expect(fingerprintOf("2c7c:0125")?.model).toBe("Quectel EC20/EC25");
    expect(fingerprintOf("ffff:ffff")).toBeUndefined();
  });
});
