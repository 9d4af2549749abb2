import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

/** Where a message came from or goes to: an address, never a name. */
export interface Peer {
  readonly transport: "udp" | "tcp" | "tls";
  readonly host: string;
  readonly port: number;
  /** The name that the far end's certificate has to prove (RFC 5922): what we looked up. Its address where absent. */
  readonly name?: string;
}

/** Decides who is let in, before anything that came is read. */
export interface Gate {
  /** Whether anything of this peer is. */
  admits(peer: Peer): boolean;
  /** Whether one more message of it is; counts it. */
  takes(peer: Peer): boolean;
  /** Told that what it sent was no SIP. */
  malformed(peer: Peer): void;
}

/** Whether the transport itself repeats what is lost, so that transactions need not. */
export const isReliable = ({ transport }: Pick<Peer, "transport">): boolean => transport !== "udp";

export const peerKey = ({ transport, host, port }: Peer): string => `${transport}:${host}:${port}`;

export const isAddress = (host: string): boolean => isIP(host) !== 0;

/** IPv4 that came through a socket for both families is written as IPv4. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=[0-9.]+$)/i, "");

const near = new BlockList();
near.addSubnet("10.0.0.0", 8, "ipv4");
near.addSubnet("172.16.0.0", 12, "ipv4");
near.addSubnet("192.168.0.0", 16, "ipv4");
near.addSubnet("127.0.0.0", 8, "ipv4");
near.addSubnet("169.254.0.0", 16, "ipv4");
near.addAddress("::1", "ipv6");
near.addSubnet("fc00::", 7, "ipv6");
near.addSubnet("fe80::", 10, "ipv6");

/** Whether an address is of the site's own network: private, link-local or loopback. A name is not. */
export function isPrivate(address: string): boolean {
  if (isIPv4(address)) return near.check(address, "ipv4");
  return isIPv6(address) && near.check(address, "ipv6");
}
