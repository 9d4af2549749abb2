import type { TextOutcome } from "../../line/index.ts";
import type { Maker, MakerDeps, OutgoingText } from "../management.ts";
import { DinstarApi } from "./api.ts";
import { httpExchange, recordedExchange } from "./exchange.ts";
import { DeviceHttp } from "./http.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { portOf } from "./ports.ts";
import { runUssd } from "./ussd.ts";

/** What became of a text is asked for this often, or as often as everything else where that is more often. */
const RESULT_MS = 1_000;

/** A Dinstar gateway (UC, DWG), asked over HTTP again and again. */
export class Dinstar implements Maker {
  readonly maxTextBytes = 1_500;
  readonly canEncrypt = true;
  readonly #deps: MakerDeps;
  readonly #api: DinstarApi;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;

  constructor(deps: MakerDeps) {
    this.#deps = deps;
    const { clock, host, config, onTraffic, connect } = deps;
    const { tls, user, password, pollSeconds, port = tls ? 443 : 80 } = config;
    const exchange = connect ? recordedExchange(connect) : httpExchange({ host, port, tls });
    this.#api = new DinstarApi(new DeviceHttp({ clock, host: `${host}:${port}`, user, password, onTraffic, exchange }));
    this.#inbox = new Inbox(this.#api, deps);
    this.#outbox = new Outbox(this.#api, { ...deps, pollMs: Math.min(RESULT_MS, pollSeconds * 1_000) });
  }

  /** Asks until it cannot any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, config, registered, portsAre } = this.#deps;
    const ports = registered.map(({ port }) => port);
    for (let resumed: string | undefined; ; ) {
      const { info, sn = "" } = await this.#api.portInfo(ports, signal);
      portsAre({ type: "known", ports: info.map(portOf) });
      if (resumed !== sn) await this.#inbox.resume(sn);
      resumed = sn;
      await this.#inbox.poll(signal);
      await this.#outbox.poll(signal);
      await clock.sleep(config.pollSeconds * 1_000, signal);
    }
  }

  /** What is being handed over is not given up any more: the gateway might have it. */
  sendText(text: OutgoingText): Promise<TextOutcome> {
    return this.#outbox.send(text);
  }

  ussd(port: number, code: string, signal: AbortSignal): Promise<string> {
    return runUssd({ api: this.#api, clock: this.#deps.clock }, { port, code }, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#outbox[Symbol.asyncDispose]();
  }
}
