import { splitText } from "../../gsm/pdu/index.ts";
import { LineError, type TextOutcome } from "../../line/index.ts";
import { type Maker, type MakerDeps, ManagementError, type OutgoingText } from "../management.ts";
import { failed, instantOf, textId } from "../texts.ts";
import { TgConnection } from "./connection.ts";
import type { TgMessage } from "./messages.ts";
import { Parts, type WholeText } from "./parts.ts";
import { parseSpanDetails, parseSpans, portOf, portOfSpan, type SpanDetails, spanOf } from "./spans.ts";
import { decodeUrlText, encodeUrlText } from "./url-text.ts";

const PORT = 5_038;
/** A long text goes out in parts of some seconds each, and the network may take its time. */
const SENT_MS = 120_000;
/** How long the network may think about a service code, and the gateway about its silence. */
const USSD_SECONDS = 30;
const USSD_MS = 45_000;

/**
 * A Yeastar TG, over its TCP interface (Yeastar, "How to Use TG SMS API"). Texts come as events, each once: there is no way to ask for one again
 * that came while the box was away or that it lost, so `stored()` has nothing to do. It says whether the network took a text, not why it did not.
 */
export class Yeastar implements Maker {
  /** The manual names no limit; what longer ones do is not known. */
  readonly maxTextBytes = 1_024;
  readonly canEncrypt = false;
  readonly #deps: MakerDeps;
  readonly #parts = new Parts();
  readonly #details = new Map<number, SpanDetails>();
  /** Texts whose outcome is to come, by the number that we gave them. */
  readonly #sending = new Map<string, PromiseWithResolvers<TextOutcome>>();
  /** When the next text may leave a port, monotonic ms. */
  readonly #nextAt = new Map<number, number>();
  #connection: TgConnection | undefined;
  #polls = 0;

  constructor(deps: MakerDeps) {
    this.#deps = deps;
  }

  /** Connects, and asks for the ports until that fails. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, host, config, onTraffic, connect } = this.#deps;
    const { user, password, port = PORT, pollSeconds } = config;
    const onEvent = (event: TgMessage) => this.#onEvent(event);
    await using connection = await TgConnection.open({ clock, host, port, user, password, onEvent, onTraffic, connect }, signal);
    try {
      this.#connection = connection;
      // It may have been started anew with other SIMs.
      this.#details.clear();
      for (;;) {
        await this.#poll(connection);
        for (const text of this.#parts.expire(clock.monotonic())) this.#tell(text);
        await clock.sleep(pollSeconds * 1_000, connection.over);
      }
    } catch (err) {
      const why: unknown = err instanceof ManagementError ? err : (connection.over.reason ?? err);
      for (const { reject } of this.#sending.values()) reject(why);
      throw why;
    } finally {
      this.#connection = undefined;
    }
  }

  async sendText({ port, to, text }: OutgoingText, signal: AbortSignal): Promise<TextOutcome> {
    const { clock, textGapMs, newId } = this.#deps;
    await clock.sleep(Math.max(0, (this.#nextAt.get(port) ?? 0) - clock.monotonic()), signal);
    signal.throwIfAborted();
    const connection = this.#connected();
    this.#nextAt.set(port, clock.monotonic() + textGapMs);
    const id = `${newId()}`;
    const outcome = Promise.withResolvers<TextOutcome>();
    // It may fail while the gateway still answers the command.
    outcome.promise.catch(() => {});
    this.#sending.set(id, outcome);
    using _late = clock.after(SENT_MS, () => outcome.resolve(failed("the gateway did not say whether it sent it", true)));
    try {
      const answer = await connection.command(`gsm send sms ${spanOf(port)} ${to} "${encodeUrlText(text)}" ${id}`);
      if (isError(answer)) return failed(answer.fields.get("message") ?? "the gateway refuses it", false);
      const settled = await outcome.promise;
      return settled.type === "sent" ? { type: "sent", parts: splitText(text).length } : settled;
    } finally {
      this.#sending.delete(id);
    }
  }

  async ussd(port: number, code: string): Promise<string> {
    return ussdAnswer(await this.#connected().command(`gsm send ussd ${spanOf(port)} ${code} ${USSD_SECONDS}`, USSD_MS));
  }

  /** It notes nothing. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #connected(): TgConnection {
    if (this.#connection) return this.#connection;
    throw new ManagementError("the gateway is not connected", { fault: "unreachable" });
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
    this.#deps.portsAre({ type: "known", ports: spans.map((span) => portOf(span, this.#details.get(span.port))) });
  }

  #onEvent({ fields }: TgMessage): void {
    const event = fields.get("event");
    if (event === "UpdateSMSSend") {
      const taken = fields.get("status") === "1";
      const outcome: TextOutcome = taken
        ? { type: "sent", parts: 1 }
        : failed("the gateway could not send it, and does not say why", true);
      this.#sending.get(fields.get("id") ?? "")?.resolve(outcome);
    } else if (event === "ReceivedSMS") this.#receive(fields);
  }

  #receive(fields: ReadonlyMap<string, string>): void {
    const stated = fields.get("gsmport") ?? fields.get("port");
    const port = stated === undefined ? portOfSpan(Number(fields.get("gsmspan"))) : Number(stated);
    if (!this.#deps.accepts(port)) return;
    const part = {
      port,
      id: fields.get("id") ?? "",
      from: fields.get("sender") ?? "",
      time: fields.get("recvtime") ?? "",
      index: Number(fields.get("index") ?? "1") || 0,
      total: Number(fields.get("total") ?? "1") || 1,
      content: decodeUrlText(fields.get("content") ?? ""),
    };
    for (const text of this.#parts.add(part, this.#deps.clock.monotonic())) this.#tell(text);
  }

  #tell({ port, id, from, time, text }: WholeText): void {
    const named = textId(port, id, from, time, text);
    this.#deps.textCame({ id: named, from, text, sentAt: instantOf(time), port, stored: async () => {} });
  }
}

const isError = ({ fields }: TgMessage) => fields.get("response")?.toLowerCase() === "error";

/** What the network said; the gateway's answer names it among other things. */
function ussdAnswer(answer: TgMessage): string {
  const { output, fields } = answer;
  if (isError(answer)) throw new LineError(fields.get("message") ?? "the gateway refuses the service code");
  const message = /USSD Message:\s*([\s\S]*)$/i.exec(output)?.[1]?.trim();
  if (message) return message;
  throw new LineError(output === "" ? "the network has not answered" : `the network has not answered: ${output}`, {
    code: "network-silent",
  });
}
