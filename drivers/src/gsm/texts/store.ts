import type { Log } from "@sitebox/core/kernel";
import { interruptible } from "../../line/index.ts";
import { type AtChannel, AtError } from "../at/index.ts";

/** A message in one of the modem's memories. */
export interface StoredMessage {
  /** "SM" is the SIM, "ME" the modem's own; undefined where it does not tell memories apart. */
  readonly memory: string | undefined;
  readonly index: number;
  /** Whether it came from the network: others are drafts and copies of what was sent from a telephone. */
  readonly received: boolean;
  readonly hex: string;
}

export interface Listing {
  readonly messages: readonly StoredMessage[];
  /** How full the fullest memory is, 0 to 1. */
  readonly fullness: number;
}

/** Memories that keep texts, and the one where some modems keep status reports. Others are of broadcasts, or show the same messages again. */
const TEXTS = ["ME", "SM"];
const REPORTS = "SR";

/** How new messages are told: kept and named (+CMTI, +CDSI); reports told at once where they cannot be kept; no reports. */
const INDICATIONS = ["2,1,0,2,0", "2,1,0,1,0", "2,1,0,0,0", "1,1,0,0,0"];

/** The modem's memories of texts (27.005 §3.2, §3.4, §4). One caller at a time. */
export class TextStore {
  readonly #at: AtChannel;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  #memories: readonly string[] = [];

  constructor(at: AtChannel, log: Log, signal: AbortSignal) {
    this.#at = at;
    this.#log = log;
    this.#signal = signal;
  }

  /** Rejects with {@link AtError} where the modem has no texts, or not yet. */
  async setUp(reports: boolean): Promise<void> {
    await this.#run("+CMGF=0");
    // Phase 2+ lets us say ourselves that a text told at once has been taken; modems without it do so for us.
    await this.#try("+CSMS=1");
    await this.#chooseMemories();
    await this.#firstOf((reports ? INDICATIONS : INDICATIONS.slice(2)).map((modes) => `+CNMI=${modes}`));
  }

  async list(): Promise<Listing> {
    const messages: StoredMessage[] = [];
    let fullness = 0;
    for (const memory of this.#memories.length > 0 ? this.#memories : [undefined]) {
      fullness = Math.max(fullness, await this.#choose(memory));
      messages.push(...parseListing(await this.#run("+CMGL=4", 60_000), memory));
    }
    return { messages, fullness };
  }

  /**
   * Deletes a message, after a look whether it is still the one that is meant: another program, or a start of the modem that nobody saw,
   * may have put another one in its place. Never rejects but for the signal; what could not be deleted is found again.
   */
  async remove({ memory, index, hex }: StoredMessage): Promise<void> {
    try {
      await this.#choose(memory);
      const there = (await this.#run(`+CMGR=${index}`)).find((line) => /^[0-9A-F]+$/i.test(line));
      if (there?.toUpperCase() !== hex) return;
      await this.#run(`+CMGD=${index}`);
    } catch (err) {
      if (!(err instanceof AtError)) throw err;
      // 321: there is none.
      if (err.code !== 321) this.#log.warn("a text could not be deleted from the modem", { memory, index, final: err.final });
    }
  }

  /** Tells the network that a text told at once has been taken (27.005 §3.4.4). */
  async acknowledge(): Promise<void> {
    await this.#try("+CNMA");
  }

  /** New texts go where there is most room; all memories are looked at, as an earlier program may have used another one. */
  async #chooseMemories(): Promise<void> {
    const offered = /\(([^)]*)\)/.exec((await this.#try("+CPMS=?"))?.join(" ") ?? "")?.[1] ?? "";
    const rooms: { memory: string; total: number }[] = [];
    for (const memory of [...TEXTS, REPORTS].filter((one) => offered.includes(`"${one}"`))) {
      const [, total] = usageOf(await this.#try(`+CPMS="${memory}"`));
      if (total > 0) rooms.push({ memory, total });
    }
    rooms.sort((one, other) => other.total - one.total);
    this.#memories = rooms.map(({ memory }) => memory);
    const home = this.#memories.find((memory) => memory !== REPORTS);
    if (home) await this.#run(`+CPMS="${home}","${home}","${home}"`);
  }

  /** Answers how full the memory is. */
  async #choose(memory: string | undefined): Promise<number> {
    const [used, total] = usageOf(memory === undefined ? await this.#try("+CPMS?") : await this.#run(`+CPMS="${memory}"`));
    return total > 0 ? used / total : 0;
  }

  async #firstOf(commands: readonly string[]): Promise<void> {
    for (const command of commands) if (await this.#try(command)) return;
    this.#log.warn("the modem does not tell of new texts; they are looked for every minute");
  }

  /** Undefined where the modem refuses. */
  async #try(command: string): Promise<readonly string[] | undefined> {
    try {
      return await this.#run(command);
    } catch (error) {
      if (error instanceof AtError && error.final !== "gone") return undefined;
      throw error;
    }
  }

  #run(command: string, timeoutMs?: number): Promise<readonly string[]> {
    const options = { signal: this.#signal, ...(timeoutMs !== undefined && { timeoutMs }) };
    return interruptible(this.#at.send(command, options), this.#signal);
  }
}

/** Used and total of the first memory: "+CPMS: 3,50,…", or with its name in front, as +CPMS? has it. */
function usageOf(answer: readonly string[] | undefined): [used: number, total: number] {
  const [, used, total] = /\+CPMS: ?(?:"\w+", ?)?(\d+), ?(\d+)/.exec(answer?.join(" ") ?? "") ?? [];
  return [Number(used ?? 0), Number(total ?? 0)];
}

/** "+CMGL: index,stat,[alpha],length" and the PDU in the line behind it (27.005 §4.1). */
function parseListing(lines: readonly string[], memory: string | undefined): StoredMessage[] {
  return lines.flatMap((line, at) => {
    const [, index, status] = /^\+CMGL: ?(\d+), ?"?(\d)/.exec(line) ?? [];
    const hex = lines[at + 1]?.trim().toUpperCase() ?? "";
    if (index === undefined || !/^[0-9A-F]+$/.test(hex)) return [];
    return [{ memory, index: Number(index), received: Number(status) < 2, hex }];
  });
}
