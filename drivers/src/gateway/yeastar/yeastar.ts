import { createHash } from "node:crypto";
import { supervise } from "@sitebox/core/kernel";
import { splitText } from "../../gsm/pdu/index.ts";
import { LineError, type TextOutcome } from "../../line/index.ts";
import {
  type Management,
  type ManagementDeps,
  ManagementError,
  type OutgoingText,
  type PortReport,
  type Ports,
  whyUnknown,
} from "../management.ts";
import { TextStreams } from "../texts.ts";
import { TgConnection } from "./connection.ts";
import type { TgMessage } from "./messages.ts";
import { Parts, type WholeText } from "./parts.ts";
import { parseSpanDetails, parseSpans, portOf, portOfSpan, type SpanDetails, spanOf } from "./spans.ts";
import { decodeUrlText, encodeUrlText } from "./url-text.ts";

const PORT = 5_038;
/** The manual names no limit; what longer ones do is not known. */
const MAX_TEXT_BYTES = 1_024;
/** A long text goes out in parts of some seconds each, and the network may take its time. */
const SENT_MS = 120_000;
/** How long the network may think about a service code, and the gateway about its silence. */
const USSD_SECONDS = 30;
const USSD_MS = 45_000;
const BACKOFF = { firstMs: 1_000, maxMs: 30_000 };

const failed = (reason: string, retry: boolean): TextOutcome => ({ type: "failed", reason, retry });

/**
 * A Yeastar TG, over its TCP interface (Yeastar, "How to Use TG SMS API"). Texts come as events, each once: there is no way to ask for one again
 * that came while the box was away or that it lost, so `stored()` has nothing to do. It says whether the network took a text, not why it did not.
 */
