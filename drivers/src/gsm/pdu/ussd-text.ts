import { packSeptets, septetsOf, textOfSeptets, unpackSeptets } from "./alphabet.ts";
import { hexOfBytes } from "./octets.ts";

const CARRIAGE_RETURN = 0x0d;

/**
 * Text of a service code as packed septets in hexadecimal (TS 23.038 §6.1.2.3): where seven bits would be left over, which would read as
 * another "@", they hold a carriage return. Undefined where a character is not in the alphabet.
 */
export function packText(text: string): string | undefined {
  const septets = septetsOf(text)?.flat();
  if (!septets) return undefined;
  return hexOfBytes(packSeptets(septets.length % 8 === 7 ? [...septets, CARRIAGE_RETURN] : septets));
}

/** The text of packed septets, without the carriage return that fills them up. */
export function unpackText(bytes: Uint8Array): string {
  const septets = unpackSeptets(bytes, Math.floor((bytes.length * 8) / 7));
  // Seven zero bits behind the last character are no "@" either: some networks fill up with them.
  if (septets.length % 8 === 0 && (septets.at(-1) === CARRIAGE_RETURN || septets.at(-1) === 0)) septets.pop();
  return textOfSeptets(septets);
}
