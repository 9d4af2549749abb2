import { isIPv6 } from "node:net";
import type { WireMessage } from "@sitebox/drivers/line";

/**
 * A capture file of signalling that Wireshark and tshark read: pcapng (draft-ietf-opsawg-pcapng) with Ethernet, IP and UDP headers made
 * for each message. What travelled by TCP or TLS is put into UDP too, and says so in the packet's comment.
 */
export function pcapngOf(messages: readonly WireMessage[]): Uint8Array {
  return Buffer.concat([
    block(0x0a0d0d0a, Buffer.concat([u32(0x1a2b3c4d), u16(1), u16(0), Buffer.alloc(8, 0xff), option(4, "Sitebox"), END])),
    // Ethernet, no limit on length; instants in microseconds.
    block(1, Buffer.concat([u16(1), u16(0), u32(0), option(9, Buffer.of(6)), END])),
    ...messages.map(packet),
  ]);
}

const END = Buffer.alloc(4);

function packet(message: WireMessage): Buffer {
  const frame = frameOf(message);
  const micros = BigInt(Math.round(message.at * 1_000));
  const comment = message.transport === "udp" ? [] : [option(1, `carried by ${message.transport.toUpperCase()}, shown as UDP`)];
  // Inbound is 1, outbound 2 (epb_flags).
  const flags = option(2, u32(message.direction === "in" ? 1 : 2));
  return block(
    6,
    Buffer.concat([
      u32(0),
      u32(Number(micros >> 32n)),
      u32(Number(micros & 0xffffffffn)),
      u32(frame.length),
      u32(frame.length),
      padded(frame),
      ...comment,
      flags,
      END,
    ]),
  );
}

/** Blocks carry their length in front and behind. */
function block(type: number, body: Buffer): Buffer {
  const length = body.length + 12;
  return Buffer.concat([u32(type), u32(length), body, u32(length)]);
}

function option(code: number, value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([u16(code), u16(bytes.length), padded(bytes)]);
}

/** UDP cannot say more; a longer message is cut. */
const MOST_PAYLOAD = 65_000;

function frameOf({ direction, local, remote, bytes }: WireMessage): Buffer {
  const [from, to] = direction === "in" ? [endOf(remote), endOf(local)] : [endOf(local), endOf(remote)];
  const isV6 = isIPv6(from.address) || isIPv6(to.address);
  const payload = Buffer.from(bytes.subarray(0, MOST_PAYLOAD));
  const [source, target] = [addressBytes(from.address, isV6), addressBytes(to.address, isV6)];
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(from.port, 0);
  udp.writeUInt16BE(to.port, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(8 + payload.length, 0);
  pseudo.writeUInt8(17, 7);
  udp.writeUInt16BE(checksum(Buffer.concat([source, target, pseudo, udp, payload])) || 0xffff, 6);
  const ethernet = Buffer.concat([
    mac(direction === "in" ? 1 : 2),
    mac(direction === "in" ? 2 : 1),
    be16(isV6 ? 0x86dd : 0x0800),
  ]);
  const ip = isV6 ? ipv6(source, target, 8 + payload.length) : ipv4(source, target, 8 + payload.length);
  return Buffer.concat([ethernet, ip, udp, payload]);
}

function ipv4(source: Buffer, target: Buffer, length: number): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt8(0x45, 0);
  head.writeUInt16BE(20 + length, 2);
  head.writeUInt8(64, 8);
  head.writeUInt8(17, 9);
  const ip = Buffer.concat([head, source, target]);
  ip.writeUInt16BE(checksum(ip), 10);
  return ip;
}

function ipv6(source: Buffer, target: Buffer, length: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(0x60, 0);
  head.writeUInt16BE(length, 4);
  head.writeUInt8(17, 6);
  head.writeUInt8(64, 7);
  return Buffer.concat([head, source, target]);
}

/** Locally administered addresses, one for the box and one for the far end. */
const mac = (last: number) => Buffer.of(0x02, 0, 0, 0, 0, last);

/** The internet checksum (RFC 1071). */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** "10.0.0.7:5060", "[2001:db8::1]:5060". */
export function endOf(text: string): { readonly address: string; readonly port: number } {
  const at = text.lastIndexOf(":");
  const port = Number(text.slice(at + 1));
  return {
    address: text.slice(0, at).replace(/^\[|\]$/g, ""),
    port: Number.isInteger(port) && port >= 0 && port < 65_536 ? port : 0,
  };
}

function addressBytes(address: string, isV6: boolean): Buffer {
  const v4 = (text: string) => Buffer.from(text.split(".").map(Number));
  if (!isIPv6(address)) {
    const four = /^\d+\.\d+\.\d+\.\d+$/.test(address) ? v4(address) : Buffer.alloc(4);
    return isV6 ? Buffer.concat([Buffer.alloc(10), Buffer.of(0xff, 0xff), four]) : four;
  }
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const groups = (text: string) =>
    text === "" ? [] : text.split(":").flatMap((group) => (group.includes(".") ? [...v4(group)] : bytesOf(group)));
  const first = groups(head);
  const last = groups(tail ?? "");
  return Buffer.from([...first, ...Array<number>(Math.max(0, 16 - first.length - last.length)).fill(0), ...last]).subarray(0, 16);
}

function bytesOf(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
function be16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
