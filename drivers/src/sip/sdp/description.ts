import { isIP, isIPv6 } from "node:net";

/** `a=name` or `a=name:value`. */
export type Attribute = readonly [name: string, value?: string];

export interface MediaDescription {
  /** "audio", "video", "image"… */
  readonly kind: string;
  /** 0 refuses the stream. */
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly connection?: string;
  readonly attributes: readonly Attribute[];
}

/** What matters of a session description (RFC 4566); bandwidth, times and the rest are passed over. */
export interface SessionDescription {
  readonly origin: { readonly user: string; readonly sessionId: string; readonly version: string; readonly address: string };
  readonly connection?: string;
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaDescription[];
}

const attributeOf = (value: string): Attribute => {
  const colon = value.indexOf(":");
  return colon < 0 ? [value] : [value.slice(0, colon), value.slice(colon + 1)];
};

/** The address of a c= or o= line: IPv4, IPv6 or a name; undefined for another network. */
function addressOf(words: readonly string[]): string | undefined {
  const [network, type, address] = words;
  if (network !== "IN" || (type !== "IP4" && type !== "IP6") || address === undefined) return undefined;
  return address.split("/")[0];
}

/** A stream while its lines are being read. */
interface MediaDraft extends MediaDescription {
  connection?: string;
  readonly attributes: Attribute[];
}

interface Draft {
  origin?: SessionDescription["origin"];
  connection?: string;
  readonly attributes: Attribute[];
  readonly media: MediaDraft[];
}

function mediaOf(value: string): MediaDraft | undefined {
  const [kind, port = "", protocol, ...formats] = value.split(/ +/);
  const [, digits] = /^([0-9]{1,5})(?:\/[0-9]+)?$/.exec(port) ?? [];
  if (kind === undefined || digits === undefined || Number(digits) > 65_535 || protocol === undefined || formats.length === 0)
    return undefined;
  return { kind, port: Number(digits), protocol, formats, attributes: [] };
}

/** Takes one line into the draft; false when it cannot be read. */
function readLine(draft: Draft, type: string, value: string): boolean {
  const part = draft.media.at(-1) ?? draft;
  switch (type) {
    case "m": {
      const medium = mediaOf(value);
      if (medium) draft.media.push(medium);
      return medium !== undefined;
    }
    case "c": {
      const connection = addressOf(value.split(/ +/));
      if (connection !== undefined) part.connection = connection;
      return connection !== undefined;
    }
    case "a":
      part.attributes.push(attributeOf(value));
      return true;
    case "o": {
      const [user = "-", sessionId, version, ...rest] = value.split(/ +/);
      const address = addressOf(rest);
      if (sessionId === undefined || version === undefined || address === undefined) return false;
      draft.origin = { user, sessionId, version, address };
      return true;
    }
    default:
      return true;
  }
}

/** Reads a description; undefined when it is none. Lines may end in LF alone, as some peers write them. */
export function parseSdp(text: string): SessionDescription | undefined {
  const draft: Draft = { attributes: [], media: [] };
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines[0] !== "v=0") return undefined;
  for (const line of lines.slice(1)) {
    const [, type, value] = /^([a-z])=(.*)$/.exec(line) ?? [];
    if (type === undefined || value === undefined || !readLine(draft, type, value)) return undefined;
  }
  const { origin, connection, attributes, media } = draft;
  return origin && { origin, attributes, media, ...(connection !== undefined && { connection }) };
}

const network = (address: string) => `IN ${isIPv6(address) ? "IP6" : "IP4"} ${address}`;
const attributeLine = ([name, value]: Attribute) => (value === undefined ? `a=${name}` : `a=${name}:${value}`);

export function formatSdp({ origin, connection, attributes, media }: SessionDescription): string {
  const lines = [
    "v=0",
    `o=${origin.user} ${origin.sessionId} ${origin.version} ${network(origin.address)}`,
    "s=-",
    ...(connection === undefined ? [] : [`c=${network(connection)}`]),
    "t=0 0",
    ...attributes.map(attributeLine),
  ];
  for (const medium of media) {
    lines.push(`m=${medium.kind} ${medium.port} ${medium.protocol} ${medium.formats.join(" ")}`);
    if (medium.connection !== undefined) lines.push(`c=${network(medium.connection)}`);
    lines.push(...medium.attributes.map(attributeLine));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** Whether audio can be sent to it: an address, not a name, and not the "hold" of RFC 2543. */
export const isUsableAddress = (address: string | undefined): address is string =>
  address !== undefined && isIP(address) !== 0 && address !== "0.0.0.0" && address !== "::";
