import { decodeUssd } from "../gsm/network/index.ts";

/** Halves of a character beyond 16 bits, each written as one of its own: firmwares that go from UCS2 to UTF-8 unit by unit write emoji so. */
const HALVES = /\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]/g;

/**
 * The text of bytes that should be UTF-8 and, from some Chinese firmware, are GBK. A last character that was cut is left out, what is neither
 * is read as UTF-8 as far as it goes.
 */
export function textOfBytes(bytes: Uint8Array): string {
  return (
    decoded("utf-8", bytes) ?? decoded("utf-8", joined(bytes)) ?? decoded("gbk", bytes) ?? Buffer.from(bytes).toString("utf8")
  );
}

function decoded(encoding: "utf-8" | "gbk", bytes: Uint8Array): string | undefined {
  try {
    // As if more were to come: a cut character at the end is no fault then.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function joined(bytes: Uint8Array): Uint8Array {
  const unit = (text: string, at: number) =>
    ((text.charCodeAt(at) & 0x0f) << 12) | ((text.charCodeAt(at + 1) & 0x3f) << 6) | (text.charCodeAt(at + 2) & 0x3f);
  const mended = Buffer.from(bytes)
    .toString("latin1")
    .replace(HALVES, (pair) => Buffer.from(String.fromCharCode(unit(pair, 0), unit(pair, 3))).toString("latin1"));
  return Buffer.from(mended, "latin1");
}

/** A network's answer to a service code. Some gateways hand it on as the modem said it: characters as UCS2 or packed, in hexadecimal. */
export function readableAnswer(answer: string): string {
  const text = answer.trim();
  return /^[0-9A-F]{4,}$/i.test(text) ? decodeUssd(text, undefined, "text").trim() : text;
}
