import { alphabetOf, type Content, dcsOf, decodeContent, encodeContent } from "./content.ts";
import { type Concatenation, decodeHeader, encodeHeader, type Header } from "./header.ts";
import type { Octets } from "./octets.ts";
import { PduError } from "./pdu-error.ts";

/** What a message carries and as which part of what. */
export interface UserData {
  readonly content: Content;
  readonly concatenation?: Concatenation;
  readonly ports?: { readonly destination: number; readonly source: number };
}

/** Octets of a TP-UD of one message (TS 23.040 §9.2.3.16). */
const MOST_OCTETS = 140;

/** TP-DCS apart, as other elements stand between. @throws PduError where the message cannot carry it */
export function encodeUserData({ content, concatenation, ports }: UserData): { dcs: number; bytes: Uint8Array; headed: boolean } {
  const header = encodeHeader({ ...(concatenation && { concatenation }), ...(ports && { ports }) });
  const { bytes, length } = encodeContent(content, header.length);
  if (header.length + bytes.length > MOST_OCTETS) {
    throw new PduError(`one message carries ${MOST_OCTETS} octets, this part has ${header.length + bytes.length}`);
  }
  return { dcs: dcsOf(content.alphabet), bytes: Uint8Array.from([length, ...header, ...bytes]), headed: header.length > 0 };
}

/** Reads TP-UDL and TP-UD. */
export function decodeUserData(octets: Octets, dcs: number, headed: boolean): UserData {
  const length = octets.octet("the length of the text");
  const alphabet = alphabetOf(dcs);
  const data = octets.take(alphabet === "gsm" ? Math.ceil((length * 7) / 8) : length, "the text");
  if (!headed) return { content: decodeContent(alphabet, data, length, 0) };
  const headerOctets = (data[0] ?? 0) + 1;
  if (headerOctets > data.length) {
    throw new PduError(`the header of the text states ${headerOctets - 1} octets, the text has ${data.length}`);
  }
  const header = decodeHeader(data.subarray(1, headerOctets));
  const content = decodeContent(alphabet, data.subarray(headerOctets), length, headerOctets);
  const { concatenation, ports } = header;
  return { content: shifted(content, header), ...(concatenation && { concatenation }), ...(ports && { ports }) };
}

function shifted(content: Content, { lockingShift, singleShift }: Header): Content {
  if (content.alphabet !== "gsm") return content;
  return { ...content, ...(lockingShift && { lockingShift }), ...(singleShift && { singleShift }) };
}
