import { Channel, silentLog, systemClock } from "@sitebox/core/kernel";
import type { IncomingText, TextPort, TextReport } from "../../line/index.ts";
import { openSerial } from "../../serial/index.ts";
import { openAtChannel } from "../at/index.ts";
import { type Modem, profileFor } from "../modem/index.ts";
import { ModemTextRig, type ScriptedModem, type ScriptedModemOptions } from "../testing/index.ts";
import { type ModemTexts, type ModemTextsDeps, openModemTexts } from "./index.ts";

const deps = { clock: systemClock, log: silentLog };
const nothing = { manufacturer: "", model: "", firmware: "", imei: "", iccid: undefined, imsi: undefined };

/** Texts of a modem as the port of a line. */
export interface OpenTexts extends TextPort, AsyncDisposable {
  readonly own: ModemTexts;
}

/** Speaks to a scripted modem as far as its owner would set it up, and opens its texts. */
async function openTexts(scripted: ScriptedModem, more: Partial<ModemTextsDeps>): Promise<OpenTexts> {
  const owned = new AsyncDisposableStack();
  const profile = profileFor(scripted.profile, "");
  if (!profile) throw new Error("no such profile");
  const at = owned.use(openAtChannel(await openSerial(scripted.atPath, deps), deps));
  const over = new AbortController();
  void at.lost.then(() => over.abort());
  await at.send("E0");
  for (const { command } of profile.init) await at.send(command).catch(() => []);
  const modem: Modem = { at, profile, identity: nothing, openAudio: undefined, over: over.signal };
  const incoming = new Channel<IncomingText>();
  const reports = new Channel<TextReport>();
  owned.defer(() => incoming.close());
  owned.defer(() => reports.close());
  const told: ModemTextsDeps = {
    ...deps,
    deliveryReports: true,
    incoming: (text) => incoming.push(text),
    report: (report) => reports.push(report),
  };
  const own = owned.use(openModemTexts(modem, { ...told, ...more }));
  return {
    own,
    incoming,
    reports,
    send: (to, text, options) => own.send(to, text, options),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The texts of a scripted modem by themselves, without a line around them. */
export function openRig(
  options: Partial<ScriptedModemOptions> = {},
  more: Partial<ModemTextsDeps> = {},
): Promise<ModemTextRig<OpenTexts>> {
  return ModemTextRig.open((scripted) => openTexts(scripted, more), options);
}
