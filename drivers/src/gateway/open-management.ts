import { Channel, supervise } from "@sitebox/core/kernel";
import { type IncomingText, interruptible, LineError, type TextOutcome, type TextReport } from "../line/index.ts";
import { readableAnswer } from "./answer-text.ts";
import {
  type CameText,
  type Maker,
  type MakerDeps,
  type Management,
  type ManagementDeps,
  ManagementError,
  type OutgoingText,
  type Ports,
} from "./management.ts";

const BACKOFF = { firstMs: 1_000, maxMs: 30_000 };

/** The life of a gateway's interface, whoever made it: it is opened again when it fails, and what it learns is passed on. */
class RunningManagement implements Management {
  /** None may be lost: who fills it waits for what is stored where there could be many. */
  readonly incoming = new Channel<IncomingText>(Number.POSITIVE_INFINITY);
  readonly reports = new Channel<TextReport>(10_000);
  readonly #deps: ManagementDeps;
  readonly #maker: Maker;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(text: IncomingText) => void>();
  /** Sockets that texts came to although their SIM has no owner. */
  readonly #strangers = new Set<number>();
  #ports: Ports = { type: "asking" };
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ManagementDeps, open: (deps: MakerDeps) => Maker) {
    this.#deps = deps;
    this.#maker = open({
      ...deps,
      closing: this.#closing.signal,
      portsAre: (ports) => this.#become(ports),
      accepts: (port) => this.#accepts(port),
      textCame: (text) => this.#tell(text),
      report: (report) => this.reports.push(report),
    });
  }

  get ports(): Ports {
    return this.#ports;
  }

  get maxTextBytes(): number {
    return this.#maker.maxTextBytes;
  }

  start(): void {
    const { clock, log } = this.#deps;
    const { signal } = this.#closing;
    this.#running = supervise("gateway management", (stop) => this.#run(stop), { clock, log, signal, backoff: BACKOFF });
  }

  onText(listener: (text: IncomingText) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async sendText(text: OutgoingText, signal: AbortSignal): Promise<TextOutcome> {
    try {
      return await this.#maker.sendText(text, signal);
    } catch (err) {
      const retry = (reason: string): TextOutcome => ({ type: "failed", reason, retry: true });
      if (err instanceof ManagementError) return retry(err.message);
      if (this.#closing.signal.aborted) return retry("the line was closed before it was told what became of the text");
      if (signal.aborted) return retry("it was given up");
      throw err;
    }
  }

  async ussd(port: number, code: string, signal: AbortSignal): Promise<string> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    try {
      // What it does to end a session in the network goes on by itself.
      return readableAnswer(await interruptible(this.#maker.ussd(port, code, stop), stop));
    } catch (cause) {
      if (cause instanceof ManagementError) throw new LineError(cause.message, { cause });
      if (this.#closing.signal.aborted) throw new LineError("the line is closed", { cause, code: "line-closed" });
      throw cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await this.#maker[Symbol.asyncDispose]();
    this.incoming.close();
    this.reports.close();
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      if (this.#deps.config.tls && !this.#maker.canEncrypt)
        throw new ManagementError("this interface cannot be encrypted", { fault: "failed" });
      await this.#maker.run(signal);
    } catch (err) {
      if (!signal.aborted) this.#become({ type: "unknown", ...whyUnknown(err) });
      throw err;
    }
  }

  #become(ports: Ports): void {
    this.#ports = ports;
    this.#deps.onChanged();
  }

  #accepts(port: number): boolean {
    if (this.#deps.registered.some((own) => own.port === port)) return true;
    if (!this.#strangers.has(port)) this.#deps.log.warn("a text came to a port whose SIM is not registered", { port });
    this.#strangers.add(port);
    return false;
  }

  #tell({ sentAt = this.#deps.clock.now(), ...came }: CameText): void {
    const text: IncomingText = { ...came, sentAt };
    this.incoming.push(text);
    for (const listener of this.#listeners) listener(text);
  }
}

/** Why the management cannot be asked, of what was thrown when it was. */
function whyUnknown(err: unknown): Omit<Extract<Ports, { type: "unknown" }>, "type"> {
  if (err instanceof ManagementError) return { fault: err.fault, reason: err.message };
  return { fault: "failed", reason: err instanceof Error ? err.message : "it has failed" };
}

/** Opens a gateway's own interface; it comes up by itself, and again whenever it fails. */
export function openManagement(deps: ManagementDeps, open: (deps: MakerDeps) => Maker): Management {
  const management = new RunningManagement(deps, open);
  management.start();
  return management;
}
