import { type AtChannel, AtError } from "../at/index.ts";
import { type Modem, profileFor } from "../modem/index.ts";

/** A modem's memory of texts without a terminal in between, for tests that run it thousands of times. */
export class MemoryModem {
  /** By their places. */
  readonly kept = new Map<number, string>();
  /** Commands that fail, each once: the beginning of the command, and the final result. */
  readonly failures: [command: string, final: string][] = [];
  /** Told between the answer to +CMGL and the next command, as races are. */
  afterListing: (() => void) | undefined;
  readonly #listeners = new Set<(line: string) => void>();
  readonly #capacity: number;

  constructor(capacity = 50) {
    this.#capacity = capacity;
  }

  /** False where it is full. */
  deliver(hex: string): boolean {
    for (let index = 0; index < this.#capacity; index++) {
      if (this.kept.has(index)) continue;
      this.kept.set(index, hex);
      return true;
    }
    return false;
  }

  say(line: string): void {
    for (const listener of [...this.#listeners]) listener(line);
  }

  /** As it is after it was set up. Each is a new one on the same memory. */
  open(): Modem {
    const at: AtChannel = {
      send: async (command) => this.#answer(command),
      onUnsolicited: (listener) => {
        this.#listeners.add(listener);
        return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
      },
      lost: new Promise<string>(() => {}),
      [Symbol.asyncDispose]: async () => {},
    };
    const profile = profileFor("quectel-ec2x", "");
    if (!profile) throw new Error("no such profile");
    const identity = { manufacturer: "", model: "", firmware: "", imei: "", iccid: undefined, imsi: undefined };
    return { at, profile, identity, openAudio: undefined, over: new AbortController().signal };
  }

  #answer(command: string): readonly string[] {
    const failure = this.failures.findIndex(([beginning]) => command.startsWith(beginning));
    if (failure >= 0) {
      const [[, final] = ["", "ERROR"]] = this.failures.splice(failure, 1);
      throw new AtError(command, final);
    }
    const usage = `${this.kept.size},${this.#capacity}`;
    if (command === "+CPMS=?") return ['+CPMS: ("ME"),("ME"),("ME")'];
    if (command.startsWith("+CPMS=")) return [`+CPMS: ${usage},${usage},${usage}`];
    if (command.startsWith("+CMGL=")) {
      const lines = [...this.kept].flatMap(([index, hex]) => [`+CMGL: ${index},1,,${hex.length / 2}`, hex]);
      const race = this.afterListing;
      this.afterListing = undefined;
      race?.();
      return lines;
    }
    const index = Number(/=(\d+)/.exec(command)?.[1]);
    const hex = this.kept.get(index);
    if (command.startsWith("+CMGR=")) {
      if (hex === undefined) throw new AtError(command, "+CMS ERROR: 321");
      return [`+CMGR: 1,,${hex.length / 2}`, hex];
    }
    if (command.startsWith("+CMGD=")) this.kept.delete(index);
    return [];
  }
}
