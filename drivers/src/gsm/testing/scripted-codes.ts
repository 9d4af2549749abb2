import type { ModemProfile } from "../modem/index.ts";
import type { ScriptedModem } from "./scripted-modem.ts";

/** A call as codes tell of it. */
export interface SpokenCall {
  readonly id: number;
  readonly direction: "in" | "out";
  readonly number: string;
  /** As +CLCC has it. */
  readonly state: number;
  /** Why the last call ended, by Q.850. */
  readonly cause: number;
}

/** What a kind of modem says of its calls by itself. */
interface ScriptedCodes {
  alerting(call: SpokenCall): readonly string[];
  up(call: SpokenCall): readonly string[];
  over(call: SpokenCall): readonly string[];
  report(cause: number): string;
  /** For a key from the far end; undefined where the modem was not asked to tell. */
  key(key: string): string | undefined;
  /** Whether sound was ordered, in a call. */
  soundIsOpen(): boolean;
}

const REASONS: Readonly<Record<number, string>> = {
  1: "Unassigned (unallocated) number",
  16: "Normal call clearing",
  17: "User busy",
  27: "Destination out of order",
};
const reasonOf = (cause: number) => REASONS[cause] ?? "No cause information available";
const standardEnd = ({ cause, direction }: SpokenCall) => (direction === "out" && cause === 17 ? "BUSY" : "NO CARRIER");

const KINDS: Readonly<Record<ModemProfile["name"], (modem: ScriptedModem) => ScriptedCodes>> = {
  "quectel-ec2x": ({ settings }) => {
    const moved = ({ id, direction, number, state }: SpokenCall, as = state): readonly string[] => {
      if (settings.get("^DSCI") === "1") return [`^DSCI: ${id},${direction === "in" ? 1 : 0},${as},0,${number},129`];
      const asked = settings.get("+QINDCFG")?.startsWith('"ccinfo",1') ?? false;
      return asked ? [`+QIND: "ccinfo",${id},${direction === "in" ? 1 : 0},${as},0,0,"${number}",129`] : [];
    };
    return {
      alerting: (call) => moved(call),
      up: (call) => moved(call),
      over: (call) => [...moved(call, -1), standardEnd(call)],
      report: (cause) => `+CEER: ${reasonOf(cause)}`,
      key: (key) => (settings.get("+QTONEDET") === "1" ? `+QTONEDET: ${key.charCodeAt(0)}` : undefined),
      soundIsOpen: () => settings.get("+QPCMV")?.startsWith("1") ?? false,
    };
  },
  "simcom-sim7600": ({ settings }) => {
    const listed = ({ id, direction, number }: SpokenCall, state: number) =>
      settings.get("+CLCC") === "1" ? [`+CLCC: ${id},${direction === "in" ? 1 : 0},${state},0,0,"${number}",129`] : [];
    return {
      alerting: (call) => listed(call, 3),
      up: (call) => [...listed(call, 0), "VOICE CALL: BEGIN"],
      over: (call) => [...listed(call, 6), "VOICE CALL: END: 000004", standardEnd(call)],
      report: (cause) => `+CEER: ${reasonOf(cause)}`,
      key: (key) => (settings.get("+DDET")?.startsWith("1") ? `+RXDTMF: ${key}` : undefined),
      soundIsOpen: () => settings.get("+CPCMREG") === "1",
    };
  },
  "huawei-e": ({ settings }) => ({
    alerting: ({ id }) => [`^CONF:${id}`],
    up: ({ id }) => [`^CONN:${id},0`],
    over: (call) => [`^CEND:${call.id},4,29,${call.cause}`, standardEnd(call)],
    report: (cause) => `+CEER: "${reasonOf(cause)}"`,
    key: () => undefined,
    soundIsOpen: () => settings.get("^DDSETEX") === "2",
  }),
};

/** What a modem says of its calls, in its kind's way. */
export const codesOf = (modem: ScriptedModem): ScriptedCodes => KINDS[modem.profile](modem);
