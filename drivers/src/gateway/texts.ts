import { Channel } from "@sitebox/core/kernel";
import type { IncomingText, LinePort, TextOutcome, TextPort, TextReport } from "../line/index.ts";
import type { Management } from "./management.ts";

/** What texts and service codes may be sent to: also keeps what a protocol would take for its own out of its commands. */
const NUMBER = /^\+?[0-9*#]{1,24}$/;

const failed = (reason: string, retry: boolean): TextOutcome => ({ type: "failed", reason, retry });

export interface GatewayTextsDeps {
  readonly management: Management;
  /** The socket for whoever does not care: see {@link choosePort}. */
  readonly choose: (port: number | undefined) => PortChoice;
}

export type PortChoice =
  | { readonly type: "port"; readonly port: number }
  | { readonly type: "none"; readonly reason: string; readonly retry: boolean };

/** The socket that is asked for, or the first that is registered: always the same one, so that people know whom they write with. */
export function choosePort(
  wanted: number | undefined,
  ports: readonly LinePort[] | undefined,
  configured: readonly number[],
): PortChoice {
  if (wanted !== undefined && !configured.includes(wanted))
    return { type: "none", reason: `port ${wanted} has no registered SIM`, retry: false };
  const known = ports?.filter(({ port }) => wanted === undefined || port === wanted);
  const chosen = known ? known.find(({ state }) => state !== "down")?.port : (wanted ?? configured[0]);
  if (chosen !== undefined) return { type: "port", port: chosen };
  const why = known?.map(({ port, fault, reason }) => `port ${port}: ${reason ?? fault ?? "down"}`).join("; ");
  return { type: "none", reason: why ?? "it has no ports", retry: true };
}

/** The texts of a gateway: one after the other at each of its sockets. */
export class GatewayTexts implements TextPort, Disposable {
  readonly incoming: AsyncIterable<IncomingText>;
  readonly reports: AsyncIterable<TextReport>;
  readonly #deps: GatewayTextsDeps;
  readonly #closing = new AbortController();
  /** The last text of each socket. */
  readonly #queues = new Map<number, Promise<unknown>>();

  constructor(deps: GatewayTextsDeps) {
    this.#deps = deps;
    this.incoming = deps.management.incoming;
    this.reports = deps.management.reports;
  }

  async send(
    to: string,
    text: string,
    { signal, port }: { readonly signal: AbortSignal; readonly port?: number },
  ): Promise<TextOutcome> {
    const { management, choose } = this.#deps;
    if (!NUMBER.test(to)) return failed("this is no number that a text can go to", false);
    const whole = text.toWellFormed();
    const bytes = Buffer.byteLength(whole);
    if (bytes > management.maxTextBytes)
      return failed(`the text has ${bytes} bytes, the gateway takes ${management.maxTextBytes}`, false);
    const choice = choose(port);
    if (choice.type === "none") return failed(choice.reason, choice.retry);
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const before = this.#queues.get(choice.port);
    const outcome = (async () => {
      await before;
      if (this.#closing.signal.aborted) return failed("the line is closed", true);
      if (signal.aborted) return failed("it was given up before its turn", true);
      return await management.sendText({ port: choice.port, to, text: whole }, stop);
    })();
    this.#queues.set(choice.port, outcome);
    return await outcome;
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
  }
}

/** Texts and reports on their way to whoever reads them. */
export class TextStreams implements Disposable {
  /** None may be lost: who fills it waits for what is stored where there could be many. */
  readonly incoming = new Channel<IncomingText>(Number.POSITIVE_INFINITY);
  readonly reports = new Channel<TextReport>(10_000);

  [Symbol.dispose](): void {
    this.incoming.close();
    this.reports.close();
  }
}
