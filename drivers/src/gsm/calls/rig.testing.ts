import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Channel, silentLog, systemClock } from "@sitebox/core/kernel";
import type { Leg, LineDeps, Trunk } from "../../line/index.ts";
import { openSerial } from "../../serial/index.ts";
import { openAtChannel } from "../at/index.ts";
import type { Modem, ModemProfile } from "../modem/index.ts";
import { profileFor } from "../modem/index.ts";
import {
  openScriptedModem,
  type ScriptedModem,
  type ScriptedModemOptions,
  ScriptedNetwork,
  ScriptedPhone,
} from "../testing/index.ts";
import { type ModemCalls, openModemCalls } from "./modem-calls.ts";

const deps = { clock: systemClock, log: silentLog };
const nothing = { manufacturer: "", model: "", firmware: "", imei: "", iccid: undefined, imsi: undefined };

/** A scripted modem and its calls as a trunk. */
export interface ModemTrunk extends Trunk {
  readonly modem: ScriptedModem;
  readonly calls: ModemCalls;
  /** Resolves when the modem has answered what it was asked by now. */
  settled(): Promise<void>;
}

export interface ModemTrunkOptions extends Omit<ScriptedModemOptions, "folder" | "network"> {
  readonly number: string;
  readonly voice?: Partial<ModemProfile["voice"]>;
  readonly onTraffic?: LineDeps["onTraffic"];
  readonly openAudio?: Modem["openAudio"];
  readonly callWaits?: () => boolean;
}

/** A network with modems in it. Disposing takes all away. */
export class ModemRig implements AsyncDisposable {
  readonly network = new ScriptedNetwork();
  readonly #folder: string;
  readonly #owned = new AsyncDisposableStack();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#owned.defer(() => rm(folder, { recursive: true, force: true }));
  }

  static async open(): Promise<ModemRig> {
    return new ModemRig(await mkdtemp(join(tmpdir(), "sitebox-calls-")));
  }

  /** A telephone of the test's own. */
  phone(number: string, options: Partial<ConstructorParameters<typeof ScriptedPhone>[0]> = {}): ScriptedPhone {
    return this.#owned.use(new ScriptedPhone({ network: this.network, number, clock: systemClock, ...options }));
  }

  async trunk({ number, voice, onTraffic, openAudio, callWaits, ...options }: ModemTrunkOptions): Promise<ModemTrunk> {
    const owned = new AsyncDisposableStack();
    const { network } = this;
    const modem = owned.use(await openScriptedModem({ ...options, folder: this.#folder, network, identity: { number } }));
    const known = profileFor(modem.profile, "");
    if (!known) throw new Error("no such profile");
    const profile = { ...known, voice: { ...known.voice, ...voice } };
    const at = owned.use(openAtChannel(await openSerial(modem.atPath, deps), deps));
    await at.send("E0");
    for (const { command } of profile.init) await at.send(command).catch(() => []);
    const over = new AbortController();
    void at.lost.then(() => over.abort());
    const port = openAudio ?? (() => openSerial(modem.audioPath, deps));
    const seam: Modem = { at, profile, identity: nothing, openAudio: port, over: over.signal };
    const incoming = new Channel<Leg>();
    const calls = openModemCalls(seam, {
      ...deps,
      line: "gsm",
      number,
      onCallsChanged: () => {},
      incoming: (leg) => incoming.push(leg),
      ...(onTraffic && { onTraffic }),
      callWaits,
    });
    owned.use(calls);
    owned.defer(() => incoming.close());
    const trunk: ModemTrunk = {
      modem,
      calls,
      settled: async () => void (await at.send("+CSQ")),
      incoming,
      dial: (to, how) => calls.dial(to, how),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
    this.#owned.use(trunk);
    return trunk;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}
