/** One message of a line's signalling as it went over the wire. Personal data: numbers and names are in it. */
export interface WireMessage {
  /** Wall clock, ms since 1970. */
  readonly at: number;
  readonly direction: "in" | "out";
  readonly transport: "udp" | "tcp" | "tls";
  /** "address:port", IPv6 in brackets. */
  readonly local: string;
  readonly remote: string;
  /** The line's own name of the call it belongs to ({@link LegFacts.wireId}), where it can be read. */
  readonly wireId?: string;
  /** The message in plain, also where it travelled encrypted. */
  readonly bytes: Uint8Array;
}
