import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import { type EngineState, SpeechError } from "../speech.ts";
import { encodeMessage, type Message, MessageReader } from "./messages.ts";

/** The way to a running engine. */
export interface EngineLink {
  readonly pid: number;
  send(type: string, session: number, payload?: Uint8Array): void;
}

/** What an engine is and what it tells. The letters `r` (ready), `p` (ping answered) and `P` (ping) belong to {@link EngineProcess}. */
export interface EngineDefinition {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Checked before every start. @throws SpeechError `bad-model`, then the engine is not started. */
  check?(): Promise<void>;
  /** The process runs; what it needs before it can be ready is sent here. */
  opened?(link: EngineLink): void;
  received(message: Message, link: EngineLink): void;
  /** The process is gone, and with it everything it was asked. */
  lost(error: SpeechError): void;
}

export interface EngineDeps {
  readonly clock: Clock;
  readonly log: Log;
}

const START_WITHIN_MS = 30_000;
const PING_EVERY_MS = 5_000;
/** A faulty model does not heal by itself; it is looked at again in case somebody replaced the file. */
const LOOK_AGAIN_MS = 60_000;
/** An engine that ended so often before it was ready counts as out of order, though it is tried again now and then. */
const GIVEN_UP_AFTER = 3;
/** More than this unread by an engine means that it hangs. */
const MAX_UNREAD_BYTES = 16 << 20;
const MAX_RESIDENT_BYTES = 1_500 << 20;
const BACKOFF = { firstMs: 100, maxMs: 10_000 };

/** One engine in a child process: started, watched (answers pings, stays within its memory) and started again when it ends. */
export class EngineProcess implements AsyncDisposable {
  readonly #definition: EngineDefinition;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #state: EngineState;
  #link: EngineLink | undefined;
  #changed = Promise.withResolvers<void>();
  /** Starts in a row that did not make it to ready. */
  #failedStarts = 0;

  constructor(definition: EngineDefinition, { clock, log }: EngineDeps) {
    this.#definition = definition;
    this.#clock = clock;
    this.#log = log.child(definition.name);
    this.#state = { name: definition.name, state: "starting" };
    this.#running = supervise(definition.name, (signal) => this.#run(signal), {
      clock,
      log: this.#log,
      signal: this.#stop.signal,
      backoff: BACKOFF,
    });
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Where to send to while the process runs; until it is ready it keeps what comes. */
  get link(): EngineLink | undefined {
    return this.#link;
  }

  /** Resolves when the engine is ready, or with what is wrong when its model is missing or damaged; rejects when the signal aborts. */
  async settled(signal: AbortSignal): Promise<EngineState> {
    const aborted = once(signal, "abort").then(() => {});
    for (;;) {
      signal.throwIfAborted();
      const { state } = this.#state;
      if (state !== "starting") return this.#state;
      await Promise.race([this.#changed.promise, aborted]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #become(state: EngineState): void {
    this.#state = state;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { name } = this.#definition;
    if (this.#failedStarts >= GIVEN_UP_AFTER) await this.#clock.sleep(LOOK_AGAIN_MS, signal);
    const { state } = this.#state;
    if (state === "ready") this.#become({ name, state: "starting" });
    try {
      await this.#definition.check?.();
    } catch (error) {
      if (!(error instanceof SpeechError)) throw error;
      if (this.#state.reason !== error.message) {
        // A model that nobody installed is no fault.
        if (error.fault === "no-engine") this.#log.info("a speech model is not installed", { reason: error.message });
        else this.#log.error("a speech model cannot be used", { err: error });
      }
      this.#become({ name, state: error.fault === "no-engine" ? "absent" : "failed", reason: error.message });
      await this.#clock.sleep(LOOK_AGAIN_MS, signal);
      return;
    }
    await this.#live(signal);
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { name, command, args } = this.#definition;
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], signal, killSignal: "SIGKILL" });
    const complaint = lastWords(child);
    // Writing to a process that is just ending is no fault of its own: its end is reported below.
    child.stdin.on("error", () => {});
    const ended = once(child, "close").then(
      () => describeEnd(child),
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const watch = new AbortController();
    try {
      if (child.pid !== undefined) this.#open(child, child.pid, watch.signal);
      const how = await ended;
      if (signal.aborted) return;
      throw new SpeechError("engine-died", `${name} ended (${how})${complaint() && `: ${complaint()}`}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failedStarts++;
      this.#become({ name, state: this.#failedStarts >= GIVEN_UP_AFTER ? "failed" : "starting", reason });
      throw error;
    } finally {
      watch.abort();
      this.#link = undefined;
      this.#definition.lost(new SpeechError("engine-died", `${name} is gone`));
    }
  }

  #open(child: ChildProcess, pid: number, signal: AbortSignal): void {
    const { name } = this.#definition;
    const link: EngineLink = {
      pid,
      send: (type, session, payload) => {
        if (!child.stdin?.writable) return;
        child.stdin.write(encodeMessage(type, session, payload));
        if (child.stdin.writableLength > MAX_UNREAD_BYTES) child.kill("SIGKILL");
      },
    };
    let answeredAt = this.#clock.monotonic();
    let ready = false;
    const reader = new MessageReader();
    const receive = (chunk: Buffer) => {
      for (const message of reader.read(chunk)) {
        answeredAt = this.#clock.monotonic();
        if (message.type === "r") {
          ready = true;
          this.#failedStarts = 0;
          this.#become({ name, state: "ready", pid });
          this.#log.info("a speech engine is ready", { pid });
        } else if (message.type !== "p") this.#definition.received(message, link);
      }
    };
    child.stdout?.on("data", (chunk: Buffer) => {
      try {
        receive(chunk);
      } catch (err) {
        this.#log.error("a speech engine said what cannot be read", { err });
        child.kill("SIGKILL");
      }
    });
    const look = async () => {
      if (signal.aborted) return;
      const silentMs = this.#clock.monotonic() - answeredAt;
      const residentBytes = await resident(pid);
      if (silentMs > (ready ? 2 * PING_EVERY_MS : START_WITHIN_MS) || residentBytes > MAX_RESIDENT_BYTES) {
        this.#log.error("a speech engine hangs or has grown too large, ending it", { pid, silentMs, residentBytes });
        child.kill("SIGKILL");
        return;
      }
      link.send("P", 0);
      next();
    };
    const next = () => {
      const timer = this.#clock.after(PING_EVERY_MS, () => void look());
      signal.addEventListener("abort", () => timer[Symbol.dispose](), { once: true });
    };
    next();
    this.#link = link;
    this.#definition.opened?.(link);
  }
}

/** Bytes of memory a process holds; 0 when it is gone (proc(5), statm counts pages of 4 KiB). */
async function resident(pid: number): Promise<number> {
  const pages = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "0 0");
  return Number(pages.split(" ")[1]) * 4_096;
}

function describeEnd(child: ChildProcess): string {
  return child.signalCode ?? `exit code ${child.exitCode}`;
}

/** The end of what a process wrote to its standard error. */
function lastWords(child: ChildProcess): () => string {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-500);
  });
  return () => words.trim();
}
