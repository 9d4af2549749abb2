import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface Service {
  readonly priority: number;
  readonly weight: number;
  readonly host: string;
  readonly port: number;
}

/** What the server knows; a test changes it at will. Names without an end dot, in lower case. */
export interface Zone {
  readonly a: Map<string, readonly string[]>;
  readonly srv: Map<string, readonly Service[]>;
}

export interface NameServer extends AsyncDisposable, Zone {
  /** "127.0.0.1:port". */
  readonly address: string;
  /** The names that were asked for, each with its type: "SRV _sip._udp.carrier.example". */
  readonly asked: string[];
  /** Answers nothing any more, as one that is cut off. */
  silent: boolean;
}

const TYPES: Readonly<Record<number, string>> = { 1: "A", 28: "AAAA", 33: "SRV" };

/** The smallest name server that answers A and SRV (RFC 1035, RFC 2782): one question a datagram, nothing compressed. */
export async function nameServer(): Promise<NameServer> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const server: NameServer = {
    address: `127.0.0.1:${socket.address().port}`,
    a: new Map(),
    srv: new Map(),
    asked: [],
    silent: false,
    async [Symbol.asyncDispose]() {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
  socket.on("message", (bytes, from) => {
    const { name, type, end } = questionOf(bytes);
    server.asked.push(`${type} ${name}`);
    if (!server.silent) socket.send(answerTo(bytes.subarray(0, end), name, type, server), from.port, from.address);
  });
  return server;
}

function questionOf(bytes: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) {
    labels.push(bytes.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = bytes.readUInt16BE(at + 1);
  return { name: labels.join(".").toLowerCase(), type: TYPES[type] ?? String(type), end: at + 5 };
}

function answerTo(question: Buffer, name: string, type: string, zone: Zone): Buffer {
  const data =
    type === "A"
      ? (zone.a.get(name) ?? []).map((address) => ({ kind: 1, bytes: Buffer.from(address.split(".").map(Number)) }))
      : type === "SRV"
        ? (zone.srv.get(name) ?? []).map((service) => ({ kind: 33, bytes: serviceBytes(service) }))
        : [];
  const known = zone.a.has(name) || zone.srv.has(name);
  const head = Buffer.from(question);
  // A response with recursion; NXDOMAIN where nothing is known of the name.
  head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(data.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...data.map(({ kind, bytes }) => record(kind, bytes))]);
}

function record(kind: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name is the question's, twelve bytes from the start.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(kind, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(0, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function serviceBytes({ priority, weight, port, host }: Service): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(priority, 0);
  numbers.writeUInt16BE(weight, 2);
  numbers.writeUInt16BE(port, 4);
  const labels = host === "." ? [] : host.split(".");
  return Buffer.concat([numbers, ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
}
