import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { cpuSeconds } from "../machine.ts";
import { type FromBox, type FromModems, LATEST_MS, type ModemsSetup, type ToBox, type ToModems } from "./messages.ts";

/** The first seconds of a process are spent on compiling. */
const WARM_UP_MS = 5_000;

export interface ModemFigures {
  readonly modems: number;
  /** From a click written to the box's port for sound until the box's software had it, ms. */
  readonly inwards: readonly number[];
  /** … until its copy, which the box said back at once, had come out of that port. */
  readonly loops: readonly number[];
  readonly clicks: number;
  /** Between two frames that the box was given, and between two pieces that it wrote, ms. */
  readonly givenGaps: readonly number[];
  readonly writtenGaps: readonly number[];
  /** Frames over all calls, from their beginning to their end. */
  readonly filled: number;
  readonly dropped: number;
  readonly unsaid: number;
  readonly seconds: number;
  readonly cpuPercentPerLeg: number;
}

/** A child process and what is said with it. */
class Child<To extends object, From extends { readonly type: string }> implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(file: string) {
    this.#process = fork(new URL(file, import.meta.url), { serialization: "advanced", execArgv: [] });
    this.#exit = once(this.#process, "exit");
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  tell(message: To): void {
    this.#process.send(message);
  }

  async answer<T extends From["type"]>(type: T): Promise<Extract<From, { type: T }>> {
    const ended = this.#exit.then(() => {
      throw new Error("a process of the bench has ended");
    });
    const [message] = (await Promise.race([once(this.#process, "message"), ended])) as [From];
    if (message.type !== type) throw new Error(`a process of the bench said ${message.type} in place of ${type}`);
    return message as Extract<From, { type: T }>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It closes what it has, and ends by itself.
    if (this.#process.connected) this.#process.disconnect();
    await this.#exit;
  }
}

/** Calls on scripted modems at pseudo-terminals, each with sound both ways. Takes `seconds` and some ten more. */
export async function measureModems(setup: ModemsSetup, seconds: number): Promise<ModemFigures> {
  await using modems = new Child<ToModems, FromModems>("./modems-process.ts");
  await using box = new Child<ToBox, FromBox>("./box-process.ts");
  modems.tell({ type: "open", setup });
  const { ports } = await modems.answer("open");
  box.tell({ type: "open", ports });
  await box.answer("open");
  modems.tell({ type: "call" });
  await modems.answer("talking");
  await wait(WARM_UP_MS);
  const before = { cpu: await cpuSeconds(box.pid), at: performance.now() };
  box.tell({ type: "measure" });
  modems.tell({ type: "measure" });
  await wait(seconds * 1_000);
  const cpu = (await cpuSeconds(box.pid)) - before.cpu;
  const elapsed = (performance.now() - before.at) / 1_000;
  box.tell({ type: "stop" });
  const heard = await box.answer("heard");
  modems.tell({ type: "stop" });
  const said = await modems.answer("heard");
  return {
    modems: setup.modems,
    inwards: said.written.flatMap((written, n) => delays(written, heard.heard[n] ?? [])),
    loops: said.loops,
    clicks: said.clicks,
    givenGaps: heard.gaps,
    writtenGaps: said.gaps,
    filled: heard.filled,
    dropped: heard.dropped,
    unsaid: heard.unsaid,
    seconds: elapsed,
    cpuPercentPerLeg: (100 * cpu) / elapsed / setup.modems,
  };
}

/** From each click to the first one heard after it; those that were lost on the way have none. */
function delays(written: readonly number[], heard: readonly number[]): number[] {
  return written.flatMap((at) => {
    const next = heard.find((one) => one > at);
    return next !== undefined && next - at < LATEST_MS ? [next - at] : [];
  });
}
