import { decodeSubmit, encodeStatusReport, type Submit } from "../pdu/index.ts";
import type { ScriptedCommand, ScriptedModem, ScriptedPlugin, ScriptedReply } from "./scripted-modem.ts";
import { centreOf } from "./scripted-text-centre.ts";

interface Slot {
  readonly hex: string;
  /** As +CMGL tells: 0 unread, 1 read, 2 to be sent, 3 sent. */
  status: number;
}

const cms = (code: number): ScriptedReply => ({ final: `+CMS ERROR: ${code}` });

/** What a scripted modem does with texts; {@link scriptedTextsOf}. */
export class ScriptedTexts {
  /** How many texts each memory holds; tests change it. */
  readonly capacity: Record<string, number> = { ME: 30, SM: 20, SR: 10 };
  /** What +CMGS is answered, one after the other: "ok" or a final result such as "+CMS ERROR: 38". Empty: ok. */
  readonly answers: string[] = [];
  /** Tells of nothing that comes: +CMTI is lost. */
  mute = false;
  /** Status reports come before the answer of +CMGS. */
  earlyReports = false;
  /** Status reports have a memory of their own. */
  reportsApart = true;
  /** Status reports wait in the network until {@link releaseReports}. */
  holdReports = false;
  /** How often a text was sent to it, taken or not, and who hears of each. */
  submitted = 0;
  onSubmit: ((count: number) => void) | undefined;
  /** How often +CNMA was heard. */
  acknowledged = 0;
  readonly #held: string[] = [];
  readonly #modem: ScriptedModem;
  readonly #memories: Record<string, Map<number, Slot>> = { ME: new Map(), SM: new Map(), SR: new Map() };
  #reading = "SM";
  #receiving = "SM";
  #reference = 250;

