import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { splitText, textOf } from "../../gsm/pdu/index.ts";
import { type ComingText, deviceTime, type FarNetwork, type SimulatedPort } from "./far-network.ts";

/** Ways in which a device answers wrongly. */
export type TcpMischief = "silent" | "cut" | "endless" | "hang-up" | "slow-drip";

export interface YeastarOptions {
  readonly network: FarNetwork;
  readonly ports: readonly SimulatedPort[];
  readonly host?: string;
  readonly user?: string;
  readonly password?: string;
  /** The number of a part is counted from here. */
  readonly firstIndex?: 0 | 1;
  /** How it writes its answers; as UTF-8 when absent. */
  readonly encode?: (message: string) => Uint8Array;
  /** Takes texts and does not say what becomes of them. */
  readonly keepsOutcomes?: boolean;
}

/** A Yeastar TG as seen over its TCP interface. */
export class YeastarDevice implements AsyncDisposable {
  readonly #options: YeastarOptions;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #ready = new Set<Socket>();
  #mischief: TcpMischief | undefined;
  #lastId = 0;
  /** Commands that were given, in their order. */
  readonly commands: string[] = [];

  private constructor(options: YeastarOptions) {
    this.#options = options;
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  static async open(options: YeastarOptions): Promise<YeastarDevice> {
    const device = new YeastarDevice(options);
    device.#server.listen(0, options.host ?? "127.0.0.1");
    await once(device.#server, "listening");
    return device;
  }

  get managementPort(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the device does not listen");
    return address.port;
  }

  /** Answers wrongly from now on; undefined: rightly again. */
  misbehave(mischief: TcpMischief | undefined): void {
    this.#mischief = mischief;
  }

  /** Ends all connections, as when it is started anew. */
  hangUp(): void {
    for (const client of this.#clients) client.destroy();
  }

  /** Tells whoever is logged in; nobody hears of it later. */
  async comeIn({ port, from, text, sentAt = Date.now(), backwards = false, twice = false }: ComingText): Promise<void> {
    const { firstIndex = 1 } = this.#options;
    this.#lastId += 1;
    const parts = splitText(text).map((part, at, all) =>
      this.#event({
        Event: "ReceivedSMS",
        Privilege: "all,smscommand",
        ID: `${this.#lastId}`,
        GsmSpan: `${port + 1}`,
        Sender: from,
        Recvtime: deviceTime(sentAt),
        Index: `${at + firstIndex}`,
        Total: `${all.length}`,
        Smsc: "+8613800100500",
        Content: new URLSearchParams({ t: textOf([part]) }).toString().slice(2),
      }),
    );
    const once = backwards ? parts.toReversed() : parts;
    for (const part of twice ? [...once, ...once] : once) this.#say(part);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.hangUp();
    await closed;
  }

  #event(fields: Readonly<Record<string, string>>): string {
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${lines.join("")}--END SMS EVENT--\r\n\r\n`;
  }

  #say(message: string): void {
    for (const client of this.#ready) client.write(message);
  }

  async #serve(socket: Socket): Promise<void> {
    this.#clients.add(socket);
    socket.on("error", () => {});
    socket.write("Asterisk Call Manager/1.1\r\n");
    let pending = "";
    try {
      for await (const bytes of socket) {
        pending += Buffer.isBuffer(bytes) ? bytes.toString("utf8") : "";
        for (let end = pending.indexOf("\r\n\r\n"); end >= 0; end = pending.indexOf("\r\n\r\n")) {
          this.#onAction(socket, new Map(pending.slice(0, end).split("\r\n").map(fieldOf)));
          pending = pending.slice(end + 4);
        }
      }
    } catch {
      // The other end has broken off.
    } finally {
      this.#clients.delete(socket);
      this.#ready.delete(socket);
    }
  }

  #onAction(socket: Socket, fields: ReadonlyMap<string, string>): void {
    const { user = "admin", password = "secret" } = this.#options;
    if (fields.get("action")?.toLowerCase() === "login") {
      const right = fields.get("username") === user && fields.get("secret") === password;
      if (right) this.#ready.add(socket);
      const answer = right ? "Success\r\nMessage: Authentication accepted" : "Error\r\nMessage: Authentication failed";
      this.#answer(socket, `Response: ${answer}\r\n\r\n`);
    } else if (this.#ready.has(socket)) this.#command(socket, fields.get("command") ?? "");
  }

  #command(socket: Socket, command: string): void {
    this.commands.push(command);
    const [, , , span = ""] = command.split(" ");
    const port = this.#options.ports.find((one) => one.port === Number(span) - 1);
    if (command === "gsm show spans") this.#print(socket, this.#options.ports.map(spanLine).join("\n"));
    else if (command.startsWith("gsm show span ")) this.#print(socket, port ? detailsOf(port) : "No such span");
    else if (command.startsWith("gsm send sms ") && port) this.#sendSms(socket, port, command);
    else if (command.startsWith("gsm send ussd ") && port) this.#sendUssd(socket, command);
    else this.#answer(socket, "Response: Error\r\nMessage: Invalid/unknown command\r\n\r\n");
  }

  #sendSms(socket: Socket, { port }: SimulatedPort, command: string): void {
    const [, to = "", content = "", id = ""] = /^gsm send sms \d+ (\S+) "([^"]*)" (\S+)$/.exec(command) ?? [];
    const text = new URLSearchParams(`t=${content}`).get("t") ?? "";
    const fate = this.#options.network.take({ port, to, text });
    if (fate === "refused") {
      this.#answer(socket, "Response: Error\r\nMessage: Wrong number\r\n\r\n");
      return;
    }
    this.#print(socket, "");
    if (this.#options.keepsOutcomes === true) return;
    const status = fate === "busy" ? "0" : "1";
    this.#say(
      this.#event({ Event: "UpdateSMSSend", Privilege: "all,smscommand", ID: id, Smsc: "+8613800100500", Status: status }),
    );
  }

  #sendUssd(socket: Socket, command: string): void {
    const [, code = ""] = /^gsm send ussd \d+ (\S+) \d+$/.exec(command) ?? [];
    const reply = this.#options.network.codes.get(code);
    this.#print(
      socket,
      reply === undefined ? "USSD Responses: 4\nUSSD timeout" : `USSD Responses: 2\nUSSD Code: 15\nUSSD Message: ${reply}`,
    );
  }

  #print(socket: Socket, output: string): void {
    const lines = output === "" ? "" : `${output}\r\n`;
    this.#answer(socket, `Response: Follows\r\nPrivilege: SMSCommand\r\n${lines}--END COMMAND--\r\n\r\n`);
  }

  #answer(socket: Socket, message: string): void {
    switch (this.#mischief) {
      case "silent":
        return;
      case "hang-up":
        socket.destroy();
        return;
      case "cut":
        socket.end(message.slice(0, message.length / 2));
        return;
      case "endless":
        socket.write(`Response: Follows\r\nPrivilege: SMSCommand\r\n${"x".repeat(200_000)}`);
        return;
      case "slow-drip":
        for (const character of message) socket.write(character);
        return;
      case undefined:
        socket.write(this.#options.encode?.(message) ?? message);
    }
  }
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

const STATUS = {
  registered: "Power on, Provisioned, Up, Active,Standard",
  "no-sim": "Power on, Provisioned, Undetected SIM Card, Active,Standard",
  searching: "Power on, Provisioned, Down, Active,Standard",
  "power-off": "Power off, Provisioned, Down, Active,Standard",
} as const;

const spanLine = ({ port, state }: SimulatedPort) => `GSM span ${port + 1}: ${STATUS[state]}`;

function detailsOf({ port, state, signal, imsi, busy }: SimulatedPort): string {
  const lines = [
    `D-channel: ${port + 1}`,
    `Status: ${STATUS[state]}`,
    "Type: CPE",
    "Manufacturer: SIMCOM_Ltd",
    "Model Name: SIMCOM_SIM840W",
    "Network Name: CHINA MOBILE",
    `Network Status: ${state === "registered" ? "Registered (Home network)" : "Unregistered"}`,
    `Signal Quality (0,31): ${state === "registered" ? signal : -1}`,
    "BER value (0,7): 0",
    `SIM IMSI: ${imsi}`,
    "Last event: SMS send OK",
    `State: ${busy ? "CALL ACTIVE" : "READY"}`,
    "Last send AT: AT+CREG?\\r\\n",
  ];
  return lines.join("\n");
}
