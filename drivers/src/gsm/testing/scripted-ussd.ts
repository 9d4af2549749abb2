import type { ModemProfile } from "../modem/index.ts";
import { packText, unpackText } from "../pdu/index.ts";
import type { ScriptedModem, ScriptedPlugin, ScriptedReply } from "./scripted-modem.ts";

/** What the network says to a service code. */
export interface ScriptedUssdAnswer {
  readonly text?: string;
  /** As +CUSD tells: 0 done, 1 a menu, 2 ended, 4 not known, 5 no answer in the network. */
  readonly state?: number;
  /** The form of its text, where it is not the modem's own. */
  readonly form?: ModemProfile["ussd"];
  readonly dcs?: number;
  /** The whole line, as firmware of its own mind has it. */
  readonly line?: string;
  /** The command itself is answered so, as in "+CME ERROR: 30". */
  readonly final?: string;
}

/** Service codes of a scripted modem; {@link scriptedUssdOf}. */
export class ScriptedUssd {
  /** By code, or by choice from a menu. A code that is not there is not known to the network; "silent" is never answered. */
  readonly answers = new Map<string, ScriptedUssdAnswer | "silent">();
  /** Codes as they were understood, in their order, and "cancel". */
  readonly heard: string[] = [];
  /** The form in which it takes codes. */
  form: ModemProfile["ussd"];
  readonly #modem: ScriptedModem;

  constructor(modem: ScriptedModem) {
    this.#modem = modem;
    this.form = modem.profile === "huawei-e" ? "packed" : "ucs2";
    modem.handle("+CUSD=", ({ rest }) => this.#run(rest));
  }

  /** The network says something by itself, or again. */
  say({ text = "", state = 0, form = this.form, dcs = form === "ucs2" ? 72 : 15, line }: ScriptedUssdAnswer): void {
    this.#modem.say(line ?? `+CUSD: ${state}${text === "" ? "" : `,"${encoded(text, form)}",${dcs}`}`);
  }

  #run(rest: string): ScriptedReply {
    if (rest === "2") {
      this.heard.push("cancel");
      return {};
    }
    const written = /^1,"([^"]*)"/.exec(rest)?.[1];
    const code = written === undefined ? undefined : this.#understood(written);
    if (code === undefined) return { final: "ERROR" };
    this.heard.push(code);
    const answer = this.answers.get(code) ?? { state: 4 };
    if (answer === "silent") return {};
    if (answer.final !== undefined) return { final: answer.final };
    this.#modem.clock.after(10, () => this.say(answer));
    return {};
  }

  #understood(written: string): string | undefined {
    if (this.form === "text") return /^[*#+\d]+$/.test(written) && !/^(?:00[23]\d)+$/.test(written) ? written : undefined;
    if (this.form === "packed") return /^[0-9A-F]+$/i.test(written) ? unpackText(Buffer.from(written, "hex")) : undefined;
    if (this.#modem.settings.get("+CSCS") !== '"UCS2"' || !/^(?:[0-9A-F]{4})+$/i.test(written)) return undefined;
    return Buffer.from(written, "hex").swap16().toString("utf16le");
  }
}

function encoded(text: string, form: ModemProfile["ussd"]): string {
  if (form === "text") return text;
  if (form === "packed") return packText(text) ?? "";
  return Buffer.from(text, "utf16le").swap16().toString("hex").toUpperCase();
}

const known = new WeakMap<ScriptedModem, ScriptedUssd>();

/** What a scripted modem and its network do with service codes. */
export function scriptedUssdOf(modem: ScriptedModem): ScriptedUssd {
  const ussd = known.get(modem) ?? new ScriptedUssd(modem);
  known.set(modem, ussd);
  return ussd;
}

/** Service codes of a scripted modem. */
export const scriptedUssd: ScriptedPlugin = (modem) => void scriptedUssdOf(modem);
