import type { Radio } from "../../line/index.ts";
import { type AtChannel, AtError } from "../at/index.ts";

/** How a modem stands with its network. */
export type Registration = "home" | "roaming" | "searching" | "denied";

/** The second number of +CREG: <mode>,<state> (27.007 §7.2, §10.1.22). */
const states: Readonly<Record<string, Registration>> = {
  "0": "searching",
  "1": "home",
  "2": "searching",
  "3": "denied",
  "4": "searching",
  "5": "roaming",
};

/** Access technologies as +COPS numbers them (27.007 §7.3). */
const technologies: Readonly<Record<string, string>> = {
  ...{ "0": "2G", "1": "2G", "3": "2G", "8": "2G" },
  ...{ "2": "3G", "4": "3G", "5": "3G", "6": "3G" },
  ...{ "7": "4G", "9": "4G", "10": "4G", "11": "5G", "12": "5G", "13": "5G" },
};

/** Up to which +CSQ a bar more is not shown. */
const barsUpTo = [1, 4, 9, 14, 19];

/** Reception from a received signal strength indication of 0 to 31 (27.007 §8.5): 21 is -71 dBm. Undefined where it is not known, as with 99. */
export function signalOf(level: number): Pick<Radio, "bars" | "dbm"> | undefined {
  if (!Number.isInteger(level) || level < 0 || level > 31) return undefined;
  return { bars: barsUpTo.filter((most) => level > most).length, dbm: -113 + 2 * level };
}

/** "+CSQ: 21,99" */
export function parseSignal(lines: readonly string[]): Pick<Radio, "bars" | "dbm"> {
  return signalOf(Number(/^\+CSQ: ?(\d+)/.exec(lines.at(-1) ?? "")?.[1] ?? 99)) ?? { bars: 0 };
}

/** '+COPS: 0,0,"CHINA MOBILE",7'. The name comes in UCS2 where that is the modem's alphabet. */
export function parseOperator(lines: readonly string[]): Pick<Radio, "operator" | "technology"> {
  const [, name, act] = /^\+COPS: ?\d(?:,\d,"([^"]*)"(?:,(\d+))?)?/.exec(lines.at(-1) ?? "") ?? [];
  const technology = technologies[act ?? ""];
  return { ...(name && { operator: readable(name) }), ...(technology !== undefined && { technology }) };
}

function readable(name: string): string {
  if (!/^(?:[0-9A-F]{4})+$/i.test(name)) return name;
  const text = Buffer.from(name, "hex").swap16().toString("utf16le");
  // "CAFE" is a name, too: what is no text of an operator is left as it came.
  return /^[\x20-\x7e\u4e00-\u9fff]+$/.test(text) ? text : name;
}

/** "+CREG: 2,1,…" → home. Undefined where nothing is said. */
export function parseRegistration(lines: readonly string[]): Registration | undefined {
  return states[/^\+C[EG]?REG: ?\d, ?(\d)/.exec(lines.at(-1) ?? "")?.[1] ?? ""];
}

/** Asks for the registration for calls, and for that of LTE where there is none: calls go over it there. */
export async function askRegistration(at: AtChannel): Promise<Registration> {
  const calls = parseRegistration(await at.send("+CREG?")) ?? "searching";
  if (calls === "home" || calls === "roaming") return calls;
  const lte = parseRegistration(await optional(at, "+CEREG?"));
  return lte === "home" || lte === "roaming" ? lte : calls;
}

/** Asks how it is received. */
export async function askRadio(at: AtChannel, registration: Registration): Promise<Radio> {
  const signal = parseSignal(await optional(at, "+CSQ"));
  const operator = parseOperator(await optional(at, "+COPS?"));
  return { ...signal, ...operator, roaming: registration === "roaming" };
}

/** What a command answers; nothing where the modem refuses it. A modem that does not answer still throws. */
export async function optional(at: AtChannel, command: string): Promise<readonly string[]> {
  try {
    return await at.send(command);
  } catch (error) {
    if (error instanceof AtError && !["timeout", "gone"].includes(error.final)) return [];
    throw error;
  }
}
