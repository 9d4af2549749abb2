import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Channel, silentLog, systemClock } from "@sitebox/core/kernel";
import type { IncomingText, TextPort, TextReport } from "../../line/index.ts";
import type { FarText, TextRig } from "../../line/testing/index.ts";
import { openSerial } from "../../serial/index.ts";
import { openAtChannel } from "../at/index.ts";
import { type Modem, profileFor } from "../modem/index.ts";
import {
  centreOf,
  openScriptedModem,
  type ScriptedModem,
  type ScriptedModemOptions,
  ScriptedNetwork,
  type ScriptedTextCentre,
  type ScriptedTexts,
  scriptedTextsOf,
} from "../testing/index.ts";
import { type ModemTexts, type ModemTextsDeps, openModemTexts } from "./index.ts";

const deps = { clock: systemClock, log: silentLog };
const nothing = { manufacturer: "", model: "", firmware: "", imei: "", iccid: undefined, imsi: undefined };

export const OWN = "13900000001";
export const FAR = "13800000002";

/** A modem that has been set up, as its owner has it. */
export interface OpenModem extends AsyncDisposable {
  readonly modem: Modem;
}

/** Speaks to a scripted modem as far as its owner would set it up. */
export async function openModem(scripted: ScriptedModem): Promise<OpenModem> {
  const profile = profileFor(scripted.profile, "");
  if (!profile) throw new Error("no such profile");
  const at = openAtChannel(await openSerial(scripted.atPath, deps), deps);
  const over = new AbortController();
  void at.lost.then(() => over.abort());
  await at.send("E0");
  for (const { command } of profile.init) await at.send(command).catch(() => []);
  return {
    modem: { at, profile, identity: nothing, openAudio: undefined, over: over.signal },
    [Symbol.asyncDispose]: () => at[Symbol.asyncDispose](),
  };
}

/** Texts of a modem as the port of a line. */
export interface OpenTexts extends TextPort, AsyncDisposable {
  readonly own: ModemTexts;
  readonly modem: Modem;
}

export async function openTexts(scripted: ScriptedModem, more: Partial<ModemTextsDeps> = {}): Promise<OpenTexts> {
  const owned = new AsyncDisposableStack();
  const { modem } = owned.use(await openModem(scripted));
  const incoming = new Channel<IncomingText>();
  const reports = new Channel<TextReport>();
  owned.defer(() => incoming.close());
  owned.defer(() => reports.close());
  const own = owned.use(
    openModemTexts(modem, {
      ...deps,
      deliveryReports: true,
      incoming: (text) => incoming.push(text),
      report: (report) => reports.push(report),
      ...more,
    }),
  );
  return {
    own,
    modem,
    incoming,
    reports,
    send: (to, text, options) => own.send(to, text, options),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A scripted modem in a network with a text centre. Disposing takes all away, once. */
export class ModemTextRig implements TextRig {
  readonly far = FAR;
  readonly refused = "13800000003";
  readonly busy = "13800000004";
  readonly lost = "13800000005";
  readonly scripted: ScriptedModem;
  readonly side: ScriptedTexts;
  readonly centre: ScriptedTextCentre;
  texts: OpenTexts;
  readonly #owned: AsyncDisposableStack;

  private constructor(scripted: ScriptedModem, centre: ScriptedTextCentre, texts: OpenTexts, owned: AsyncDisposableStack) {
    this.scripted = scripted;
    this.side = scriptedTextsOf(scripted);
    this.centre = centre;
    this.texts = texts;
    this.#owned = owned;
    centre.refused.set(this.refused, 1);
    centre.refused.set(this.busy, 42);
    centre.lost.set(this.lost, 0x46);
  }

  static async open(options: Partial<ScriptedModemOptions> = {}, more: Partial<ModemTextsDeps> = {}): Promise<ModemTextRig> {
    const owned = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "sitebox-texts-"));
    owned.defer(() => rm(folder, { recursive: true, force: true }));
    const network = new ScriptedNetwork();
    const scripted = owned.use(await openScriptedModem({ folder, network, ...options, identity: { number: OWN } }));
    return new ModemTextRig(scripted, centreOf(network), await openTexts(scripted, more), owned);
  }

  async received(): Promise<string> {
    for await (const { text } of this.centre.telephone(this.far)) return text;
    throw new Error("the telephone is gone");
  }

  async comeIn({ text, from = this.far, sentAt, backwards, twice }: FarText): Promise<void> {
    this.centre.send(from, OWN, text, {
      ...(sentAt !== undefined && { sentAt }),
      ...(backwards !== undefined && { backwards }),
      ...(twice !== undefined && { twice }),
    });
  }

  async reopen(more: Partial<ModemTextsDeps> = {}): Promise<OpenTexts> {
    await this.texts[Symbol.asyncDispose]();
    this.texts = await openTexts(this.scripted, more);
    return this.texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.texts[Symbol.asyncDispose]();
    await this.#owned.disposeAsync();
  }
}
