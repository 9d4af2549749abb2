import { FRAME_SAMPLES, putSamples } from "../../line/index.ts";
import { KEYPAD, keyTone } from "../../sound/index.ts";
import { ScriptedCall, type ScriptedParty } from "./scripted-call.ts";
import { codesOf, type SpokenCall } from "./scripted-codes.ts";
import type { ScriptedModem, ScriptedPlugin, ScriptedReply } from "./scripted-modem.ts";
import { findPhone } from "./scripted-phones.ts";
import { ScriptedSound, type SoundMisbehaviour } from "./scripted-sound.ts";

/** How a modem's calls misbehave; nothing of it by default. */
export interface CallMisbehaviour {
  /** Chance that a code about a call is not said at all. */
  readonly lostCodes?: number;
  /** +CLCC is refused. */
  readonly noList?: boolean;
  /** +VTS is refused. */
  readonly noVts?: boolean;
  readonly sound?: SoundMisbehaviour;
  /** Keys from the far end are told as codes, as tones in the sound, or both. */
  readonly keys?: "codes" | "tones" | "both";
  /** +CLIP comes from this ring on, and +CLCC does not know the number sooner. */
  readonly clipFromRing?: number;
  readonly ringEveryMs?: number;
}

interface Entry {
  readonly id: number;
  readonly call: ScriptedCall;
  readonly direction: "in" | "out";
  /** The far end's. */
  readonly number: string;
  rings: number;
  activeAt: number | undefined;
}

const RING_EVERY_MS = 5_000;
/** Between ATD and the ringing at the far end. */
const NETWORK_MS = 15;
/** SIM7600 opens its sound only so long after the answer. */
const VOICE_PATH_MS = 60;
const ERROR: ScriptedReply = { final: "ERROR" };
const OK: ScriptedReply = {};
const states = { dialling: 2, alerting: 3, active: 0, over: 0 };
const all = new WeakMap<ScriptedModem, ScriptedCalls>();

/** The calls of a scripted modem, where it has that plug-in. */
export const callsOf = (modem: ScriptedModem): ScriptedCalls | undefined => all.get(modem);

/** Teaches a modem to call and be called, with sound. */
export const scriptedCalls: ScriptedPlugin = (modem) => {
  all.set(modem, new ScriptedCalls(modem));
};

/** What a scripted modem knows of its calls. */
export class ScriptedCalls implements ScriptedParty {
  misbehaviour: CallMisbehaviour = {};
  readonly #modem: ScriptedModem;
  readonly #entries = new Map<ScriptedCall, Entry>();
  #lastCause = 0;
  #sound: ScriptedSound | undefined;

