import type { AtChannel } from "../at/index.ts";
import type { ModemIdentity } from "./modem.ts";
import { optional } from "./radio.ts";

/** What the modem itself is (27.007 §5). Words that it does not say are empty. */
export async function askDevice(at: AtChannel): Promise<Omit<ModemIdentity, "iccid" | "imsi">> {
  return {
    manufacturer: await word(at, "+CGMI"),
    model: await word(at, "+CGMM"),
    firmware: (await word(at, "+CGMR")).replace(/^\+CGMR: ?|^Revision: ?/i, ""),
    imei: /\d{15}/.exec(await word(at, "+CGSN"))?.[0] ?? "",
  };
}

/** Each maker has a name of its own for it. */
const iccidCommands = ["+QCCID", "+CICCID", "^ICCID?", "+CCID"];

/** The SIM's serial number, which it tells without its PIN, too. */
export const askIccid = async (at: AtChannel): Promise<string | undefined> => (await askCard(at))?.iccid;

/** A SIM by its serial number, and the command by which its modem tells that. */
export interface Card {
  readonly iccid: string;
  readonly toldBy: string;
}

/** As {@link askIccid}; only by these commands where they are stated. */
export async function askCard(at: AtChannel, commands: readonly string[] = iccidCommands): Promise<Card | undefined> {
  for (const toldBy of commands)
    for (const line of await optional(at, toldBy)) {
      // Digits, with an F behind nineteen of them (102.221 §13.2).
      const iccid = /\d{18,20}/.exec(line)?.[0];
      if (iccid) return { iccid, toldBy };
    }
  return undefined;
}

/** Whose SIM it is. */
export const askImsi = async (at: AtChannel): Promise<string | undefined> => /^\d{6,15}$/.exec(await word(at, "+CIMI"))?.[0];

/** '+CNUM: "","13900000001",129' (27.007 §7.1). */
const ownNumber = /^\+CNUM: ?(?:"[^"]*")?, ?"([^"]+)"/;
/** Digits and + as some modems write them where their alphabet is UCS2. */
const inUcs2 = /^(?:00[23][0-9A-F])+$/i;

/** What the SIM says its number is; operators of China rarely write it there. */
export async function askOwnNumber(at: AtChannel): Promise<string | undefined> {
  for (const line of await optional(at, "+CNUM")) {
    const said = ownNumber.exec(line)?.[1] ?? "";
    const number = inUcs2.test(said) ? Buffer.from(said, "hex").swap16().toString("utf16le") : said;
    if (/^\+?\d{3,20}$/.test(number)) return number;
  }
  return undefined;
}

/** The first line of an answer; empty where there is none. */
async function word(at: AtChannel, command: string): Promise<string> {
  return (await optional(at, command))[0]?.trim() ?? "";
}
