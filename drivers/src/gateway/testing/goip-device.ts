import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { ComingText, FarNetwork, SimulatedPort } from "./far-network.ts";

export interface GoipOptions {
  readonly network: FarNetwork;
  readonly ports: readonly SimulatedPort[];
  /** Where the box listens. */
  readonly serverPort: number;
  readonly host?: string;
  readonly password?: string;
  /** The word by which it knows that its keep-alive was heard. */
  readonly replyWord?: "reg" | "req" | "resp";
  /** Whether a packet gets lost; told its text. */
  readonly loses?: (packet: string, direction: "to-box" | "from-box") => boolean;
  /** How often it reports, and says again what is not acknowledged, ms. */
  readonly repeatMs?: number;
  /** Every packet arrives twice, either way. */
  readonly twice?: boolean;
  /** Takes no text. */
  readonly rejects?: boolean;
  /** Answers a number with WAIT first, as while it is busy. */
  readonly waits?: boolean;
}

/** What it says until it is acknowledged. */
interface News {
  readonly packet: string;
  readonly word: string;
  readonly number: number;
  readonly acknowledged: PromiseWithResolvers<string>;
}

/** The text that the box is handing over. */
interface Handing {
  readonly text: string;
  allowed: boolean;
  /** The answer to the number, the same however often it is asked. */
  answer?: string;
}

/** The id of a channel, as in the device's settings. */
export const goipId = (port: number): string => `goip0${port}`;

/** One channel of a GoIP: an end of its own on UDP. */
class Channel implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #options: GoipOptions;
  readonly #port: SimulatedPort;
  readonly #timer: NodeJS.Timeout;
  readonly #news = new Set<News>();
  readonly #handing = new Map<string, Handing>();
  #count = 0;
  #nextNews = Math.floor(Date.now() / 1_000);
  #nextSms = 1;
  #waited = false;
  #closed = false;
  /** What it was told to do, in its order. */
  readonly obeyed: string[] = [];
  /** Keep-alives that were answered with the right word. */
  heard = 0;

  constructor(socket: Socket, port: SimulatedPort, options: GoipOptions) {
    this.#socket = socket;
    this.#port = port;
    this.#options = options;
    socket.on("message", (bytes) => {
      for (let times = options.twice === true ? 2 : 1; times > 0; times--) this.#take(bytes.toString("utf8"));
    });
    this.#timer = setInterval(() => this.#repeat(), options.repeatMs ?? 50);
    this.keepAlive();
  }

  /** "req:…", as it does every 30 s. */
  keepAlive(): void {
    const { number, state, signal, imsi, iccid, busy, port } = this.#port;
    this.#count += 1;
    const sim = state === "no-sim" ? "imsi:;iccid:;" : `imsi:${imsi};iccid:${iccid};`;
    const gsm = state === "registered" ? "LOGIN" : "LOGOUT";
    const off = state === "power-off" ? 1 : 0;
    const login = `id:${goipId(port)};pass:${this.#options.password ?? "secret"};num:${number};`;
    const status = `signal:${signal};gsm_status:${gsm};voip_status:LOGIN;voip_state:${busy ? "ALERTING" : "IDLE"};remain_time:-1;`;
    this.#send(
      `req:${this.#count};${login}${status}imei:86123405678901${port};${sim}pro:CHINA MOBILE;idle:11;disable_status:${off};`,
    );
  }

  /** Resolves when it is acknowledged, with the answer. */
  tell(word: string, fields: string): Promise<string> {
    const number = this.#nextNews++;
    const login = `id:${goipId(this.#port.port)};password:${this.#options.password ?? "secret"};`;
    const news = { packet: `${word}:${number};${login}${fields}`, word, number, acknowledged: Promise.withResolvers<string>() };
    this.#news.add(news);
    this.#send(news.packet);
    return news.acknowledged.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }

  #repeat(): void {
    this.keepAlive();
    for (const { packet } of this.#news) this.#send(packet);
  }

  #send(packet: string): void {
    if (this.#options.loses?.(packet, "to-box")) return;
    const { twice = false, serverPort } = this.#options;
    for (let times = twice ? 2 : 1; times > 0; times--) this.#socket.send(packet, serverPort, "127.0.0.1", () => {});
  }

  #take(packet: string): void {
    if (this.#options.loses?.(packet, "from-box")) return;
    const { replyWord = "reg" } = this.#options;
    if (packet.startsWith(`${replyWord}:`) && packet.includes("status:200;")) this.heard += 1;
    const [, word = "", id = "", rest = ""] = /^([A-Z]+) (\d+)(?: ([\s\S]*?))?\n?$/.exec(packet) ?? [];
    const news = [...this.#news].find((one) => one.word === word && `${one.number}` === id);
    if (news) {
      this.#news.delete(news);
      news.acknowledged.resolve(rest);
    } else this.#obey(word, id, rest);
  }

  #obey(word: string, id: string, rest: string): void {
    const { password = "secret", network } = this.#options;
    this.obeyed.push(word);
    const handing = this.#handing.get(id);
    switch (word) {
      case "MSG": {
        const [, length = "0", text = ""] = /^(\d+) ([\s\S]*)$/.exec(rest) ?? [];
        const whole = Buffer.byteLength(text) === Number(length) && this.#options.rejects !== true;
        if (!handing && whole) this.#handing.set(id, { text, allowed: false });
        this.#send(whole ? `PASSWORD ${id}\n` : `ERROR ${id} not now\n`);
        return;
      }
      case "PASSWORD":
        if (handing) handing.allowed = rest === password;
        this.#send(handing?.allowed ? `SEND ${id}\n` : `ERROR ${id} wrong password\n`);
        return;
      case "SEND":
        if (handing?.allowed) this.#submit(handing, id, rest);
        return;
      case "DONE":
        this.#handing.delete(id);
        this.#send(`DONE ${id}\n`);
        return;
      case "USSD": {
        const [secret, code = ""] = rest.split(" ");
        const answer = network.codes.get(code);
        if (network.silent.has(code)) return;
        if (secret !== password) this.#send(`ERROR ${id} wrong password`);
        else this.#send(answer === undefined ? `USSDERROR ${id} timeout` : `USSD ${id} ${answer}`);
      }
    }
  }

  #submit(handing: Handing, id: string, rest: string): void {
    const [addressee = "", to = ""] = rest.split(" ");
    if (this.#options.waits === true && !this.#waited) {
      this.#waited = true;
      this.#send(`WAIT ${id} ${addressee}\n`);
      return;
    }
    if (handing.answer === undefined) {
      const fate = this.#options.network.take({ port: this.#port.port, to, text: handing.text });
      const sms = this.#nextSms++;
      if (fate === "refused") handing.answer = `ERROR ${id} ${addressee} errorstatus:1\n`;
      else if (fate === "busy") handing.answer = `ERROR ${id} ${addressee} errorstatus:38\n`;
      else {
        handing.answer = `OK ${id} ${addressee} ${sms}\n`;
        void this.tell("DELIVER", `sms_no:${sms};state:${fate === "lost" ? 70 : 0}`);
      }
    }
    this.#send(handing.answer);
  }
}

