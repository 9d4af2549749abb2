import { isIPv4, isIPv6 } from "node:net";
import { noParams, type Params } from "./params.ts";

/** A sip: or sips: URI (RFC 3261 §19.1). `user` and `password` are as written, with their escapes; the host has no brackets. */
export interface SipUri {
  readonly scheme: "sip" | "sips";
  readonly user?: string;
  readonly password?: string;
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
  /** What follows "?", as written. */
  readonly headers?: string;
}

/** Any other URI, e.g. tel: or http:, kept as it was written. */
export interface OtherUri {
  readonly scheme: "other";
  readonly text: string;
}

export type Uri = SipUri | OtherUri;

export interface HostPort {
  readonly host: string;
  readonly port?: number;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/;
const PASSWORD = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/;
const PARAM = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const HEADERS = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$&=]|%[0-9A-Fa-f]{2})+$/;
const HOSTNAME = /^(?=.{1,255}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.?$/;

/** Reads `host`, `host:port` or `[v6]:port`. */
export function parseHostPort(text: string): HostPort | undefined {
  const bracketed = text.startsWith("[");
  const end = bracketed ? text.indexOf("]") + 1 : text.includes(":") ? text.indexOf(":") : text.length;
  if (end === 0) return undefined;
  const host = bracketed ? text.slice(1, end - 1) : text.slice(0, end);
  if (bracketed ? !isIPv6(host) : !isIPv4(host) && !HOSTNAME.test(host)) return undefined;
  const rest = text.slice(end);
  if (rest === "") return { host };
  if (!/^:[0-9]{1,5}$/.test(rest)) return undefined;
  const port = Number(rest.slice(1));
  return port > 65_535 ? undefined : { host, port };
}

export const formatHost = (host: string): string => (host.includes(":") ? `[${host}]` : host);
export const formatHostPort = ({ host, port }: HostPort): string =>
  port === undefined ? formatHost(host) : `${formatHost(host)}:${port}`;

function parseUriParams(text: string): Params | undefined {
  if (text === "") return noParams;
  const params = new Map<string, string | undefined>();
  for (const part of text.slice(1).split(";")) {
    const [rawName = "", value, more] = part.split("=");
    const name = rawName.toLowerCase();
    if (!PARAM.test(name) || more !== undefined || params.has(name)) return undefined;
    if (value !== undefined && !PARAM.test(value)) return undefined;
    params.set(name, value);
  }
  return params;
}

function parseSip(scheme: SipUri["scheme"], text: string): SipUri | undefined {
  // An "@" can only stand behind the user part: everywhere else it is escaped.
  const at = text.indexOf("@");
  const userInfo = at < 0 ? undefined : text.slice(0, at);
  const rest = text.slice(at + 1);
  const question = rest.indexOf("?");
  const headers = question < 0 ? undefined : rest.slice(question + 1);
  const beforeHeaders = question < 0 ? rest : rest.slice(0, question);
  const semicolon = beforeHeaders.indexOf(";");
  const hostPort = parseHostPort(semicolon < 0 ? beforeHeaders : beforeHeaders.slice(0, semicolon));
  const params = parseUriParams(semicolon < 0 ? "" : beforeHeaders.slice(semicolon));
  if (!hostPort || !params || (headers !== undefined && !HEADERS.test(headers))) return undefined;
  const found: SipUri = { scheme, ...hostPort, params, ...(headers !== undefined && { headers }) };
  if (userInfo === undefined) return found;
  const colon = userInfo.indexOf(":");
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const password = colon < 0 ? undefined : userInfo.slice(colon + 1);
  if (!USER.test(user) || (password !== undefined && !PASSWORD.test(password))) return undefined;
  return { ...found, user, ...(password !== undefined && { password }) };
}

/** Reads a URI without angle brackets; undefined when it is not one. */
export function parseUri(text: string): Uri | undefined {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || /[\s<>"]/.test(text)) return undefined;
  if (scheme !== "sip" && scheme !== "sips") return { scheme: "other", text };
  return parseSip(scheme, text.slice(scheme.length + 1));
}

export function formatUri(uri: Uri): string {
  if (uri.scheme === "other") return uri.text;
  const password = uri.password === undefined ? "" : `:${uri.password}`;
  const user = uri.user === undefined ? "" : `${uri.user}${password}@`;
  let params = "";
  for (const [name, value] of uri.params) params += value === undefined ? `;${name}` : `;${name}=${value}`;
  const headers = uri.headers === undefined ? "" : `?${uri.headers}`;
  return `${uri.scheme}:${user}${formatHostPort(uri)}${params}${headers}`;
}

/** The user part with its escapes resolved, or an empty text. For tel: the number. */
export function userOf(uri: Uri): string {
  const raw = uri.scheme === "other" ? (/^tel:([^;]*)/i.exec(uri.text)?.[1] ?? "") : (uri.user ?? "");
  // Bytes that are no UTF-8 must not throw, so this is not decodeURIComponent.
  return Buffer.from(
    raw.replace(/%([0-9A-Fa-f]{2})|[^%]/gu, (char, hex: string | undefined) =>
      hex === undefined ? Buffer.from(char).toString("latin1") : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    "latin1",
  ).toString("utf8");
}

const UNESCAPED = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]$/;

/** Escapes any text so that it can stand as the user part of a URI. */
export const escapeUser = (text: string): string =>
  [...text]
    .map((char) => (UNESCAPED.test(char) ? char : [...Buffer.from(char)].map((byte) => `%${hex(byte)}`).join("")))
    .join("");

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, "0");

export function sipUri(host: string, options: { user?: string; port?: number; transport?: "udp" | "tcp" | "tls" } = {}): SipUri {
  return {
    scheme: "sip",
    host,
    ...(options.user !== undefined && options.user !== "" && { user: escapeUser(options.user) }),
    ...(options.port !== undefined && { port: options.port }),
    params:
      options.transport === undefined || options.transport === "udp" ? noParams : new Map([["transport", options.transport]]),
  };
}
