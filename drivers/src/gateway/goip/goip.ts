import { z } from "zod";
import { LineError, type TextOutcome } from "../../line/index.ts";
import { AwaitedReports } from "../awaited-reports.ts";
import { type Maker, type MakerDeps, ManagementError, type OutgoingText, type Ports } from "../management.ts";
import { type GoipAddress, openUdp, recordedUdp } from "./datagrams.ts";
import { GoipExchange, type GoipReply } from "./exchange.ts";
import { GoipPort } from "./goip-port.ts";
import { GoipInbox } from "./inbox.ts";
import type { GoipPacket } from "./packets.ts";
import { sendGoipText } from "./sending.ts";
import { GoipSocket } from "./socket.ts";

const PORT = 44_444;
/** A device that was just started reports after half a minute. */
const FIRST_MS = 60_000;
/** The manual asks for one repetition: each may run the code again. */
const USSD = { everyMs: 10_000, forMs: 45_000, times: 2 };

/** A channel that was heard of, and where. */
interface Reached {
  readonly channel: GoipPort;
  readonly socket: GoipSocket;
}

/**
 * GoIPs, whose channels report to a UDP port of ours ("GOIP SMS Interface"). Everything is in the clear, passwords too. Every channel has an id
 * of its own, and all have one password.
 */
export class Goip implements Maker {
  readonly maxTextBytes = 3_000;
  readonly canEncrypt = false;
  readonly #deps: MakerDeps;
  readonly #channels: readonly GoipPort[];
  readonly #inbox: GoipInbox;
  readonly #awaited: AwaitedReports<null>;
  /** Who waits for answers, by the number of the question. */
  readonly #asking = new Map<string, (packet: GoipReply, from: GoipAddress) => void>();
  /** Channels that are sending: a report may overtake the answer by which its text gets its number. */
  readonly #sending = new Set<string>();
  #socket: GoipSocket | undefined;
  #startedAt = 0;

  constructor(deps: MakerDeps) {
    this.#deps = deps;
    this.#channels = deps.registered.map(({ port, id = `${port}` }) => new GoipPort(port, id));
    this.#inbox = new GoipInbox(deps);
    this.#awaited = new AwaitedReports(deps, z.null());
  }