/** A GoIP as seen over UDP. */
export class GoipDevice implements AsyncDisposable {
  readonly #channels: ReadonlyMap<number, Channel>;

  private constructor(channels: ReadonlyMap<number, Channel>) {
    this.#channels = channels;
  }

  static async open(options: GoipOptions): Promise<GoipDevice> {
    const channels = new Map<number, Channel>();
    for (const port of options.ports) {
      const socket = createSocket("udp4");
      socket.bind(0, options.host ?? "127.0.0.1");
      await once(socket, "listening");
      channels.set(port.port, new Channel(socket, port, options));
    }
    return new GoipDevice(channels);
  }

  /** Whether each channel knows that it was heard. */
  get registered(): boolean {
    return [...this.#channels.values()].every(({ heard }) => heard > 0);
  }

  /** What its channels were told to do. */
  get obeyed(): readonly string[] {
    return [...this.#channels.values()].flatMap(({ obeyed }) => obeyed);
  }

  /** Reports how it stands. */
  keepAlive(): void {
    for (const channel of this.#channels.values()) channel.keepAlive();
  }

  /** Says it until it is acknowledged, which is when the box has stored it. */
  async comeIn({ port, from, text }: ComingText): Promise<void> {
    void this.tell(port, "RECEIVE", `srcnum:${from};msg:${text}`);
  }

  /** Any news; resolves with what it is acknowledged with. */
  tell(port: number, word: string, fields: string): Promise<string> {
    const channel = this.#channels.get(port);
    if (!channel) throw new Error(`no channel ${port}`);
    return channel.tell(word, fields);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#channels.values()) await channel[Symbol.asyncDispose]();
  }
}
