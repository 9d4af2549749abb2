import { supervise } from "@sitebox/core/kernel";
import { LineError, type TextOutcome } from "../../line/index.ts";
import {
  type Management,
  type ManagementDeps,
  ManagementError,
  type OutgoingText,
  type Ports,
  whyUnknown,
} from "../management.ts";
import { TextStreams } from "../texts.ts";
import { DinstarApi } from "./api.ts";
import { httpExchange, recordedExchange } from "./exchange.ts";
import { DeviceHttp } from "./http.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { portOf } from "./ports.ts";
import { runUssd } from "./ussd.ts";

const MAX_TEXT_BYTES = 1_500;
/** What became of a text is asked for this often, or as often as everything else where that is more often. */
const RESULT_MS = 1_000;
const BACKOFF = { firstMs: 1_000, maxMs: 30_000 };

/** A Dinstar gateway (UC, DWG), asked over HTTP again and again. */
class Dinstar implements Management {
  readonly maxTextBytes = MAX_TEXT_BYTES;
  readonly #deps: ManagementDeps;
  readonly #api: DinstarApi;
  readonly #streams = new TextStreams();
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #closing = new AbortController();
  #ports: Ports = { type: "asking" };
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ManagementDeps) {
    this.#deps = deps;
    const { clock, log, host, config, memory, onTraffic, connect, newId, registered } = deps;
    const { tls, user, password, pollSeconds, port = tls ? 443 : 80 } = config;
    const exchange = connect ? recordedExchange(connect) : httpExchange({ host, port, tls });
    const api = new DinstarApi(new DeviceHttp({ clock, host: `${host}:${port}`, user, password, onTraffic, exchange }));
    this.#api = api;
    const { incoming: texts, reports } = this.#streams;
    const isRegistered = (own: number) => registered.some((one) => one.port === own);
    this.#inbox = new Inbox({ api, clock, log, memory, texts, isRegistered });
    const pollMs = Math.min(RESULT_MS, pollSeconds * 1_000);
    this.#outbox = new Outbox({ api, clock, log, newId, pollMs, reports, closing: this.#closing.signal });
  }

  get ports(): Ports {
    return this.#ports;
  }

  get incoming() {
    return this.#streams.incoming;
  }

  get reports() {
    return this.#streams.reports;
  }

  start(): void {
    const { clock, log } = this.#deps;
    const { signal } = this.#closing;
    this.#running = supervise("dinstar gateway", (stop) => this.#run(stop), { clock, log, signal, backoff: BACKOFF });
  }

  async sendText(text: OutgoingText): Promise<TextOutcome> {
    return await this.#outbox.send(text);
  }

  async ussd(port: number, code: string, signal: AbortSignal): Promise<string> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    try {
      return await runUssd({ api: this.#api, clock: this.#deps.clock }, { port, code }, stop);
    } catch (cause) {
      if (cause instanceof ManagementError) throw new LineError(cause.message, { cause });
      if (this.#closing.signal.aborted) throw new LineError("the line is closed", { cause });
      throw cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#streams[Symbol.dispose]();
  }

  /** Asks until it cannot any more. */
  async #run(signal: AbortSignal): Promise<void> {
    const { clock, config, registered } = this.#deps;
    const ports = registered.map(({ port }) => port);
    try {
      for (let resumed: string | undefined; ; ) {
        const { info, sn = "" } = await this.#api.portInfo(ports, signal);
        this.#become({ type: "known", ports: info.map(portOf) });
        if (resumed !== sn) await this.#inbox.resume(sn, signal);
        resumed = sn;
        await this.#inbox.poll(signal);
        await this.#outbox.poll(signal);
        await clock.sleep(config.pollSeconds * 1_000, signal);
      }
    } catch (err) {
      if (!signal.aborted) this.#become({ type: "unknown", ...whyUnknown(err) });
      throw err;
    }
  }

  #become(ports: Ports): void {
    this.#ports = ports;
    this.#deps.onChanged();
  }
}

/** Opens the HTTP interface of a Dinstar gateway; it comes up by itself. */
export function openDinstar(deps: ManagementDeps): Management {
  const dinstar = new Dinstar(deps);
  dinstar.start();
  return dinstar;
}
