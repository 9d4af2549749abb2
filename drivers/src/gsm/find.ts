import type { GsmLine } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { Usb, UsbModem } from "../usb/index.ts";
import { ModemFault } from "./modem/index.ts";

/** Where a modem may be spoken to. */
export interface ModemPorts {
  readonly usbPath: string | undefined;
  /** To be tried in this order: whichever answers is the one for commands. */
  readonly at: readonly string[];
  /** The port for sound once that for commands is known. */
  audio(at: string): string | undefined;
}

/** Finds the modem of a line: at the ports that are stated, or among those in USB by socket or IMEI. */
export class ModemFinder {
  readonly #config: GsmLine;
  readonly #usb: Usb | undefined;
  readonly #clock: Clock;
  /** Modems that are not the line's, by what they are plugged in as, until when (monotonic ms) they are not asked again. */
  readonly #others = new Map<string, number>();

  constructor(config: GsmLine, { usb, clock }: { readonly usb: Usb | undefined; readonly clock: Clock }) {
    this.#config = config;
    this.#usb = usb;
    this.#clock = clock;
  }

  /** Where to look now, the likeliest first; nothing where no modem that may be the line's is there. */
  list(): readonly ModemPorts[] {
    const { atPort, audioPort } = this.#config;
    if (atPort !== undefined) return [statedPorts(atPort, audioPort)];
    return this.#candidates().map(usbPorts);
  }

  /** Whether another place than this one may have the line's modem. */
  get mayBeElsewhere(): boolean {
    return this.#config.atPort === undefined && this.#config.usbPath === undefined;
  }

  /** The modem there is another one than the line's, or in use: it is passed over for so long, or until it is plugged in anew. */
  passOver(ports: ModemPorts, ms: number): void {
    this.#others.set(keyOf(ports.usbPath, ports.at), this.#clock.monotonic() + ms);
  }

  /** Resolves when something has been plugged in or out, or one that was passed over is to be asked again; also when the signal aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = new AbortController();
    using _change = this.#usb?.onChanged(() => resolve());
    signal.addEventListener("abort", () => resolve(), { signal: stop.signal });
    const until = Math.min(...this.#others.values());
    using _again = Number.isFinite(until) ? this.#clock.after(Math.max(0, until - this.#clock.monotonic()), resolve) : undefined;
    if (!signal.aborted && this.list().length === 0) await promise;
    stop.abort();
  }

  /** Why there is none, for people. */
  missing(): ModemFault {
    const { usbPath, imei } = this.#config;
    if (!this.#usb)
      return new ModemFault("this machine's USB sockets cannot be looked at; state the command port", { fault: "unplugged" });
    if (usbPath !== undefined) return new ModemFault(`no modem is in the USB socket ${usbPath}`, { fault: "unplugged" });
    const others = this.#usb.modems.length > 0 && imei !== undefined;
    const reason = others ? "only other modems than this line's are plugged in; they are not used" : "no modem is plugged in";
    return new ModemFault(reason, { fault: "unplugged" });
  }

  #candidates(): readonly UsbModem[] {
    const modems = this.#usb?.modems ?? [];
    const keys = new Set(modems.map((modem) => keyOf(modem.usbPath, usbPorts(modem).at)));
    const now = this.#clock.monotonic();
    for (const [other, until] of this.#others) if (until <= now || !keys.has(other)) this.#others.delete(other);
    const { usbPath } = this.#config;
    if (usbPath !== undefined) return modems.filter((modem) => modem.usbPath === usbPath);
    return modems.filter((modem) => !this.#others.has(keyOf(modem.usbPath, usbPorts(modem).at)));
  }
}

const keyOf = (usbPath: string | undefined, at: readonly string[]) => [usbPath, ...at].join(" ");

/** A port for sound that was stated for commands, and the other way round, is a slip that costs nothing to try. */
function statedPorts(atPort: string, audioPort: string | undefined): ModemPorts {
  return {
    usbPath: undefined,
    at: audioPort === undefined ? [atPort] : [atPort, audioPort],
    audio: (at) => (at === atPort ? audioPort : atPort),
  };
}

/** A modem's ports by the table of fingerprints; where firmware has moved them, the one that answers tells. */
export function usbPorts({ usbPath, fingerprint, ports }: UsbModem): ModemPorts {
  const pathOf = (number: number | undefined) => ports.find((port) => port.interface === number)?.path;
  const known = fingerprint.at.map(pathOf).filter((path) => path !== undefined);
  const rest = ports.filter((port) => !fingerprint.diag.includes(port.interface)).map(({ path }) => path);
  const audio = pathOf(fingerprint.audio);
  return {
    usbPath,
    at: [...new Set([...known, ...rest])],
    audio: (at) => (at === audio ? known[0] : audio),
  };
}
