import { join } from "node:path";
import type { Clock } from "@sitebox/core/kernel";
import { systemClock } from "@sitebox/core/kernel";
import type { ModemProfile } from "../modem/index.ts";
import { seeded } from "./random.ts";
import { ScriptedIo } from "./scripted-io.ts";
import type { ScriptedNetwork } from "./scripted-network.ts";
import { ScriptedPty } from "./scripted-pty.ts";
import type { ScriptedUsb } from "./scripted-usb.ts";
import { standardCommands } from "./standard-commands.ts";

/** What a scripted modem and its SIM say they are. */
export interface ScriptedIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly imei: string;
  readonly iccid: string;
  readonly imsi: string;
  /** The number of its SIM in the network. */
  readonly number: string;
}

/** What the SIM and the radio are like; tests change it at any time. */
export interface ScriptedRadio {
  /** "+CPIN?" answers this; "absent" is no SIM. */
  sim: "READY" | "SIM PIN" | "SIM PUK" | "absent";
  pin: string;
  pinAttempts: number;
  /** As +CREG tells (27.007 §7.2): 0 not, 1 home, 2 searching, 3 denied, 5 roaming. */
  registration: number;
  /** As +CSQ tells, 0 to 31, 99 unknown. */
  csq: number;
  operator: string;
  /** As +COPS tells (27.007 §7.3): 0 GSM, 2 UTRAN, 7 E-UTRAN. */
  technology: number;
}

/** Which ways it misbehaves; nothing of it by default. Chances are from 0 to 1. */
export interface Misbehaviour {
  /** Everything it says comes in pieces cut anywhere. */
  readonly splitLines?: boolean;
  /** Chance of a line of noise before a line that it says. */
  readonly garbage?: number;
  /** Chance that an unsolicited line comes in the midst of an answer, and which. */
  readonly interrupts?: { readonly chance: number; readonly lines: readonly string[] };
  /** Chance that a final result code comes `lateMs` after the lines before it. */
  readonly late?: number;
  readonly lateMs?: number;
  /** Every answer begins so much later. */
  readonly slowMs?: number;
  /** ATE0 changes nothing. */
  readonly echoStays?: boolean;
}

/** The command that a handler is asked to run. */
export interface ScriptedCommand {
  /** Behind "AT", as it came: "+CMGS=23". */
  readonly text: string;
  /** Behind the handler's prefix: "=23". */
  readonly rest: string;
  /** Says "> " and answers with what came before Ctrl-Z; undefined where ESC came instead. */
  prompt(): Promise<string | undefined>;
}

/** What a handler answers: lines of information, then the final result code, "OK" where absent. "silent" says nothing at all. */
export type ScriptedReply = { readonly lines?: readonly string[]; readonly final?: string } | "silent";
export type ScriptedHandler = (command: ScriptedCommand) => ScriptedReply | Promise<ScriptedReply>;
/** Teaches a modem more commands: {@link ScriptedModem.handle} and the rest of its public members. */
export type ScriptedPlugin = (modem: ScriptedModem) => void;

export interface ScriptedModemOptions {
  /** Where links to its ports are made, where it is not in a USB socket. */
  readonly folder: string;
  /** Tells its links from other modems' in the same folder. */
  readonly name?: string;
  readonly profile?: ModemProfile["name"];
  readonly identity?: Partial<ScriptedIdentity>;
  readonly radio?: Partial<ScriptedRadio>;
  readonly misbehaviour?: Misbehaviour;
  readonly network?: ScriptedNetwork;
  /** In a socket of a scripted USB: its ports get ttyUSBn names there, other ones after each unplug. */
  readonly usb?: { readonly bus: ScriptedUsb; readonly path: string; readonly swapPorts?: boolean };
  readonly seed?: number;
  readonly clock?: Clock;
  readonly plugins?: readonly ScriptedPlugin[];
  /** How long it is silent while it starts anew. */
  readonly bootMs?: number;
  /** What it says when it has started anew; some say nothing. */
  readonly firstWords?: string;
}

const FIRST_WORDS = "\0\0\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n";

/** The ports of a scripted modem by what they are for. "diag" takes everything and says nothing. */
export type ScriptedPortRole = "at" | "audio" | "diag";

/** A modem that speaks AT on a real pseudo-terminal and has another one for sound. */
export class ScriptedModem implements AsyncDisposable {
  readonly identity: ScriptedIdentity;
  readonly profile: ModemProfile["name"];
  readonly radio: ScriptedRadio;
  readonly network: ScriptedNetwork | undefined;
  readonly clock: Clock;
  /** The sequence of its seed. */
  readonly random: () => number;
  /** What was set by commands such as "+CLIP=1": "+CLIP" → "1". A reboot forgets it. */
  readonly settings = new Map<string, string>();
  readonly #options: ScriptedModemOptions;
  readonly #handlers = new Map<string, ScriptedHandler>();
  readonly #resetListeners = new Set<() => void>();
  readonly #audioListeners = new Set<(bytes: Buffer) => void>();
  readonly #ports = new Map<ScriptedPortRole, ScriptedPty>();
  readonly #io: ScriptedIo;
  #hanging = false;
  #booting: Disposable | undefined;

