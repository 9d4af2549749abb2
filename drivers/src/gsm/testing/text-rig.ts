import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TextPort } from "../../line/index.ts";
import type { FarText, TextRig } from "../../line/testing/index.ts";
import { openScriptedModem } from "./open.ts";
import type { ScriptedModem, ScriptedModemOptions } from "./scripted-modem.ts";
import { ScriptedNetwork } from "./scripted-network.ts";
import { centreOf, type ScriptedTextCentre } from "./scripted-text-centre.ts";
import { type ScriptedTexts, scriptedTextsOf } from "./scripted-texts.ts";

/** The number of the rig's modem. */
export const OWN_NUMBER = "13900000001";

/** A scripted modem in a network with a text centre, and texts over it that `open` opens. Disposing takes all away, once. */
export class ModemTextRig<T extends TextPort & AsyncDisposable> implements TextRig {
  readonly far = "13800000002";
  readonly refused = "13800000003";
  readonly busy = "13800000004";
  readonly lost = "13800000005";
  readonly modem: ScriptedModem;
  readonly side: ScriptedTexts;
  readonly centre: ScriptedTextCentre;
  texts: T;
  readonly #open: (modem: ScriptedModem) => Promise<T>;
  readonly #owned: AsyncDisposableStack;

  private constructor(modem: ScriptedModem, network: ScriptedNetwork, texts: T, open: (modem: ScriptedModem) => Promise<T>) {
    this.modem = modem;
    this.side = scriptedTextsOf(modem);
    this.centre = centreOf(network);
    this.texts = texts;
    this.#open = open;
    this.#owned = new AsyncDisposableStack();
    this.centre.refused.set(this.refused, 1);
    this.centre.refused.set(this.busy, 42);
    this.centre.lost.set(this.lost, 0x46);
  }

  static async open<T extends TextPort & AsyncDisposable>(
    open: (modem: ScriptedModem) => Promise<T>,
    options: Partial<ScriptedModemOptions> = {},
  ): Promise<ModemTextRig<T>> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-texts-"));
    const network = new ScriptedNetwork();
    const modem = await openScriptedModem({ folder, network, ...options, identity: { number: OWN_NUMBER, ...options.identity } });
    const rig = new ModemTextRig(modem, network, await open(modem), open);
    rig.#owned.defer(() => rm(folder, { recursive: true, force: true }));
    rig.#owned.use(modem);
    return rig;
  }

  async received(): Promise<string> {
    for await (const { text } of this.centre.telephone(this.far)) return text;
    throw new Error("the telephone is gone");
  }

  async comeIn({ text, from = this.far, ...sending }: FarText): Promise<void> {
    this.centre.send(from, OWN_NUMBER, text, sending);
  }

  async reopen(open = this.#open): Promise<T> {
    await this.texts[Symbol.asyncDispose]();
    this.texts = await open(this.modem);
    return this.texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.texts[Symbol.asyncDispose]();
    await this.#owned.disposeAsync();
  }
}
