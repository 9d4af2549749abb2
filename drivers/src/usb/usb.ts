import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import { LineError } from "../line/index.ts";
import { type Fingerprint, fingerprintOf } from "./fingerprints.ts";

/** A serial port of a modem. */
export interface UsbPort {
  /** bInterfaceNumber: what it is for stays with it, unlike its name. */
  readonly interface: number;
  /** "/dev/ttyUSB2" */
  readonly path: string;
}

/** A modem in a USB socket. */
export interface UsbModem {
  /** The socket: "1-1.4" is port 4 of the hub in port 1 of bus 1. */
  readonly usbPath: string;
  readonly fingerprint: Fingerprint;
  /** In the order of their interfaces. */
  readonly ports: readonly UsbPort[];
}

/** The modems that are plugged in. */
export interface Usb extends AsyncDisposable {
  readonly modems: readonly UsbModem[];
  /** Hears of every change until the result is disposed. */
  onChanged(listener: (modems: readonly UsbModem[]) => void): Disposable;
  /** Takes the power from a socket for `offMs`, so that its device starts anew. Rejects with {@link LineError} where that is not permitted. */
  powerCycle(usbPath: string, signal?: AbortSignal): Promise<void>;
}

export interface UsbDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly sysDir?: string;
  readonly devDir?: string;
  readonly pollMs?: number;
  /** How long a device is without power. */
  readonly offMs?: number;
}

/** Watches the USB sockets of this machine by what the kernel shows in /sys. Resolves when it has looked once. */
export async function openUsb(deps: UsbDeps): Promise<Usb> {
  const usb = new WatchedUsb(deps);
  await usb.start();
  return usb;
}

const textOf = async (path: string) => (await readFile(path, "utf8").catch(() => "")).trim();
const isSame = (one: readonly UsbModem[], other: readonly UsbModem[]) => JSON.stringify(one) === JSON.stringify(other);
/** Between looks at a device whose ports are coming. */
const SETTLE_MS = 250;
/** A device that comes and goes all the time is told as it is after so many. */
const MOST_LOOKS = 8;
const TTY = /^tty(?:USB|ACM)\d+$/;

class WatchedUsb implements Usb {
  modems: readonly UsbModem[] = [];
  readonly #deps: UsbDeps;
  readonly #devices: string;
  readonly #devDir: string;
  readonly #listeners = new Set<(modems: readonly UsbModem[]) => void>();
  readonly #closing = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(deps: UsbDeps) {
    this.#deps = deps;
    this.#devices = join(deps.sysDir ?? "/sys", "bus", "usb", "devices");
    this.#devDir = deps.devDir ?? "/dev";
  }

  async start(): Promise<void> {
    const { clock, log, pollMs = 2_000 } = this.#deps;
    const { signal } = this.#closing;
    this.#tell(await this.#list());
    this.#watching = supervise(
      "usb",
      async () => {
        while (!signal.aborted) {
          await clock.sleep(pollMs, signal).catch(() => {});
          if (!signal.aborted) await this.#look(Math.min(SETTLE_MS, pollMs));
        }
      },
      { clock, log, signal },
    );
  }

  onChanged(listener: (modems: readonly UsbModem[]) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async powerCycle(usbPath: string, signal?: AbortSignal): Promise<void> {
    if (!/^\d+-\d+(\.\d+)*$/.test(usbPath)) throw new LineError(`${usbPath} is no USB socket`);
    const { clock, log, offMs = 2_000 } = this.#deps;
    const file = join(this.#devices, usbPath, "authorized");
    const set = async (value: string) => {
      try {
        // r+: a socket that has gone in the meantime must not become a file.
        await writeFile(file, value, { flag: "r+" });
      } catch (cause) {
        throw new LineError(`the USB socket ${usbPath} cannot be switched off and on: the box's user may not write ${file}`, {
          cause,
        });
      }
    };
    log.warn("a USB device is switched off and on", { usbPath });
    await set("0");
    // It must not stay off, whatever happens to whoever asked.
    await clock.sleep(offMs, signal).catch(() => {});
    await set("1");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    this.#listeners.clear();
  }

  /** A device's ports come one after the other: they are told when two looks agree. */
  async #look(settleMs: number): Promise<void> {
    const { signal } = this.#closing;
    let modems = await this.#list();
    for (let look = 0; look < MOST_LOOKS && !signal.aborted && !isSame(modems, this.modems); look++) {
      await this.#deps.clock.sleep(settleMs, signal).catch(() => {});
      const again = await this.#list();
      if (isSame(again, modems)) break;
      modems = again;
    }
    if (!signal.aborted) this.#tell(modems);
  }

  #tell(modems: readonly UsbModem[]): void {
    if (isSame(modems, this.modems)) return;
    this.modems = modems;
    for (const listener of [...this.#listeners]) {
      try {
        listener(modems);
      } catch (err) {
        this.#deps.log.error("a listener to USB changes failed", { err });
      }
    }
  }

  async #list(): Promise<UsbModem[]> {
    // No folder: a machine without USB.
    const names = await readdir(this.#devices).catch(() => []);
    const sockets = names.filter((name) => /^\d+-[\d.]+$/.test(name)).sort();
    const found = await Promise.all(sockets.map((usbPath) => this.#modem(usbPath, names)));
    return found.filter((one) => one !== undefined);
  }

  async #modem(usbPath: string, names: readonly string[]): Promise<UsbModem | undefined> {
    const folder = join(this.#devices, usbPath);
    const [vendor, product] = await Promise.all([textOf(join(folder, "idVendor")), textOf(join(folder, "idProduct"))]);
    const fingerprint = fingerprintOf(`${vendor}:${product}`);
    if (!fingerprint) return undefined;
    const parts = names.filter((name) => name.startsWith(`${usbPath}:`));
    const ports = (await Promise.all(parts.map((part) => this.#port(part)))).filter((port) => port !== undefined);
    if (ports.length === 0) return undefined;
    return { usbPath, fingerprint, ports: ports.sort((one, other) => one.interface - other.interface) };
  }

  /** The tty of an interface: `ttyUSB2` is in its folder, `ttyACM0` in `tty` in it. */
  async #port(part: string): Promise<UsbPort | undefined> {
    const folder = join(this.#devices, part);
    const number = Number.parseInt(await textOf(join(folder, "bInterfaceNumber")), 16);
    const inside = await readdir(folder).catch(() => []);
    const tty = [...inside, ...(await readdir(join(folder, "tty")).catch(() => []))].find((name) => TTY.test(name));
    return tty === undefined || Number.isNaN(number) ? undefined : { interface: number, path: join(this.#devDir, tty) };
  }
}