  constructor(options: ScriptedModemOptions, identity: ScriptedIdentity, radio: ScriptedRadio) {
    this.#options = options;
    this.identity = identity;
    this.radio = radio;
    this.profile = options.profile ?? "quectel-ec2x";
    this.network = options.network;
    this.clock = options.clock ?? systemClock;
    this.random = seeded(options.seed ?? 1);
    this.#io = new ScriptedIo({
      clock: this.clock,
      random: this.random,
      write: (bytes) => this.#ports.get("at")?.write(bytes),
      run: (text, prompt) => this.#run(text, prompt),
    });
    this.#io.misbehaviour = options.misbehaviour ?? {};
    standardCommands(this);
  }

  /** Whether its ports are there. */
  get present(): boolean {
    return this.#ports.size > 0;
  }

  /** Whether the network can reach it: it is there, runs, and is registered. */
  get reachable(): boolean {
    return this.present && !this.#hanging && !this.#booting && [1, 5].includes(this.radio.registration);
  }

  /** Paths that the driver opens. Only while it is present. */
  get atPath(): string {
    return this.#path("at");
  }

  get audioPath(): string {
    return this.#path("audio");
  }

  /**
   * Runs `handler` for commands that begin with `prefix` ("+CMGS", "D", "+CLCC"). The longest prefix that fits has the command; the same
   * prefix again replaces its handler. Whatever a handler throws is answered with ERROR.
   */
  handle(prefix: string, handler: ScriptedHandler): void {
    this.#handlers.set(prefix.toUpperCase(), handler);
  }

  /** Says a line by itself, between other lines. Nothing is said while it hangs, starts or is unplugged. */
  say(line: string): void {
    if (this.present && !this.#hanging && !this.#booting) this.#io.say(line);
  }

  /** Hears of each unplug and reboot: calls are gone, settings are forgotten. */
  onReset(listener: () => void): void {
    this.#resetListeners.add(listener);
  }

  /** What the driver writes into the port for sound. */
  onAudio(listener: (bytes: Buffer) => void): void {
    this.#audioListeners.add(listener);
  }

  /** What the driver reads from the port for sound. */
  writeAudio(bytes: Uint8Array): void {
    if (!this.#hanging) this.#ports.get("audio")?.write(bytes);
  }

  /** From now on it misbehaves so. */
  misbehave(how: Misbehaviour): void {
    this.#io.misbehaviour = how;
  }

  /** Whether it repeats what it is told. */
  echo(on: boolean): void {
    this.#io.echo = on;
  }

  /** Tells its state of registration, as it does by itself where +CREG=1 or 2 was set. */
  register(state: number): void {
    this.radio.registration = state;
    for (const command of ["+CREG", "+CEREG", "+CGREG"])
      if (/^[12]/.test(this.settings.get(command) ?? "0")) this.say(`${command}: ${state}`);
  }

  /** Takes what it is told and says nothing more, until {@link wake}, a reboot or an unplug. */
  hang(): void {
    this.#hanging = true;
    this.#io.forget();
  }

  wake(): void {
    this.#hanging = false;
  }

  /** Starts anew with its ports in place, as behind a serial cable: silence, then its first words. */
  reboot(): void {
    this.#reset();
    this.#booting?.[Symbol.dispose]();
    this.#booting = this.clock.after(this.#options.bootMs ?? 30, () => {
      this.#booting = undefined;
      this.#io.write(this.#options.firstWords ?? FIRST_WORDS);
    });
  }

  /** Pulls it out: its ports are gone at once. Resolves when nothing of it is left. */
  async unplug(): Promise<void> {
    const ports = [...this.#ports.values()];
    this.#ports.clear();
    this.#booting?.[Symbol.dispose]();
    this.#booting = undefined;
    this.#reset();
    await this.#options.usb?.bus.remove(this.#options.usb.path);
    await Promise.all(ports.map((port) => port.vanish()));
  }

  /** Plugs it in: its ports are there, in USB under other names than before. */
  async plug(): Promise<void> {
    if (this.present) return;
    const { usb, folder, name = this.identity.imei } = this.#options;
    const roles: readonly ScriptedPortRole[] = usb ? ["diag", "audio", "at"] : ["audio", "at"];
    const paths = usb ? usb.bus.names(roles) : new Map(roles.map((role) => [role, join(folder, `${name}-${role}`)]));
    await Promise.all(
      roles.map(async (role) => {
        const path = paths.get(role);
        if (path) this.#ports.set(role, await ScriptedPty.open(path, (bytes) => this.#heard(role, bytes)));
      }),
    );
    await usb?.bus.add({
      path: usb.path,
      profile: this.profile,
      ports: paths,
      swapPorts: usb.swapPorts ?? false,
      authorize: (on) => (on ? this.plug() : this.unplug()),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.network?.leave(this);
    await this.unplug();
    await this.#options.usb?.bus.forget(this.#options.usb.path);
  }

  #path(role: ScriptedPortRole): string {
    const port = this.#ports.get(role);
    if (!port) throw new Error("the scripted modem is unplugged");
    return port.path;
  }

  #reset(): void {
    this.#hanging = false;
    this.settings.clear();
    this.#io.reset();
    for (const listener of this.#resetListeners) listener();
  }

  #heard(role: ScriptedPortRole, bytes: Buffer): void {
    if (this.#hanging || this.#booting) return;
    if (role === "at") this.#io.take(bytes);
    else if (role === "audio") for (const listener of this.#audioListeners) listener(bytes);
  }

  /** Runs what stands behind "AT". */
  async #run(text: string, prompt: () => Promise<string | undefined>): Promise<ScriptedReply> {
    const upper = text.toUpperCase();
    let prefix: string | undefined;
    for (const one of this.#handlers.keys()) if (upper.startsWith(one) && one.length >= (prefix?.length ?? 0)) prefix = one;
    const handler = prefix === undefined ? undefined : this.#handlers.get(prefix);
    if (!handler) return { final: "ERROR" };
    const reply = await handler({ text, rest: text.slice(prefix?.length), prompt });
    if (reply === "silent" || !reply.final?.startsWith("+CME ERROR")) return reply;
    // Numbered errors come only where they were asked for (27.007 §9.1).
    return /^[12]/.test(this.settings.get("+CMEE") ?? "0") ? reply : { ...reply, final: "ERROR" };
  }
}
