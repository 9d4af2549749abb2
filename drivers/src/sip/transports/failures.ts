import { type Peer, peerKey } from "./peer.ts";

const MAX_KEPT = 1_000;

/** Why nothing could be sent to a peer the last time, in words for the log and for whoever asks why. */
export class Failures {
  readonly #reasons = new Map<string, string>();

  of(peer: Peer): string | undefined {
    return this.#reasons.get(peerKey(peer));
  }

  /** Keeps why `sending` failed, or forgets it once it has worked. */
  async watch(peer: Peer, sending: Promise<void>): Promise<void> {
    const key = peerKey(peer);
    try {
      await sending;
      this.#reasons.delete(key);
    } catch (err) {
      const [oldest] = this.#reasons.keys();
      if (this.#reasons.size >= MAX_KEPT && oldest !== undefined) this.#reasons.delete(oldest);
      this.#reasons.set(key, reasonFor(err, peer));
      throw err;
    }
  }
}

const KNOWN: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was broken off",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no way to the network",
  ETIMEDOUT: "the host does not answer",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from an unknown authority",
};

function reasonFor(err: unknown, { host, port }: Peer): string {
  const code = err instanceof Error && "code" in err ? String(err.code) : "";
  return `${host} port ${port}: ${KNOWN[code] ?? (err instanceof Error ? err.message : String(err))}`;
}
