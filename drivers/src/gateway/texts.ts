import { createHash } from "node:crypto";
import {
  type IncomingText,
  interruptible,
  type LinePort,
  type TextOutcome,
  type TextPort,
  type TextReport,
} from "../line/index.ts";
import type { Management } from "./management.ts";

/** What texts and service codes may be sent to: also keeps what a protocol would take for its own out of its commands. */
const NUMBER = /^\+?[0-9*#]{1,24}$/;

export const failed = (reason: string, retry: boolean): TextOutcome => ({ type: "failed", reason, retry });

/** The name of a text that came, of all that tells it from others. */
export const textId = (...parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);

/** "2014-12-21 12:06:01" of a clock that is set to China's time, as it has to be; undefined for what is no time. */
export function instantOf(time: string): number | undefined {
  const at = Date.parse(`${time.trim().replace(" ", "T")}+08:00`);
  return Number.isNaN(at) ? undefined : at;
}

export interface GatewayTextsDeps {
  readonly management: Management;
  /** Whether the management can be given a text. */
  readonly ready: () => boolean;
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
  /** When the last text of each socket has an outcome. */
  readonly #turns = new Map<number, Promise<void>>();

  constructor(deps: GatewayTextsDeps) {
    this.#deps = deps;
    this.incoming = deps.management.incoming;
    this.reports = deps.management.reports;
  }

  get ready(): boolean {
    return this.#deps.ready();
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
    const before = this.#turns.get(choice.port) ?? Promise.resolve();
    const mine = Promise.withResolvers<void>();
    this.#turns.set(
      choice.port,
      before.then(() => mine.promise),
    );
    try {
      await interruptible(before, stop);
      return await management.sendText({ port: choice.port, to, text: whole }, stop);
    } catch (err) {
      if (this.#closing.signal.aborted) return failed("the line is closed", true);
      if (signal.aborted) return failed("it was given up before its turn", true);
      throw err;
    } finally {
      mine.resolve();
    }
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
  }
}
