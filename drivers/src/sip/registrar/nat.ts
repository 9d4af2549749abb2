import type { SipRequest, Uri } from "../parser/index.ts";
import { isPrivate, type Peer } from "../transports/index.ts";

/** Whether a request came from another place than its sender says: then only that place reaches it (RFC 3581). */
export function cameThroughNat(request: SipRequest): boolean {
  const [via] = request.vias;
  if (!via) return false;
  const received = via.params.get("received") ?? via.host;
  const port = via.params.get("rport");
  return received !== via.host || (port !== undefined && Number(port) !== (via.port ?? 5060));
}

/**
 * Whether a peer that we talk to cannot be reached at the Contact it states, so that only its own flow leads back:
 * a private address behind a public one, or a connection that it opened.
 */
export function isUnreachable(contact: Uri, peer: Peer): boolean {
  if (contact.scheme === "other") return true;
  if (peer.transport !== "udp" && contact.host === peer.host) return true;
  return contact.host === "0.0.0.0" || (isPrivate(contact.host) && !isPrivate(peer.host));
}