  /** Listens, and looks from time to time who has fallen silent. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, config, onTraffic, connect } = this.#deps;
    const { port = PORT, pollSeconds } = config;
    await Promise.all([this.#inbox.resume(), this.#awaited.load()]);
    const datagrams = connect ? recordedUdp(await connect("udp", signal)) : await openUdp(port);
    await using socket = new GoipSocket({ datagrams, onTraffic, onPacket: (packet, from) => this.#take(packet, from) });
    this.#socket = socket;
    this.#startedAt = clock.monotonic();
    try {
      for (;;) {
        this.#tellPorts();
        await clock.sleep(pollSeconds * 1_000, AbortSignal.any([signal, socket.broken]));
      }
    } catch (err) {
      throw socket.broken.reason ?? err;
    } finally {
      this.#socket = undefined;
    }
  }

  async sendText({ port, to, text }: OutgoingText, signal: AbortSignal): Promise<TextOutcome> {
    const reached = this.#reach(port);
    const { id } = reached.channel;
    const { closing, config, newId, clock } = this.#deps;
    const sendId = `${newId()}`;
    using exchange = this.#exchange(sendId, reached);
    this.#sending.add(id);
    try {
      const handed = { sendId, password: config.password, to, text };
      const { outcome, smsNumber } = await sendGoipText(exchange, handed, { early: signal, closing });
      if (outcome.type === "failed" || smsNumber === undefined) return outcome;
      const reference = `${id}:${clock.now()}:${sendId}:${smsNumber}`;
      this.#awaited.expect(nameOf(id, smsNumber), reference, null);
      return { ...outcome, reference };
    } finally {
      this.#sending.delete(id);
    }
  }

  async ussd(port: number, code: string, signal: AbortSignal): Promise<string> {
    const reached = this.#reach(port);
    const sendId = `${this.#deps.newId()}`;
    using exchange = this.#exchange(sendId, reached);
    const { password } = this.#deps.config;
    try {
      const packet = `USSD ${sendId} ${password} ${code}\n`;
      const { word, rest } = await exchange.ask(packet, ["USSD", "USSDERROR", "ERROR"], USSD, signal);
      if (word !== "USSD") throw new LineError(`the gateway could not run it: ${rest}`);
      return rest;
    } catch (err) {
      this.#send(`USSDEXIT ${sendId} ${password}\n`, reached);
      throw err;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#awaited[Symbol.asyncDispose]();
  }

  #tellPorts(): void {
    this.#deps.portsAre(portsOf(this.#channels, this.#deps.clock.monotonic(), this.#startedAt));
  }

  #reach(port: number): Reached {
    const channel = this.#channels.find((one) => one.port === port);
    if (channel?.address && this.#socket) return { channel, socket: this.#socket };
    throw new ManagementError(WHY.silent, { fault: "not-answering" });
  }

  #take(packet: GoipPacket, from: GoipAddress): void {
    if (packet.type === "reply") {
      this.#asking.get(packet.sendId)?.(packet, from);
      return;
    }
    const { config, clock } = this.#deps;
    const id = packet.fields.get("id");
    const password = packet.fields.get("pass") ?? packet.fields.get("password");
    const channel = this.#channels.find((one) => one.id === id);
    const known = channel !== undefined && password === config.password;
    if (packet.type === "keep-alive") {
      // The word is a matter of the firmware; an answer with another word is none to it.
      const status = known ? 200 : 404;
      void this.#socket?.send(`${config.replyWord}:${packet.count};status:${status};`, from);
      if (known) channel.alive(packet.fields, from, clock.monotonic());
      else channel?.refuse();
    } else if (known) this.#news(packet, channel, from);
    else void this.#socket?.send(`${packet.word} ${packet.number} ERROR no such id, or a wrong password`, from);
    this.#tellPorts();
  }

  #news({ word, number, fields }: Extract<GoipPacket, { type: "news" }>, channel: GoipPort, from: GoipAddress): void {
    const acknowledge = async () => await this.#socket?.send(`${word} ${number} OK\n`, from);
    if (word === "RECEIVE") {
      const [sender, text] = [fields.get("srcnum"), fields.get("msg")];
      // What has no text was cut on its way: it comes again as long as it is not acknowledged.
      if (sender !== undefined && text !== undefined)
        this.#inbox.take({ port: channel.port, lineId: channel.id, number, from: sender, text, acknowledge });
    } else if (word === "DELIVER") {
      const name = nameOf(channel.id, fields.get("sms_no") ?? "");
      if (!this.#awaited.has(name) && this.#sending.has(channel.id)) return;
      // The manual knows 0 only: it arrived. Other states are the network's own.
      this.#awaited.settle(name, Number.parseInt(fields.get("state") ?? "", 10));
      void acknowledge();
    } else {
      if (word === "STATE") channel.say(fields.get("gsm_remain_state") ?? fields.get("state") ?? "");
      void acknowledge();
    }
  }

  #exchange(sendId: string, reached: Reached): GoipExchange {
    return new GoipExchange({
      clock: this.#deps.clock,
      send: (packet) => this.#send(packet, reached),
      listen: (take) => {
        this.#asking.set(sendId, (reply, from) => {
          // Who else knows the number of a question has heard it on the way, and may not answer it.
          if (from.host === reached.channel.address?.host) take(reply);
        });
        return { [Symbol.dispose]: () => void this.#asking.delete(sendId) };
      },
    });
  }

  #send(packet: string, { channel: { address }, socket }: Reached): void {
    if (address) void socket.send(packet, address);
  }
}

const nameOf = (lineId: string, smsNumber: string) => `${lineId} ${smsNumber}`;

const WHY = {
  silent: "nothing has been heard of it: is its SMS server set to this box?",
  refused: "it reports with another password",
} as const;

/** What is heard of the channels. `now`, `startedAt`: monotonic, ms. */
function portsOf(channels: readonly GoipPort[], now: number, startedAt: number): Ports {
  const found = channels.map((channel) => ({ port: channel.port, report: channel.at(now) }));
  if (found.some(({ report }) => typeof report === "object")) {
    const ports = found.map(({ port, report }) => {
      if (typeof report === "object") return report;
      const fault = report === "refused" ? "login-refused" : "not-answering";
      return { port, state: "down", fault, reason: WHY[report] } as const;
    });
    return { type: "known", ports };
  }
  if (found.some(({ report }) => report === "refused")) return { type: "unknown", fault: "login-refused", reason: WHY.refused };
  if (now - startedAt < FIRST_MS) return { type: "asking" };
  return { type: "unknown", fault: "not-answering", reason: WHY.silent };
}
