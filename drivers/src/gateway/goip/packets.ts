import { HIDDEN } from "../../transcript/index.ts";

/** What a GoIP sends: its keep-alive, news that it repeats until they are acknowledged, or an answer to us. */
export type GoipPacket =
  | { readonly type: "keep-alive"; readonly count: string; readonly fields: ReadonlyMap<string, string> }
  /** `number` is the news' own; the same one is the same news. */
  | { readonly type: "news"; readonly word: string; readonly number: string; readonly fields: ReadonlyMap<string, string> }
  | { readonly type: "reply"; readonly word: string; readonly sendId: string; readonly rest: string };

/**
 * Reads one packet ("GOIP SMS Interface"); undefined for what is none. Fields end with a semicolon, but a text is the rest of its packet,
 * whatever is in it.
 */
export function parseGoipPacket(bytes: Uint8Array): GoipPacket | undefined {
  // Some end a packet as C ends a string, some as a terminal ends a line.
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/\0+$/, "")
    .replace(/\r?\n$/, "");
  const [, keepAlive] = /^req:(\d+);/i.exec(text) ?? [];
  if (keepAlive !== undefined) return { type: "keep-alive", count: keepAlive, fields: fieldsOf(text) };
  const [, news, number] = /^([A-Z_]+):(-?\d+);/.exec(text) ?? [];
  if (news !== undefined && number !== undefined) return { type: "news", word: news, number, fields: fieldsOf(text) };
  const [, word, sendId, rest = ""] = /^([A-Za-z_]+) (\d+)(?: ([\s\S]*))?$/.exec(text) ?? [];
  if (word === undefined || sendId === undefined) return undefined;
  return { type: "reply", word: word.toUpperCase(), sendId, rest };
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    const colon = text.indexOf(":", at);
    if (colon < 0) break;
    const name = text.slice(at, colon).trim().toLowerCase();
    const semicolon = text.indexOf(";", colon);
    const end = name === "msg" || semicolon < 0 ? text.length : semicolon;
    if (!fields.has(name)) fields.set(name, text.slice(colon + 1, end));
    at = end + 1;
  }
  return fields;
}

/** A packet to the device or from it without the line's password, for transcripts. */
export function withoutPassword(bytes: Uint8Array, direction: "in" | "out"): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const password =
    direction === "out"
      ? /^(PASSWORD \d+ |USSD \d+ |USSDEXIT \d+ )[^ \n]+/
      : /^((?:req|[A-Z_]+):[^;]*;id:[^;]*;pass(?:word)?:)[^;]*/i;
  return Buffer.from(text.replace(password, `$1${HIDDEN}`), "latin1");
}
