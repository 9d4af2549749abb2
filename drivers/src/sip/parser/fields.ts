import { formatParams, noParams, type Params, parseParam, parseParams, quote, splitOutside, TOKEN, unquote } from "./params.ts";
import { formatHostPort, formatUri, parseHostPort, parseUri, type Uri } from "./uri.ts";

/** From, To, Contact, Route: a URI with a name before and parameters behind (RFC 3261 §20.10). */
export interface NameAddr {
  readonly displayName?: string;
  readonly uri: Uri;
  readonly params: Params;
}

/** One hop of a message's way (RFC 3261 §20.42). The host has no brackets. */
export interface Via {
  readonly transport: string;
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
}

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

/** WWW-Authenticate, Authorization and their proxy twins (RFC 3261 §20.7, RFC 7616). */
export interface Credentials {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Reads a name-addr or addr-spec with its header parameters. */
export function parseNameAddr(text: string): NameAddr | undefined {
  const value = text.trim();
  const open = angle(value);
  if (open < 0) return addrSpec(value);
  const close = value.indexOf(">", open);
  const uri = parseUri(value.slice(open + 1, Math.max(close, open)));
  const params = parseParams(value.slice(close + 1));
  const name = value.slice(0, open).trim();
  if (!uri || !params) return undefined;
  if (name === "") return { uri, params };
  const displayName = name.startsWith('"')
    ? unquote(name)
    : name.split(/[ \t]+/).every((word) => TOKEN.test(word))
      ? name
      : undefined;
  return displayName === undefined ? undefined : { displayName, uri, params };
}

/** Where the "<" stands that is not inside quotes, or -1. */
function angle(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (quoted && text[at] === "\\") at++;
    else if (text[at] === '"') quoted = !quoted;
    else if (!quoted && text[at] === "<") return at;
  }
  return -1;
}

/** Without brackets everything behind ";" belongs to the header, and "?" and "," may not be in the URI (RFC 3261 §20). */
function addrSpec(value: string): NameAddr | undefined {
  const semicolon = value.indexOf(";");
  const text = semicolon < 0 ? value : value.slice(0, semicolon).trim();
  const uri = /[?,]/.test(text) ? undefined : parseUri(text);
  const params = semicolon < 0 ? noParams : parseParams(value.slice(semicolon));
  return uri && params ? { uri, params } : undefined;
}

export function formatNameAddr({ displayName, uri, params }: NameAddr): string {
  const name = displayName === undefined ? "" : `${quote(displayName)} `;
  return `${name}<${formatUri(uri)}>${formatParams(params)}`;
}

export const tagOf = (address: NameAddr): string | undefined => address.params.get("tag");

export const withParam = <T extends { readonly params: Params }>(field: T, name: string, value?: string): T => ({
  ...field,
  params: new Map(field.params).set(name, value),
});

/** A host name has at most 255 characters; the rest is for the port and spaces around it. */
const MAX_SENT_BY = 300;

export function parseVia(text: string): Via | undefined {
  const semicolon = text.indexOf(";");
  const head = semicolon < 0 ? text : text.slice(0, semicolon);
  const [, version, transport, sentBy = ""] = /^SIP\s*\/\s*(\S+?)\s*\/\s*(\S+)\s+(\S.*)$/i.exec(head.trim()) ?? [];
  // The length first: the replacement takes time with the square of it.
  const hostPort = sentBy.length > MAX_SENT_BY ? undefined : parseHostPort(sentBy.replace(/\s*:\s*(?=[0-9]+$)/, ":"));
  const params = parseParams(semicolon < 0 ? "" : text.slice(semicolon));
  if (version !== "2.0" || transport === undefined || !TOKEN.test(transport) || !hostPort || !params) return undefined;
  return { transport: transport.toUpperCase(), ...hostPort, params };
}

export const formatVia = (via: Via): string => `SIP/2.0/${via.transport} ${formatHostPort(via)}${formatParams(via.params)}`;

/** CSeq numbers are below 2^31 (RFC 3261 §8.1.1.5). */
export function parseCSeq(text: string): CSeq | undefined {
  const [, digits, method] = /^([0-9]{1,10})[ \t]+(\S+)$/.exec(text.trim()) ?? [];
  const number = Number(digits);
  if (method === undefined || !TOKEN.test(method) || number >= 2 ** 31) return undefined;
  return { number, method };
}

export function parseCredentials(text: string): Credentials | undefined {
  const [, scheme, rest] = /^\s*([A-Za-z0-9-]+)\s+(.*)$/s.exec(text) ?? [];
  const parts = splitOutside(rest ?? "", ",");
  if (scheme === undefined || !parts) return undefined;
  const params = new Map<string, string>();
  for (const part of parts) {
    const param = parseParam(part);
    if (param?.[1] === undefined || params.has(param[0])) return undefined;
    params.set(param[0], param[1]);
  }
  return { scheme, params };
}

/** Written without quotes although they are text: RFC 7616 §3.3 and §3.4 ask for it. */
const BARE = new Set(["algorithm", "nc", "qop", "stale"]);

export function formatCredentials({ scheme, params }: Credentials, quoteQop = false): string {
  const parts = [...params].map(([name, value]) =>
    BARE.has(name) && !(quoteQop && name === "qop") ? `${name}=${value}` : `${name}=${quote(value)}`,
  );
  return `${scheme} ${parts.join(", ")}`;
}
