import { packSeptets, septetsOf, textOfSeptets, unpackSeptets } from "./alphabet.ts";
import type { Octets } from "./octets.ts";
import { PduError } from "./pdu-error.ts";

/** Semi-octets of numbers (TS 23.040 §9.1.2.3); F fills up. */
const DIGITS = "0123456789*#abc";

const INTERNATIONAL = 1;
const ALPHANUMERIC = 5;

/** Swapped semi-octets: the first digit is in the lower half. */
export function semiOctets(digits: string): Uint8Array {
  const values = [...digits].map((digit) => DIGITS.indexOf(digit));
  return Uint8Array.from(
    { length: Math.ceil(values.length / 2) },
    (_, at) => ((values[at * 2 + 1] ?? 0xf) << 4) | (values[at * 2] ?? 0xf),
  );
}

/** At most `count` digits; a filler ends them, as some networks count one too many. */
function digitsOf(octets: Uint8Array, count: number): string {
  let digits = "";
  for (const octet of octets) digits += [octet & 0xf, octet >> 4].map((value) => DIGITS[value] ?? "f").join("");
  return digits.slice(0, count).replace(/f.*$/, "");
}

const typeOf = (octet: number) => (octet >> 4) & 0x7;

function shownAs(type: number, octets: Uint8Array, semiOctetCount: number): string {
  if (type === ALPHANUMERIC) return textOfSeptets(unpackSeptets(octets, Math.floor((semiOctetCount * 4) / 7)));
  const digits = digitsOf(octets, semiOctetCount);
  return type === INTERNATIONAL && digits !== "" ? `+${digits}` : digits;
}

/** A TP-OA, TP-DA or TP-RA: "+8613800138000", "10086", or a name such as "BANK" (§9.1.2.5). */
export function decodeAddress(octets: Octets, what: string): string {
  const length = octets.octet(`the length of ${what}`);
  // §9.1.2.5 allows 20 semi-octets; names of eleven characters have 20, and no network sends more.
  if (length > 32) throw new PduError(`${what} states ${length} digits`);
  const type = typeOf(octets.octet(`the type of ${what}`));
  return shownAs(type, octets.take(Math.ceil(length / 2), what), length);
}

/** The number of the service centre in front of the PDU (TS 27.005 §3.1): its length counts octets. Undefined where the modem uses its own. */
export function decodeServiceCentre(octets: Octets): string | undefined {
  const length = octets.octet("the length of the service centre");
  if (length === 0) return undefined;
  const [type = 0, ...digits] = octets.take(length, "the service centre");
  return shownAs(typeOf(type), Uint8Array.from(digits), digits.length * 2);
}

/** Type and digits of a number, or undefined where it is none. */
function numberOf(address: string): { type: number; digits: string } | undefined {
  const [, plus, digits] = /^(\+?)([0-9*#abc]{1,20})$/.exec(address) ?? [];
  if (digits === undefined) return undefined;
  // Numbering plan 1: E.164. "Unknown" leaves it to the network what 10086 and 13800138000 are.
  return { type: plus === "+" ? 0x91 : 0x81, digits };
}

/** To whom a text goes. @throws PduError where it is no number of up to 20 digits */
export function encodeNumber(address: string, what: string): Uint8Array {
  const number = numberOf(address);
  if (!number) throw new PduError(`${what} is no number of 1 to 20 digits`);
  return Uint8Array.from([number.digits.length, number.type, ...semiOctets(number.digits)]);
}

/** From whom a text comes. @throws PduError where it is neither a number of up to 20 digits nor a name of up to 11 characters */
export function encodeAddress(address: string, what: string): Uint8Array {
  if (numberOf(address)) return encodeNumber(address, what);
  const septets = septetsOf(address)?.flat();
  if (!septets || septets.length === 0 || septets.length > 11) throw new PduError(`${what} is no number and no name of a sender`);
  return Uint8Array.from([Math.ceil((septets.length * 7) / 4), 0xd0, ...packSeptets(septets)]);
}

/** @throws PduError where it is no number */
export function encodeServiceCentre(number: string | undefined): Uint8Array {
  if (number === undefined) return Uint8Array.of(0);
  const parsed = numberOf(number);
  if (!parsed) throw new PduError("the service centre is no number");
  const digits = semiOctets(parsed.digits);
  return Uint8Array.from([digits.length + 1, parsed.type, ...digits]);
}
