/** Which part of a longer text a message is (TS 23.040 §9.2.3.24.1, §9.2.3.24.8). */
export interface Concatenation {
  /** 8 bits, or 16 where `wide`. Equal for all parts of one text. */
  readonly reference: number;
  readonly total: number;
  /** From 1. */
  readonly part: number;
  readonly wide?: boolean;
}

/** What is understood of a user data header. */
export interface Header {
  readonly concatenation?: Concatenation;
  /** Application ports: the message is for a program, not for people (§9.2.3.24.3, .4). */
  readonly ports?: { readonly destination: number; readonly source: number };
  /** National language tables (§9.2.3.24.15, .16). */
  readonly singleShift?: boolean;
  readonly lockingShift?: boolean;
}

const CONCATENATION = 0x00;
const PORTS_8 = 0x04;
const PORTS_16 = 0x05;
const CONCATENATION_WIDE = 0x08;
const SINGLE_SHIFT = 0x24;
const LOCKING_SHIFT = 0x25;

function element(id: number, data: Uint8Array): Header {
  const [a = 0, b = 0, c = 0, d = 0] = data;
  if (id === CONCATENATION && data.length === 3) return concatenated({ reference: a, total: b, part: c });
  if (id === CONCATENATION_WIDE && data.length === 4) {
    return concatenated({ reference: (a << 8) | b, total: c, part: d, wide: true });
  }
  if (id === PORTS_8 && data.length === 2) return { ports: { destination: a, source: b } };
  if (id === PORTS_16 && data.length === 4) return { ports: { destination: (a << 8) | b, source: (c << 8) | d } };
  if (id === SINGLE_SHIFT) return { singleShift: true };
  if (id === LOCKING_SHIFT) return { lockingShift: true };
  return {};
}

/** Numbers that make no sense are to be passed over (§9.2.3.24.1). */
function concatenated(concatenation: Concatenation): Header {
  const { total, part } = concatenation;
  return part >= 1 && part <= total ? { concatenation } : {};
}

/** Reads a header without its length octet. One that does not add up is passed over whole (§9.2.3.24). */
export function decodeHeader(bytes: Uint8Array): Header {
  let header: Header = {};
  let at = 0;
  while (at < bytes.length) {
    const id = bytes[at] ?? 0;
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length) return {};
    header = { ...header, ...element(id, bytes.subarray(at + 2, at + 2 + length)) };
    at += 2 + length;
  }
  return header;
}

/** With its length octet; empty where there is nothing to say. */
export function encodeHeader({ concatenation, ports }: Header): Uint8Array {
  const elements: number[] = [];
  if (ports) {
    const { destination, source } = ports;
    elements.push(PORTS_16, 4, destination >> 8, destination & 0xff, source >> 8, source & 0xff);
  }
  if (concatenation) {
    const { reference, total, part, wide } = concatenation;
    if (wide) elements.push(CONCATENATION_WIDE, 4, (reference >> 8) & 0xff, reference & 0xff, total, part);
    else elements.push(CONCATENATION, 3, reference & 0xff, total, part);
  }
  return elements.length === 0 ? new Uint8Array() : Uint8Array.from([elements.length, ...elements]);
}
