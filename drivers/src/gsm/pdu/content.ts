import { packSeptets, septetsOf, textOfSeptets, unpackSeptets } from "./alphabet.ts";

/**
 * What one message carries, in the units of its alphabet. It becomes text only when all parts are together, as there are senders that cut
 * within a character.
 */
export type Content =
  | {
      readonly alphabet: "gsm";
      readonly septets: readonly number[];
      readonly lockingShift?: boolean;
      readonly singleShift?: boolean;
    }
  | { readonly alphabet: "ucs2"; readonly units: string }
  | { readonly alphabet: "data"; readonly bytes: Uint8Array };

/** The alphabet of a TP-DCS (TS 23.038 §4). Reserved codings count as the default alphabet; compressed text cannot be read. */
export function alphabetOf(dcs: number): Content["alphabet"] {
  const group = dcs >> 4;
  if (group < 8) {
    if (dcs & 0x20) return "data";
    return (["gsm", "data", "ucs2", "gsm"] as const)[(dcs >> 2) & 3] ?? "gsm";
  }
  if (group === 0xe) return "ucs2";
  return group === 0xf && dcs & 0x4 ? "data" : "gsm";
}

/** Shown at once and not kept by telephones: message class 0 (§4). */
export function isFlash(dcs: number): boolean {
  const group = dcs >> 4;
  return (group < 8 && (dcs & 0x13) === 0x10) || (group === 0xf && (dcs & 0x3) === 0);
}

export const dcsOf = (alphabet: Content["alphabet"]): number => ({ gsm: 0x00, data: 0x04, ucs2: 0x08 })[alphabet];

/** The same units as two octets each, high one first. */
function ucs2Bytes(units: string): Uint8Array {
  return Buffer.from(units, "utf16le").swap16();
}

function ucs2Units(bytes: Uint8Array): string {
  // Half a unit at the end is no character.
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString("utf16le");
}

/** Octets of the TP-UD behind a header of `headerOctets` (0: none), and the TP-UDL that counts both (TS 23.040 §9.2.3.16, §9.2.3.24). */
export function encodeContent(content: Content, headerOctets: number): { bytes: Uint8Array; length: number } {
  if (content.alphabet === "gsm") {
    const headerSeptets = Math.ceil((headerOctets * 8) / 7);
    const bytes = packSeptets(content.septets, headerSeptets * 7 - headerOctets * 8);
    return { bytes, length: headerSeptets + content.septets.length };
  }
  const bytes = content.alphabet === "ucs2" ? ucs2Bytes(content.units) : content.bytes;
  return { bytes, length: headerOctets + bytes.length };
}

/** `bytes` behind the header, `length` the whole TP-UDL. */
export function decodeContent(alphabet: Content["alphabet"], bytes: Uint8Array, length: number, headerOctets: number): Content {
  if (alphabet === "ucs2") return { alphabet, units: ucs2Units(bytes) };
  if (alphabet === "data") return { alphabet, bytes };
  const headerSeptets = Math.ceil((headerOctets * 8) / 7);
  const septets = unpackSeptets(bytes, Math.max(0, length - headerSeptets), headerSeptets * 7 - headerOctets * 8);
  return { alphabet, septets };
}

/** Text that came as mere bytes: UTF-8 where it is that, else Latin-1. What cannot be shown has a replacement mark. */
function textOfBytes(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    text = Buffer.from(bytes).toString("latin1");
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be replaced
  return text.replace(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** Whether two neighbours are one run of units: what was cut between them is whole again. */
function join(one: Content, other: Content): Content | undefined {
  if (one.alphabet === "ucs2" && other.alphabet === "ucs2") return { alphabet: "ucs2", units: one.units + other.units };
  if (one.alphabet === "data" && other.alphabet === "data") {
    return { alphabet: "data", bytes: Buffer.concat([one.bytes, other.bytes]) };
  }
  if (one.alphabet === "gsm" && other.alphabet === "gsm") {
    if (one.lockingShift !== other.lockingShift || one.singleShift !== other.singleShift) return undefined;
    return { ...one, septets: [...one.septets, ...other.septets] };
  }
  return undefined;
}

function textOfOne(content: Content): string {
  if (content.alphabet === "ucs2") return content.units.toWellFormed();
  if (content.alphabet === "data") return textOfBytes(content.bytes);
  return textOfSeptets(content.septets, { locking: content.lockingShift === true, single: content.singleShift === true });
}

/** The text of the parts in their order. */
export function textOf(parts: readonly Content[]): string {
  const runs: Content[] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    const joined = last && join(last, part);
    if (joined) runs[runs.length - 1] = joined;
    else runs.push(part);
  }
  return runs.map(textOfOne).join("");
}

/** Units of one part: alone, behind the header with an 8-bit reference, behind the one with 16 bits. */
const ROOM = { gsm: { alone: 160, narrow: 153, wide: 152 }, ucs2: { alone: 70, narrow: 67, wide: 66 } } as const;

/** Puts pieces that are not to be cut into as few parts as their order allows. */
function fill<T extends { readonly length: number }>(pieces: Iterable<T>, room: number): T[][] {
  const parts: T[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    if (used + piece.length > room) {
      parts.push([]);
      used = 0;
    }
    parts.at(-1)?.push(piece);
    used += piece.length;
  }
  return parts;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** What people see as one character stays in one part, unless it is longer than that: then its code points do. */
function* pieces(text: string, room: number): Iterable<string> {
  for (const { segment } of graphemes.segment(text)) {
    if (segment.length <= room) yield segment;
    else yield* segment;
  }
}

/**
 * Cuts a text into what one message each can carry, in the GSM alphabet where it has all characters, else in UCS2. One part needs no
 * concatenation; several need it, with references of 16 bits where `wide`. Halves of surrogate pairs alone become replacement marks.
 */
export function splitText(text: string, { wide = false }: { readonly wide?: boolean } = {}): readonly Content[] {
  const septets = septetsOf(text);
  const header = wide ? "wide" : "narrow";
  if (septets) {
    const all = septets.flat();
    if (all.length <= ROOM.gsm.alone) return [{ alphabet: "gsm", septets: all }];
    return fill(septets, ROOM.gsm[header]).map((part) => ({ alphabet: "gsm", septets: part.flat() }));
  }
  const whole = text.toWellFormed();
  if (whole.length <= ROOM.ucs2.alone) return [{ alphabet: "ucs2", units: whole }];
  const room = ROOM.ucs2[header];
  return fill(pieces(whole, room), room).map((part) => ({ alphabet: "ucs2", units: part.join("") }));
}
