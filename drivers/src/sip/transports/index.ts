export { isPrivate, type Peer, peerKey } from "./peer.ts";
export { Transports, type TransportsConfig, type TransportsDeps } from "./transports.ts";