  constructor(modem: ScriptedModem) {
    this.#modem = modem;
    centreOf(modem)?.attach(modem, (hex) => this.deliver(hex));
    modem.onReset(() => {
      this.#reading = "SM";
      this.#receiving = "SM";
    });
    modem.handle("+CPMS=?", () => ({ lines: ['+CPMS: ("ME","MT","SM","SR"),("ME","MT","SM","SR"),("ME","MT","SM","SR")'] }));
    modem.handle("+CPMS?", () => {
      const names = [this.#reading, this.#receiving, this.#receiving];
      return { lines: [`+CPMS: ${names.map((name) => `"${name}",${this.#usage(name)}`).join(",")}`] };
    });
    modem.handle("+CPMS=", ({ rest }) => this.#choose(rest));
    modem.handle("+CMGL=4", () => ({
      lines: [...this.#memory()].flatMap(([index, slot]) => {
        const { status, hex } = slot;
        if (status === 0) slot.status = 1;
        return [`+CMGL: ${index},${status},,${lengthOf(hex)}`, hex];
      }),
    }));
    modem.handle("+CMGR=", ({ rest }) => {
      const slot = this.#memory().get(Number(rest));
      if (!slot) return cms(321);
      return { lines: [`+CMGR: ${slot.status},,${lengthOf(slot.hex)}`, slot.hex] };
    });
    modem.handle("+CMGD=", ({ rest }) => {
      if (!this.#memory().delete(Number(rest))) return cms(321);
      centreOf(modem)?.retry(modem);
      return {};
    });
    modem.handle("+CNMA", () => {
      this.acknowledged++;
      return {};
    });
    modem.handle("+CNMI=", ({ rest }) => {
      modem.settings.set("+CNMI", rest);
      // What waited while nobody could be told.
      modem.clock.after(0, () => centreOf(modem)?.retry(modem));
      return {};
    });
    modem.handle("+CMGS=", (command) => this.#send(command));
  }

  /** Everything that it keeps, of all memories. */
  get kept(): readonly string[] {
    return Object.values(this.#memories).flatMap((memory) => [...memory.values()].map(({ hex }) => hex));
  }

  /** Puts a message there as an earlier program left it. */
  put(hex: string, { memory = "ME", status = 1 }: { readonly memory?: "ME" | "SM"; readonly status?: number } = {}): number {
    return this.#keep(memory, hex, status) ?? -1;
  }

  /** Replaces what is in a place, behind the driver's back. */
  replace(index: number, hex: string, memory: "ME" | "SM" = "ME"): void {
    this.#memories[memory]?.set(index, { hex, status: 0 });
  }

  /** A text comes from the network. False where it cannot be taken. */
  deliver(hex: string): boolean {
    const mode = this.#mode(1);
    if (mode === "2") {
      this.#say(`+CMT: ,${lengthOf(hex)}\r\n${hex}`);
      return true;
    }
    const index = this.#keep(this.#receiving, hex, 0);
    if (index === undefined) return false;
    if (mode === "1") this.#say(`+CMTI: "${this.#receiving}",${index}`);
    return true;
  }

  /** The network reports on what it held. */
  releaseReports(): void {
    for (const hex of this.#held.splice(0)) this.report(hex);
  }

  /** What became of a text of its own comes from the network. */
  report(hex: string): void {
    const mode = this.#mode(3);
    if (mode === "1") this.#say(`+CDS: ${lengthOf(hex)}\r\n${hex}`);
    if (mode !== "2") return;
    const memory = this.reportsApart ? "SR" : this.#receiving;
    const index = this.#keep(memory, hex, 0);
    if (index !== undefined) this.#say(`+CDSI: "${memory}",${index}`);
  }

  #say(line: string): void {
    if (!this.mute) this.#modem.say(line);
  }

  /** One of the modes that +CNMI set (27.005 §3.4.1): 1 texts, 3 reports. */
  #mode(at: number): string {
    return (this.#modem.settings.get("+CNMI") ?? "2,0,0,0,0").split(",")[at] ?? "0";
  }

  #memory(): Map<number, Slot> {
    return this.#memories[this.#reading] ?? new Map<number, Slot>();
  }

  #usage(name: string): string {
    return `${this.#memories[name]?.size ?? 0},${this.capacity[name] ?? 0}`;
  }

  #keep(name: string, hex: string, status: number): number | undefined {
    const memory = this.#memories[name];
    for (let index = 0; memory && index < (this.capacity[name] ?? 0); index++) {
      if (memory.has(index)) continue;
      memory.set(index, { hex, status });
      return index;
    }
    return undefined;
  }

  #choose(rest: string): ScriptedReply {
    const names = rest.split(",").map((name) => name.replaceAll('"', ""));
    if (names.some((name) => !(name in this.#memories))) return cms(302);
    const [reading = this.#reading, , receiving = this.#receiving] = names;
    this.#reading = reading;
    this.#receiving = receiving;
    return { lines: [`+CPMS: ${[reading, receiving, receiving].map((name) => this.#usage(name)).join(",")}`] };
  }

  async #send({ rest, prompt }: ScriptedCommand): Promise<ScriptedReply> {
    const hex = await prompt();
    if (hex === undefined) return {};
    if (lengthOf(hex) !== Number(rest)) return cms(304);
    this.submitted++;
    this.onSubmit?.(this.submitted);
    const answer = this.answers.shift() ?? "ok";
    if (answer === "silent") return answer;
    if (answer !== "ok") return { final: answer };
    const submit = decodeSubmit(hex);
    const outcome = centreOf(this.#modem)?.submit(this.#modem, submit) ?? { refused: 331 };
    if ("refused" in outcome) return cms(outcome.refused);
    this.#reference = (this.#reference + 1) & 0xff;
    if (submit.report) this.#reportSoon(submit, this.#reference, outcome.status);
    return { lines: [`+CMGS: ${this.#reference}`] };
  }

  #reportSoon({ to }: Submit, reference: number, status: number): void {
    const at = this.#modem.clock.now();
    const { hex } = encodeStatusReport({ reference, to, status, sentAt: at, at });
    if (this.holdReports) this.#held.push(hex);
    else if (this.earlyReports) this.report(hex);
    else this.#modem.clock.after(20, () => this.report(hex));
  }
}

/** Octets behind the service centre, as +CMGS and +CMGL state them. */
function lengthOf(hex: string): number {
  return hex.length / 2 - 1 - Number.parseInt(hex.slice(0, 2), 16);
}

const known = new WeakMap<ScriptedModem, ScriptedTexts>();

/** What a scripted modem does with texts. */
export function scriptedTextsOf(modem: ScriptedModem): ScriptedTexts {
  const texts = known.get(modem) ?? new ScriptedTexts(modem);
  known.set(modem, texts);
  return texts;
}

/** Texts of a scripted modem: stored, told, sent, reported. */
export const scriptedTexts: ScriptedPlugin = (modem) => void scriptedTextsOf(modem);
