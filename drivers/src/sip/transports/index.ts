export { DeadNamesError, type Names, openNames, type ServiceRecord } from "./names.ts";
export { type Gate, isAddress, isPrivate, isReliable, type Peer, peerKey } from "./peer.ts";
export type { TlsConfig } from "./tls.ts";
export { Transports, type TransportsConfig, type TransportsDeps } from "./transports.ts";
export type { Datagrams, OpenDatagrams } from "./udp.ts";
