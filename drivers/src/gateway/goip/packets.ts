import { HIDDEN } from "../../transcript/index.ts";
import { textOfBytes } from "../answer-text.ts";

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
  const text = textOfBytes(withoutEnd(bytes));
  const [, keepAlive] = /^req:(\d+);/i.exec(text) ?? [];
  if (keepAlive !== undefined) return { type: "keep-alive", count: keepAlive, fields: fieldsOf(text) };
  const [, news, number] = /^([A-Z_]+):(-?\d+);/.exec(text) ?? [];
  if (news !== undefined && number !== undefined) return { type: "news", word: news, number, fields: fieldsOf(text) };
  const [, word, sendId, rest = ""] = /^([A-Za-z_]+) (\d+)(?: ([\s\S]*))?$/.exec(text) ?? [];
  if (word === undefined || sendId === undefined) return undefined;
  return { type: "reply", word: word.toUpperCase(), sendId, rest };
}

/** Some end a packet as C ends a string, some as a terminal ends a line. */
function withoutEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  if (bytes[end - 1] === 0x0a) end -= bytes[end - 2] === 0x0d ? 2 : 1;
  return bytes.subarray(0, end);
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
  if (direction === "out")
    return Buffer.from(text.replace(/^(PASSWORD \d+ |USSD(?:EXIT)? \d+ )[^ \n]+/, `$1${HIDDEN}`), "latin1");
  // Wherever a firmware puts it; a text is the rest of its packet and stays as it is.
  const msg = /^[A-Z_]+:[^;]*;/i.test(text) ? text.search(/;msg:/i) : 0;
  const [fields, rest] = msg < 0 ? [text, ""] : [text.slice(0, msg), text.slice(msg)];
  return Buffer.from(fields.replaceAll(/(;\s*pass(?:word)?:)[^;]*/gi, `$1${HIDDEN}`) + rest, "latin1");
}
