import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OutsideLine } from "@sitebox/core/contract";
import {
  centreOf,
  openScriptedModem,
  type ScriptedModem,
  type ScriptedModemOptions,
  ScriptedNetwork,
} from "@sitebox/drivers/gsm/testing";
import type { BoxConfigInput } from "@sitebox/provisioning";
import type { ApiClient } from "../api-client.ts";
import { World } from "../world.ts";

/** The number of the SIM in a site's first modem. */
export const BOX = "13900000001";

type Modem = Omit<ScriptedModemOptions, "folder" | "network">;

export interface ModemSiteOptions {
  /** One with the number {@link BOX} unless told. */
  readonly modems?: readonly Modem[];
  /** What the box's file says beside its lines. */
  readonly configure?: (box: BoxConfigInput) => BoxConfigInput;
  /** Whether the modems stand in the box's file, as `mobile-1` and so on; otherwise somebody adds them. */
  readonly inFile?: boolean;
}

/** A line over a scripted modem, as the file and the API take it. */
export const lineOver = ({ identity, atPath, audioPath }: ScriptedModem, name = "mobile-1") => ({
  kind: "gsm" as const,
  name,
  sim: { number: identity.number, owner: "测试酒店", purpose: "前台电话" },
  atPort: atPath,
  audioPort: audioPath,
  balanceHours: 0,
});

/** Resolves when the line is so, with this fault where one is told. */
export const lineIs = (desk: ApiClient, state: OutsideLine["state"], fault?: OutsideLine["fault"], name = "mobile-1") =>
  desk.until<OutsideLine[]>("/api/lines", (lines) =>
    lines.some((one) => one.name === name && one.state === state && (fault === undefined || one.fault === fault)),
  );

/** A box without headquarters, and modems of a scripted mobile network that are plugged into it. */
export class ModemSite implements AsyncDisposable {
  readonly folder: string;
  readonly network = new ScriptedNetwork();
  readonly #modems: ScriptedModem[] = [];
  #world: World | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(options: ModemSiteOptions = {}): Promise<ModemSite> {
    const { modems = [{ identity: { number: BOX } }], configure = (box) => box, inFile = true } = options;
    const site = new ModemSite(await mkdtemp(join(tmpdir(), "sitebox-modem-site-")));
    for (const modem of modems) await site.plugIn(modem);
    const list = inFile ? site.#modems.map((modem, i) => lineOver(modem, `mobile-${i + 1}`)) : [];
    site.#world = await World.open({ headquarters: false, configure: (box) => configure({ ...box, lines: { list } }) });
    await site.world.startBox();
    return site;
  }

  get world(): World {
    if (!this.#world) throw new Error("the box is not set up");
    return this.#world;
  }

  /** The modem that was plugged in last. */
  get modem(): ScriptedModem {
    const modem = this.#modems.at(-1);
    if (!modem) throw new Error("no modem is plugged in");
    return modem;
  }

  /** A modem that comes back under the same `name` has the ports it had. */
  async plugIn(options: Modem): Promise<ScriptedModem> {
    const { folder, network } = this;
    const name = `modem-${this.#modems.length + 1}`;
    const modem = await openScriptedModem({ folder, network, name, ...options });
    this.#modems.push(modem);
    return modem;
  }

  /** The next text that comes to a telephone of the network. */
  async nextText(number: string): Promise<string> {
    for await (const { text } of centreOf(this.network).telephone(number)) return text;
    throw new Error("the network is gone");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world?.[Symbol.asyncDispose]();
    for (const modem of this.#modems) await modem[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
