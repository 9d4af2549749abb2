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
import { type GoipAddress, openUdp, recordedUdp } from "./datagrams.ts";
import { GoipExchange, type GoipReply } from "./exchange.ts";
import { GoipPort } from "./goip-port.ts";
import { GoipInbox } from "./inbox.ts";
import type { GoipPacket } from "./packets.ts";
import { GoipReports } from "./reports.ts";
import { sendGoipText } from "./sending.ts";
import { GoipSocket } from "./socket.ts";

const PORT = 44_444;
const MAX_TEXT_BYTES = 3_000;
/** A device that was just started reports after half a minute. */
const FIRST_MS = 60_000;
/** The device passes a service code on once; asking too often would run it twice. */
const USSD = { everyMs: 10_000, forMs: 45_000 };
const BACKOFF = { firstMs: 1_000, maxMs: 30_000 };

/**
 * GoIPs, whose channels report to a UDP port of ours ("GOIP SMS Interface"). Everything is in the clear, passwords too. Every channel has an id
 * of its own, and all have one password.
 */
class Goip implements Management {
  readonly maxTextBytes = MAX_TEXT_BYTES;
  readonly #deps: ManagementDeps;
  readonly #streams = new TextStreams();
  readonly #closing = new AbortController();
  readonly #channels: readonly GoipPort[];
  readonly #inbox: GoipInbox;
  readonly #awaited: GoipReports;
  /** Who waits for answers, by the number of the question. */
  readonly #asking = new Map<string, (reply: GoipReply) => void>();
  #socket: GoipSocket | undefined;
  #startedAt: number | undefined;
  #broken: Extract<Ports, { type: "unknown" }> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ManagementDeps) {
    this.#deps = deps;
    this.#channels = deps.registered.map(({ port, id = `${port}` }) => new GoipPort(port, id));
    const { clock, log, memory } = deps;
    this.#inbox = new GoipInbox({ clock, log, memory, texts: this.#streams.incoming });
    this.#awaited = new GoipReports(clock, this.#streams.reports);
  }

  get ports(): Ports {
    if (this.#broken) return this.#broken;
    const now = this.#deps.clock.monotonic();
    const found = this.#channels.map((channel) => ({ channel, report: channel.at(now) }));
    if (found.some(({ report }) => typeof report === "object")) {
      const ports = found.map(({ channel: { port }, report }) => {
        if (typeof report === "object") return report;
        const fault = report === "refused" ? "login-refused" : "not-answering";
        return { port, state: "down", fault, reason: WHY[report] } as const;
      });
      return { type: "known", ports };
    }
    if (found.some(({ report }) => report === "refused")) return { type: "unknown", fault: "login-refused", reason: WHY.refused };
    if (now - (this.#startedAt ?? now) < FIRST_MS) return { type: "asking" };
    return { type: "unknown", fault: "not-answering", reason: WHY.silent };
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
    this.#running = supervise("goip gateway", (stop) => this.#run(stop), { clock, log, signal, backoff: BACKOFF });
  }

  async sendText({ port, to, text }: OutgoingText, signal: AbortSignal): Promise<TextOutcome> {
    const channel = this.#channels.find((one) => one.port === port);
    if (!channel?.address || !this.#socket) return { type: "failed", reason: WHY.silent, retry: true };
    const sendId = `${this.#deps.newId()}`;
    using exchange = this.#exchange(sendId, channel);
    const { password } = this.#deps.config;
    const closing = this.#closing.signal;
    const done = this.#awaited.expect(channel.id);
    const { outcome, smsNumber } = await sendGoipText(exchange, { sendId, password, to, text }, { early: signal, closing });
    const reference = done(outcome.type === "sent" ? smsNumber : undefined);
    return outcome.type === "sent" && reference !== undefined ? { ...outcome, reference } : outcome;
  }

  async ussd(port: number, code: string, signal: AbortSignal): Promise<string> {
    const channel = this.#channels.find((one) => one.port === port);
    if (!channel?.address || !this.#socket) throw new LineError(WHY.silent);
    const sendId = `${this.#deps.newId()}`;
    using exchange = this.#exchange(sendId, channel);
    const { password } = this.#deps.config;
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    try {
      const packet = `USSD ${sendId} ${password} ${code}\n`;
      const { word, rest } = await exchange.ask(packet, ["USSD", "USSDERROR", "ERROR"], USSD, stop);
      if (word !== "USSD") throw new LineError(`the gateway could not run it: ${rest}`);
      return rest;
    } catch (cause) {
      this.#send(`USSDEXIT ${sendId} ${password}\n`, channel);
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

  /** Listens, and looks from time to time who has fallen silent. */
  async #run(signal: AbortSignal): Promise<void> {
    const { clock, config, onTraffic, connect, onChanged } = this.#deps;
    const { port = PORT, pollSeconds, tls } = config;
    try {
      if (tls) throw new ManagementError("this interface cannot be encrypted", { fault: "failed" });
      await this.#inbox.resume();
      const datagrams = connect ? recordedUdp(await connect("udp", signal)) : await openUdp(port);
      await using socket = new GoipSocket({ datagrams, onTraffic, onPacket: (packet, from) => this.#take(packet, from) });
      this.#socket = socket;
      this.#broken = undefined;
      this.#startedAt = clock.monotonic();
      const stop = AbortSignal.any([signal, socket.broken]);
      for (;;) {
        onChanged();
        await clock.sleep(pollSeconds * 1_000, stop);
      }
    } catch (err) {
      if (!signal.aborted)
        this.#broken = {
          type: "unknown",
          ...whyUnknown(err instanceof ManagementError ? err : (this.#socket?.broken.reason ?? err)),
        };
      onChanged();
      throw err;
    } finally {
      this.#socket = undefined;
    }
  }

  #take(packet: GoipPacket, from: GoipAddress): void {
    if (packet.type === "reply") {
      this.#asking.get(packet.sendId)?.(packet);
      return;
    }
    const id = packet.fields.get("id");
    const password = packet.fields.get(packet.type === "keep-alive" ? "pass" : "password");
    const channel = this.#channels.find((one) => one.id === id);
    const known = channel !== undefined && password === this.#deps.config.password;
    if (packet.type === "keep-alive") {
      // The word is a matter of the firmware; an answer with another word is none to it.
      const status = known ? 200 : 404;
      void this.#socket?.send(`${this.#deps.config.replyWord}:${packet.count};status:${status};`, from);
      if (known) channel.alive(packet.fields, from, this.#deps.clock.monotonic());
      else channel?.refuse();
    } else if (known) this.#news(packet, channel, from);
    else void this.#socket?.send(`${packet.word} ${packet.number} ERROR no such id, or a wrong password`, from);
    this.#deps.onChanged();
  }

  #news({ word, number, fields }: Extract<GoipPacket, { type: "news" }>, channel: GoipPort, from: GoipAddress): void {
    const acknowledge = async () => await this.#socket?.send(`${word} ${number} OK\n`, from);
    if (word === "RECEIVE") {
      const [sender = "", text = ""] = [fields.get("srcnum"), fields.get("msg")];
      this.#inbox.take({ port: channel.port, lineId: channel.id, number, from: sender, text, acknowledge });
    } else if (word === "DELIVER") {
      const taken = this.#awaited.take(channel.id, fields.get("sms_no") ?? "", fields.get("state") ?? "");
      if (taken) void acknowledge();
    } else {
      if (word === "STATE") channel.say(fields.get("gsm_remain_state") ?? fields.get("state") ?? "");
      void acknowledge();
    }
  }

  #exchange(sendId: string, channel: GoipPort): GoipExchange {
    return new GoipExchange({
      clock: this.#deps.clock,
      send: (packet) => this.#send(packet, channel),
      listen: (take) => {
        this.#asking.set(sendId, take);
        return { [Symbol.dispose]: () => void this.#asking.delete(sendId) };
      },
    });
  }

  #send(packet: string, { address }: GoipPort): void {
    if (address) void this.#socket?.send(packet, address);
  }
}

const WHY = {
  silent: "nothing has been heard of it: is its SMS server set to this box?",
  refused: "it reports with another password",
} as const;

/** Opens the port that the channels of a GoIP report to. */
export function openGoip(deps: ManagementDeps): Management {
  const goip = new Goip(deps);
  goip.start();
  return goip;
}
