import type { ModemProfile } from "../modem/index.ts";
import { packText, unpackText } from "../pdu/index.ts";

export type UssdForm = ModemProfile["ussd"];

/** A code as a modem wants it in +CUSD; undefined where that form cannot hold it. */
export function encodeUssd(code: string, form: UssdForm): string | undefined {
  if (form === "text") return code;
  if (form === "packed") return packText(code);
  return Buffer.from(code, "utf16le").swap16().toString("hex").toUpperCase();
}

/** Alphabet of a cell broadcast's coding, which USSD uses (23.038 §5). */
function saysUcs2(dcs: number | undefined): boolean {
  if (dcs === undefined) return false;
  const group = dcs >> 4;
  return dcs === 0x11 || ([4, 5, 6, 7, 9].includes(group) && (dcs & 0x0c) === 0x08);
}

/** Characters as operators write them: Latin, Chinese, their marks. */
const readable = /^[\n\r\x20-\x7e\u00a0-\u00ff\u2010-\u203b\u20ac\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]*$/;
/** Packed text that is something else in truth is full of "@", Greek and accents. */
const plain = /^[\n\r\x20-\x3f\x41-\x7e¥£$]*$/;

function asUcs2(hex: string): string | undefined {
  if (hex.length % 4 !== 0) return undefined;
  const text = Buffer.from(hex, "hex").swap16().toString("utf16le");
  return readable.test(text) ? text : undefined;
}

function asPacked(hex: string): string | undefined {
  const text = unpackText(Buffer.from(hex, "hex"));
  return plain.test(text) ? text : undefined;
}

/** Text that came as it is: its bytes may be UTF-8 or, from Chinese firmware, GBK. */
function asBytes(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  for (const encoding of ["utf-8", "gbk"]) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // The other one, then.
    }
  }
  return text;
}

/**
 * The text of an answer. Modems have it as text, as UCS2 or as packed septets in hexadecimal, and not always as they should: what reads as
 * text is believed, first in the form that the coding or the profile names.
 */
export function decodeUssd(answer: string, dcs: number | undefined, form: UssdForm): string {
  const hex = /^[0-9A-F]{4,}$/i.test(answer) && answer.length % 2 === 0;
  if (!hex) return asBytes(answer);
  const forms: readonly UssdForm[] = saysUcs2(dcs) ? ["ucs2", "packed", "text"] : [form, "ucs2", "packed", "text"];
  for (const one of forms) {
    if (one === "text") {
      // Ciphers alone may well be what they are: a number.
      if (form === "text" && /^\d+$/.test(answer) && !saysUcs2(dcs)) return answer;
      continue;
    }
    const text = one === "ucs2" ? asUcs2(answer) : asPacked(answer);
    if (text !== undefined) return text;
  }
  return answer;
}