  constructor(modem: ScriptedModem) {
    this.#modem = modem;
    modem.onReset(() => this.#reset());
    modem.onAudio((bytes) => this.#sound?.take(bytes));
    this.#teach();
  }

  get number(): string {
    return this.#modem.identity.number;
  }

  /** How many calls it has, the waiting one too. */
  get count(): number {
    return this.#entries.size;
  }

  rung(call: ScriptedCall): number | undefined {
    const busy = this.#entries.size > 0;
    if (busy && (this.#entries.size > 1 || !/^1/.test(this.#modem.settings.get("+CCWA") ?? "0"))) return 17;
    const entry = this.#add(call, "in");
    if (busy) this.#say(`+CCWA: ${this.#shown(call)},1`);
    else this.#ring(entry);
    return undefined;
  }

  moved(call: ScriptedCall): void {
    const entry = this.#entries.get(call);
    if (!entry) return;
    if (call.state === "active") entry.activeAt = this.#modem.clock.monotonic();
    this.#tell(entry, call.state === "active" ? "up" : "alerting");
    this.#openSound();
  }

  over(call: ScriptedCall, cause: number): void {
    const entry = this.#entries.get(call);
    if (!entry) return;
    this.#entries.delete(call);
    this.#lastCause = cause;
    if (this.#entries.size === 0) this.#closeSound();
    this.#tell(entry, "over");
    const [next] = this.#entries.values();
    if (next?.direction === "in" && next.call.state === "alerting" && next.rings === 0) this.#ring(next);
  }

  hear(_call: ScriptedCall, frame: Buffer): void {
    this.#sound?.hear(frame);
  }

  pressed(_call: ScriptedCall, key: string): void {
    const { keys = "both" } = this.misbehaviour;
    if (keys !== "codes") this.#sound?.insert(tonesOf(key));
    const code = codesOf(this.#modem).key(key);
    if (keys !== "tones" && code !== undefined) this.#modem.clock.after(60, () => this.#say(code));
  }

  #teach(): void {
    const modem = this.#modem;
    modem.handle("D", ({ rest }) => this.#dial(rest));
    modem.handle("A", () => this.#answer());
    for (const command of ["H", "+CHUP", "+QHUP"]) modem.handle(command, () => this.#hangUp());
    modem.handle("+CHLD=0", () => this.#refuseWaiting());
    modem.handle("+CLCC", () => (this.misbehaviour.noList ? ERROR : { lines: this.#list() }));
    modem.handle("+CEER", () => ({ lines: [codesOf(modem).report(this.#lastCause)] }));
    modem.handle("+VTS=", ({ rest }) => this.#press(rest));
    modem.handle("+CPCMREG=1", () => this.#openVoicePath());
    modem.handle("+QPCMV=1", ({ rest }) => {
      modem.settings.set("+QPCMV", `1${rest}`);
      this.#openSound();
      return OK;
    });
    modem.handle("^DDSETEX=", ({ rest }) => {
      modem.settings.set("^DDSETEX", rest);
      this.#openSound();
      return OK;
    });
  }

  #dial(rest: string): ScriptedReply {
    const number = /^([+0-9*#]+);$/.exec(rest)?.[1];
    if (number === undefined) return ERROR;
    if (this.#entries.size > 0 || !this.#modem.reachable) return { final: "NO CARRIER" };
    const { network, clock } = this.#modem;
    const modem = network?.find(number);
    const to = (network && findPhone(network, number)) ?? (modem && all.get(modem));
    const reachable = modem?.reachable ?? to !== undefined;
    const call = new ScriptedCall(this, to ?? nobody, this.number);
    this.#add(call, "out", number);
    clock.after(NETWORK_MS, () => (to && reachable ? call.ring() : call.end(modem ? 27 : 1)));
    return OK;
  }

  #answer(): ScriptedReply {
    const ringing = [...this.#entries.values()].find(({ call, direction }) => direction === "in" && call.state === "alerting");
    if (!ringing) return { final: "NO CARRIER" };
    ringing.call.answer();
    return OK;
  }

  /** An answered call is cleared, one that rings is refused. */
  #hangUp(): ScriptedReply {
    // Once the first is gone, the one that waits does not wait any more.
    for (const { call, direction } of [...this.#entries.values()].filter((entry) => !this.#waits(entry.call))) {
      call.end(direction === "in" && call.state === "alerting" ? 17 : 16);
    }
    return OK;
  }

  #refuseWaiting(): ScriptedReply {
    for (const { call } of this.#entries.values()) if (this.#waits(call)) call.end(17);
    return OK;
  }

  #press(rest: string): ScriptedReply {
    const key = /^"?([0-9*#A-D])"?$/.exec(rest)?.[1];
    const call = [...this.#entries.keys()].find(({ state }) => state === "active");
    if (key === undefined || !call || this.misbehaviour.noVts) return ERROR;
    call.press(this, key);
    return OK;
  }

  #openVoicePath(): ScriptedReply {
    const now = this.#modem.clock.monotonic();
    const open = [...this.#entries.values()].some(({ activeAt }) => activeAt !== undefined && now - activeAt >= VOICE_PATH_MS);
    if (!open) return ERROR;
    this.#modem.settings.set("+CPCMREG", "1");
    this.#openSound();
    return OK;
  }

  #list(): readonly string[] {
    const { clipFromRing = 1 } = this.misbehaviour;
    return [...this.#entries.values()].map(({ id, call, direction, rings, number }) => {
      const incoming = this.#waits(call) ? 5 : 4;
      const state = direction === "in" && call.state !== "active" ? incoming : states[call.state];
      const known = direction === "out" || this.#waits(call) || rings >= clipFromRing;
      const shown = direction === "out" ? addressOf(number) : this.#shown(call);
      return `+CLCC: ${id},${direction === "in" ? 1 : 0},${state},0,0,${known ? shown : '"",128'}`;
    });
  }

  /** A second call: it waits until the first is over. */
  #waits(call: ScriptedCall): boolean {
    return this.#entries.size > 1 && call !== [...this.#entries.keys()][0];
  }

  #ring(entry: Entry): void {
    if (!this.#entries.has(entry.call) || entry.call.state === "active") return;
    entry.rings += 1;
    this.#say(/^1/.test(this.#modem.settings.get("+CRC") ?? "0") ? "+CRING: VOICE" : "RING");
    const shows = /^1/.test(this.#modem.settings.get("+CLIP") ?? "0") && entry.rings >= (this.misbehaviour.clipFromRing ?? 1);
    if (shows) this.#say(`+CLIP: ${this.#shown(entry.call)},,,,${entry.call.shown === "" ? 1 : 0}`);
    this.#modem.clock.after(this.misbehaviour.ringEveryMs ?? RING_EVERY_MS, () => this.#ring(entry));
  }

  #add(call: ScriptedCall, direction: "in" | "out", number = call.shown): Entry {
    const taken = [...this.#entries.values()].map(({ id }) => id);
    const id = [1, 2, 3].find((one) => !taken.includes(one)) ?? 4;
    const entry: Entry = { id, call, direction, number, rings: 0, activeAt: undefined };
    this.#entries.set(call, entry);
    return entry;
  }

  #shown({ shown }: ScriptedCall): string {
    return addressOf(shown);
  }

  #tell({ id, direction, number, call }: Entry, what: "alerting" | "up" | "over"): void {
    const spoken: SpokenCall = { id, direction, number, cause: this.#lastCause, state: states[call.state] };
    for (const code of codesOf(this.#modem)[what](spoken)) this.#say(code);
  }

  #say(code: string): void {
    if (this.#modem.random() >= (this.misbehaviour.lostCodes ?? 0)) this.#modem.say(code);
  }

  #openSound(): void {
    const calls = [...this.#entries.values()];
    const call = calls.find((one) => one.call.state === "active") ?? calls.find(({ direction }) => direction === "out");
    if (this.#sound || !call || !codesOf(this.#modem).soundIsOpen()) return;
    this.#sound = new ScriptedSound({
      clock: this.#modem.clock,
      write: (bytes) => this.#modem.writeAudio(bytes),
      onSaid: (frame) => call.call.say(this, frame),
    });
    this.#sound.misbehaviour = this.misbehaviour.sound ?? {};
  }

  #closeSound(): void {
    this.#sound?.[Symbol.dispose]();
    this.#sound = undefined;
  }

  #reset(): void {
    for (const call of [...this.#entries.keys()]) call.end(27);
  }
}

const nobody: ScriptedParty = {
  number: "",
  rung: () => 1,
  moved: () => {},
  over: () => {},
  hear: () => {},
  pressed: () => {},
};

/** A number with its type (24.008 §10.5.4.7). */
function addressOf(number: string): string {
  if (number === "") return '"",128';
  return `"${number}",${number.startsWith("+") ? 145 : 129}`;
}

/** 100 ms of a key's tones and 60 ms of silence, as networks make them. */
function tonesOf(key: string): readonly Buffer[] {
  const digit = KEYPAD.find((one) => one === key);
  const tones = digit === undefined ? new Int16Array(0) : keyTone(digit, 0, 5 * FRAME_SAMPLES);
  const bytes = Buffer.alloc(8 * FRAME_SAMPLES * 2);
  putSamples(tones, bytes, 0);
  return Array.from({ length: 8 }, (_, n) => bytes.subarray(n * FRAME_SAMPLES * 2, (n + 1) * FRAME_SAMPLES * 2));
}
