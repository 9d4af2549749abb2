import { BlockList, isIPv6 } from "node:net";
import { isAddress, type Peer } from "../transports/index.ts";

/** A list of addresses and networks (CIDR), e.g. "192.0.2.0/24"; what is neither is skipped. */
export function addressList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    if (!isAddress(address)) continue;
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Whether a request from `peer` comes from the line's far end: "exactly" from a place that its name leads to, or from an address of it. */
export function originOf(
  peer: Peer,
  { hosts, allowed }: { readonly hosts: readonly Peer[]; readonly allowed: BlockList },
): "exact" | "address" | undefined {
  const here = hosts.filter(({ host }) => host === peer.host);
  if (here.some(({ port, transport }) => port === peer.port && transport === peer.transport)) return "exact";
  const family = isIPv6(peer.host) ? "ipv6" : "ipv4";
  return here.length > 0 || allowed.check(peer.host, family) ? "address" : undefined;
}
