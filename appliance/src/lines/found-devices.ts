import { EventEmitter } from "node:events";
import type { FoundDevice } from "@sitebox/core/contract";
import type { Usb, UsbModem } from "@sitebox/drivers/usb";
import type { LineRegistry } from "./line-registry.ts";

export interface FoundDevicesDeps {
  readonly usb: Pick<Usb, "modems" | "onChanged">;
  readonly registry: Pick<LineRegistry, "setUps" | "driver" | "events">;
}

/** Modems that are plugged in and belong to no line. What is in them is not asked: two programs on one port would disturb each other. */
export class FoundDevices implements Disposable {
  readonly events = new EventEmitter<{ foundChanged: [readonly FoundDevice[]] }>();
  readonly #deps: FoundDevicesDeps;
  readonly #listening = new DisposableStack();
  #told = "";

  constructor(deps: FoundDevicesDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { usb, registry } = this.#deps;
    const look = () => this.#look();
    this.#told = JSON.stringify(this.list());
    this.#listening.use(usb.onChanged(look));
    registry.events.on("lineChanged", look).on("lineRemoved", look);
    this.#listening.defer(() => void registry.events.off("lineChanged", look).off("lineRemoved", look));
  }

  list(): readonly FoundDevice[] {
    return this.#deps.usb.modems
      .filter((modem) => !this.#isTaken(modem))
      .map(({ usbPath, fingerprint: { usbId, model, profile } }) => ({ usbPath, usbId, model, profile }));
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #isTaken({ usbPath, ports }: UsbModem): boolean {
    const { registry } = this.#deps;
    return registry.setUps().some(({ config }) => {
      if (config.kind !== "gsm") return false;
      const stated = [config.atPort, config.audioPort].some(
        (path) => path !== undefined && ports.some((port) => port.path === path),
      );
      return stated || config.usbPath === usbPath || registry.driver(config.name)?.state.device?.usbPath === usbPath;
    });
  }

  #look(): void {
    const found = this.list();
    const told = JSON.stringify(found);
    if (told === this.#told) return;
    this.#told = told;
    this.events.emit("foundChanged", found);
  }
}
