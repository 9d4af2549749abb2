import { type FSWatcher, watch } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fingerprints } from "../../usb/index.ts";
import type { ModemProfile } from "../modem/index.ts";
import type { ScriptedPortRole } from "./scripted-modem.ts";

/** What a modem shows in its socket. */
export interface ScriptedDevice {
  /** The socket, "1-1.4" */
  readonly path: string;
  readonly profile: ModemProfile["name"];
  /** Where the modem's terminals are, by role; from {@link ScriptedUsb.names}. */
  readonly ports: ReadonlyMap<ScriptedPortRole, string>;
  /** The port for commands is where the port for sound belongs, and the other way round. */
  readonly swapPorts: boolean;
  /** Power from the socket off and on, as `authorized` asks for. */
  authorize(on: boolean): Promise<void>;
}

/** A tree of files as the kernel shows USB devices in /sys, with terminals in a /dev beside it. */
export class ScriptedUsb implements AsyncDisposable {
  readonly sysDir: string;
  readonly devDir: string;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Sockets whose power is off: their device is there, without its interfaces. */
  readonly #off = new Set<string>();
  #next = 0;

  private constructor(folder: string) {
    this.sysDir = join(folder, "sys");
    this.devDir = join(folder, "dev");
  }

  static async open(folder: string): Promise<ScriptedUsb> {
    const usb = new ScriptedUsb(folder);
    await Promise.all([mkdir(usb.#devices, { recursive: true }), mkdir(usb.devDir, { recursive: true })]);
    return usb;
  }

  /** Fresh names of terminals: never those that a device had before. */
  names(roles: readonly ScriptedPortRole[]): Map<ScriptedPortRole, string> {
    return new Map(roles.map((role) => [role, join(this.devDir, `ttyUSB${this.#next++}`)]));
  }

  /** Shows a device. Its interfaces come after it, as they do in the kernel. */
  async add(device: ScriptedDevice): Promise<void> {
    const fingerprint = fingerprints.find(({ profile }) => profile === device.profile);
    if (!fingerprint) throw new Error(`no USB ids are known for ${device.profile}`);
    const folder = join(this.#devices, device.path);
    const [idVendor = "", idProduct = ""] = fingerprint.usbId.split(":");
    await mkdir(folder, { recursive: true });
    await Promise.all(
      Object.entries({ idVendor, idProduct, product: fingerprint.model, authorized: "1" }).map(([name, text]) =>
        writeFile(join(folder, name), `${text}\n`),
      ),
    );
    this.#watch(device);
    const roles = { at: fingerprint.at[0], audio: fingerprint.audio, diag: fingerprint.diag[0] ?? 9 };
    if (device.swapPorts) [roles.at, roles.audio] = [roles.audio, roles.at];
    for (const [role, path] of device.ports) {
      const number = roles[role];
      if (number === undefined) continue;
      const tty = path.slice(path.lastIndexOf("/") + 1);
      const part = join(this.#devices, `${device.path}:1.${number}`);
      await mkdir(join(part, tty, "tty", tty), { recursive: true });
      await writeFile(join(part, "bInterfaceNumber"), `${number.toString(16).padStart(2, "0")}\n`);
    }
  }

  /** Takes the device's interfaces away, and itself where it was not just switched off. */
  async remove(path: string): Promise<void> {
    for (let number = 0; number < 10; number++)
      await rm(join(this.#devices, `${path}:1.${number}`), { recursive: true, force: true });
    if (!this.#off.has(path)) await this.forget(path);
  }

  /** Takes all of the device away. */
  async forget(path: string): Promise<void> {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
    this.#off.delete(path);
    await rm(join(this.#devices, path), { recursive: true, force: true });
  }

  /** A device that is no modem, or one of which nobody knows. */
  async addOther(path: string, idVendor: string, idProduct: string): Promise<void> {
    const folder = join(this.#devices, path);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "idVendor"), `${idVendor}\n`);
    await writeFile(join(folder, "idProduct"), `${idProduct}\n`);
    await symlink(folder, join(this.#devices, `link-${path}`)).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of [...this.#watchers.keys()]) await this.forget(path);
  }

  get #devices(): string {
    return join(this.sysDir, "bus", "usb", "devices");
  }

  #watch(device: ScriptedDevice): void {
    if (this.#watchers.has(device.path)) return;
    const file = join(this.#devices, device.path, "authorized");
    let was = true;
    // Switching off and on comes in quick order: each is done after the one before.
    let doing: Promise<unknown> = Promise.resolve();
    const look = async () => {
      const on = (await readFile(file, "utf8").catch(() => (was ? "1" : "0"))).trim() !== "0";
      if (on === was) return;
      was = on;
      if (on) this.#off.delete(device.path);
      else this.#off.add(device.path);
      await device.authorize(on);
    };
    this.#watchers.set(
      device.path,
      watch(file, () => {
        doing = doing.then(look).catch(() => {});
      }),
    );
  }
}
