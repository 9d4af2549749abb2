/** The GSM 7-bit default alphabet, by septet (3GPP TS 23.038 §6.2.1). 0x1B is the escape to the extension table. */
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅå" +
  "Δ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ" +
  " !\"#¤%&'()*+,-./" +
  "0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNO" +
  "PQRSTUVWXYZÄÖÑÜ§" +
  "¿abcdefghijklmno" +
  "pqrstuvwxyzäöñüà";

/** The extension table (TS 23.038 §6.2.1.1): what follows an escape. */
const EXTENSION: ReadonlyMap<number, string> = new Map([
  [0x0a, "\f"],
  [0x14, "^"],
  [0x28, "{"],
  [0x29, "}"],
  [0x2f, "\\"],
  [0x3c, "["],
  [0x3d, "~"],
  [0x3e, "]"],
  [0x40, "|"],
  [0x65, "€"],
]);

export const ESCAPE = 0x1b;

const SEPTETS: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...[...BASIC].map((character, septet): [string, readonly number[]] => [character, [septet]]),
  ...[...EXTENSION].map(([septet, character]): [string, readonly number[]] => [character, [ESCAPE, septet]]),
]);

/** The one or two septets of each character, or undefined where one of them is not in the alphabet. */
export function septetsOf(text: string): readonly (readonly number[])[] | undefined {
  const all: (readonly number[])[] = [];
  for (const character of text) {
    const septets = SEPTETS.get(character);
    if (!septets || character === "\u001b") return undefined;
    all.push(septets);
  }
  return all;
}

/** What stands for something that cannot be shown. */
export const REPLACEMENT = "\ufffd";

/** Tables of a national language (TS 23.038 §6.2.1.2) that a text was written with; we have none of them. */
export interface Shifts {
  readonly locking: boolean;
  readonly single: boolean;
}

/** Letters, digits and breaks stand at the same places in the locking tables of all languages; all else may be another character. */
const isCommon = (character: string) => /[A-Za-z0-9 \n\r]/.test(character);

/**
 * The text of septets. What is in no table is shown as the basic alphabet has it (TS 23.038 §6.2.1.1); where the table that was used is
 * not known, a replacement mark stands for it.
 */
export function textOfSeptets(septets: readonly number[], shifts: Shifts = { locking: false, single: false }): string {
  let text = "";
  for (let at = 0; at < septets.length; at++) {
    const septet = septets[at] ?? 0;
    if (septet !== ESCAPE) {
      const character = BASIC[septet] ?? REPLACEMENT;
      text += shifts.locking && !isCommon(character) ? REPLACEMENT : character;
      continue;
    }
    at += 1;
    const shifted = septets[at];
    // An escape at the very end, or a second one, which is kept for further tables, shows as a space.
    if (shifted === undefined || shifted === ESCAPE) text += " ";
    else text += shifts.single ? REPLACEMENT : (EXTENSION.get(shifted) ?? BASIC[shifted] ?? REPLACEMENT);
  }
  return text;
}

/** Packs septets into octets, the first at the lowest bits, behind `fillBits` bits of zero (TS 23.038 §6.1.2.1). */
export function packSeptets(septets: readonly number[], fillBits = 0): Uint8Array {
  const octets = new Uint8Array(Math.ceil((fillBits + septets.length * 7) / 8));
  septets.forEach((septet, at) => {
    const bit = fillBits + at * 7;
    const shifted = septet << (bit % 8);
    octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (shifted & 0xff);
    if (shifted > 0xff) octets[(bit >> 3) + 1] = shifted >> 8;
  });
  return octets;
}

/** Unpacks `count` septets behind `fillBits`; octets that are not there count as zero. */
export function unpackSeptets(octets: Uint8Array, count: number, fillBits = 0): number[] {
  return Array.from({ length: count }, (_, at) => {
    const bit = fillBits + at * 7;
    const pair = (octets[bit >> 3] ?? 0) | ((octets[(bit >> 3) + 1] ?? 0) << 8);
    return (pair >> (bit % 8)) & 0x7f;
  });
}