class Yeastar implements Management {
  readonly maxTextBytes = MAX_TEXT_BYTES;
  readonly #deps: ManagementDeps;
  readonly #streams = new TextStreams();
  readonly #closing = new AbortController();
  readonly #parts = new Parts();
  readonly #details = new Map<number, SpanDetails>();
  /** Texts whose outcome is to come, by the number that we gave them. */
  readonly #sending = new Map<string, (outcome: TextOutcome) => void>();
  /** When the next text may leave a port, monotonic ms. */
  readonly #nextAt = new Map<number, number>();
  #connection: TgConnection | undefined;
  #ports: Ports = { type: "asking" };
  #polls = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ManagementDeps) {
    this.#deps = deps;
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
    this.#running = supervise("yeastar gateway", (stop) => this.#run(stop), { clock, log, signal, backoff: BACKOFF });
  }

  async sendText({ port, to, text }: OutgoingText, signal: AbortSignal): Promise<TextOutcome> {
    const { clock, textGapMs, newId } = this.#deps;
    await clock.sleep(Math.max(0, (this.#nextAt.get(port) ?? 0) - clock.monotonic()), signal).catch(() => {});
    if (signal.aborted) return failed("it was given up", true);
    const connection = this.#connection;
    if (!connection) return failed(this.#ports.type === "unknown" ? this.#ports.reason : "the gateway is not connected", true);
    this.#nextAt.set(port, clock.monotonic() + textGapMs);
    const id = `${newId()}`;
    const outcome = Promise.withResolvers<TextOutcome>();
    this.#sending.set(id, outcome.resolve);
    using _late = clock.after(SENT_MS, () => outcome.resolve(failed("the gateway did not say whether it sent it", true)));
    try {
      const answer = await connection.command(`gsm send sms ${spanOf(port)} ${to} "${encodeUrlText(text)}" ${id}`);
      if (isError(answer)) return failed(answer.fields.get("message") ?? "the gateway refuses it", false);
      const settled = await outcome.promise;
      return settled.type === "sent" ? { type: "sent", parts: splitText(text).length } : settled;
    } catch (err) {
      if (err instanceof ManagementError) return failed(err.message, true);
      throw err;
    } finally {
      this.#sending.delete(id);
    }
  }

  async ussd(port: number, code: string, signal: AbortSignal): Promise<string> {
    const connection = this.#connection;
    if (!connection) throw new LineError("the gateway is not connected");
    const given = Promise.withResolvers<never>();
    const stop = () => given.reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      const command = connection.command(`gsm send ussd ${spanOf(port)} ${code} ${USSD_SECONDS}`, USSD_MS);
      command.catch(() => {});
      return ussdAnswer(await Promise.race([command, given.promise]));
    } catch (err) {
      if (err instanceof ManagementError) throw new LineError(err.message, { cause: err });
      throw err;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#streams[Symbol.dispose]();
  }

  /** Connects, and asks for the ports until that fails. */
  async #run(signal: AbortSignal): Promise<void> {
    const { clock, host, config, onTraffic, connect } = this.#deps;
    const { user, password, port = PORT, pollSeconds, tls } = config;
    try {
      if (tls) throw new ManagementError("this interface cannot be encrypted", { fault: "failed" });
      const onEvent = (event: TgMessage) => this.#onEvent(event);
      using connection = await TgConnection.open({ clock, host, port, user, password, onEvent, onTraffic, connect }, signal);
      using _closed = closing(signal, connection);
      this.#connection = connection;
      const stop = AbortSignal.any([signal, connection.over]);
      for (;;) {
        await this.#poll(connection);
        for (const text of this.#parts.expire(clock.monotonic())) this.#tell(text);
        await clock.sleep(pollSeconds * 1_000, stop);
      }
    } catch (err) {
      const why = whyUnknown(err instanceof ManagementError ? err : (this.#connection?.over.reason ?? err));
      if (!signal.aborted) this.#become({ type: "unknown", ...why });
      for (const settle of this.#sending.values()) settle(failed(why.reason, true));
      throw err;
    } finally {
      const closed = this.#connection?.closed;
      this.#connection = undefined;
      await closed;
    }
  }

  /** The states of all ports, and the details of one after the other of them. */
  async #poll(connection: TgConnection): Promise<void> {
    const spans = parseSpans((await connection.command("gsm show spans")).output);
    const registered = this.#deps.registered.map(({ port }) => port);
    const asked = this.#details.size === 0 ? registered : registered.slice(this.#polls % registered.length).slice(0, 1);
    this.#polls += 1;
    for (const port of asked) {
      if (!spans.some((span) => span.port === port)) continue;
      this.#details.set(port, parseSpanDetails((await connection.command(`gsm show span ${spanOf(port)}`)).output));
    }
    const ports: readonly PortReport[] = spans.map((span) => portOf(span, this.#details.get(span.port)));
    this.#become({ type: "known", ports });
  }

  #onEvent({ fields }: TgMessage): void {
    const event = fields.get("event");
    if (event === "UpdateSMSSend") {
      const taken = fields.get("status") === "1";
      const outcome: TextOutcome = taken
        ? { type: "sent", parts: 1 }
        : failed("the gateway could not send it, and does not say why", true);
      this.#sending.get(fields.get("id") ?? "")?.(outcome);
    } else if (event === "ReceivedSMS") this.#receive(fields);
  }

  #receive(fields: ReadonlyMap<string, string>): void {
    const stated = fields.get("gsmport") ?? fields.get("port");
    const port = stated === undefined ? portOfSpan(Number(fields.get("gsmspan"))) : Number(stated);
    if (!this.#deps.registered.some((one) => one.port === port)) {
      this.#deps.log.warn("a text came to a port whose SIM is not registered", { port });
      return;
    }
    const total = Math.max(1, Number(fields.get("total") ?? "1") || 1);
    const part = {
      port,
      id: fields.get("id") ?? "",
      from: fields.get("sender") ?? "",
      time: fields.get("recvtime") ?? "",
      index: total === 1 ? 1 : Number(fields.get("index") ?? "1") || 0,
      total,
      content: decodeUrlText(fields.get("content") ?? ""),
    };
    const whole = this.#parts.add(part, this.#deps.clock.monotonic());
    if (whole) this.#tell(whole);
  }

  #tell({ port, id, from, time, text }: WholeText): void {
    const digest = createHash("sha256")
      .update(JSON.stringify([port, id, from, time, text]))
      .digest("hex");
    const at = Date.parse(`${time.trim().replace(" ", "T")}+08:00`);
    const sentAt = Number.isNaN(at) ? this.#deps.clock.now() : at;
    this.#streams.incoming.push({ id: digest.slice(0, 32), from, text, sentAt, port, stored: async () => {} });
  }

  #become(ports: Ports): void {
    this.#ports = ports;
    this.#deps.onChanged();
  }
}

const isError = ({ fields }: TgMessage) => fields.get("response")?.toLowerCase() === "error";

/** What the network said; the gateway's answer names it among other things. */
function ussdAnswer(answer: TgMessage): string {
  const { output, fields } = answer;
  if (isError(answer)) throw new LineError(fields.get("message") ?? "the gateway refuses the service code");
  const message = /USSD Message:\s*([\s\S]*)$/i.exec(output)?.[1]?.trim();
  if (message) return message;
  throw new LineError(output === "" ? "the network has not answered" : `the network has not answered: ${output}`);
}

function closing(signal: AbortSignal, connection: Disposable): Disposable {
  const stop = () => connection[Symbol.dispose]();
  signal.addEventListener("abort", stop);
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", stop) };
}

/** Opens the TCP interface of a Yeastar TG; it comes up by itself. */
export function openYeastar(deps: ManagementDeps): Management {
  const yeastar = new Yeastar(deps);
  yeastar.start();
  return yeastar;
}
