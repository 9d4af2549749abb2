import { decodeAddress, decodeServiceCentre, encodeAddress, encodeNumber, encodeServiceCentre } from "./address.ts";
import { isFlash } from "./content.ts";
import { bytesOfHex, hexOfBytes, Octets } from "./octets.ts";
import { PduError } from "./pdu-error.ts";
import { decodeTimestamp, decodeValidity, encodeTimestamp, encodeValidity } from "./timestamp.ts";
import { decodeUserData, encodeUserData, type UserData } from "./user-data.ts";

/** A text from the network (TS 23.040 §9.2.2.1). */
export interface Deliver extends UserData {
  readonly type: "deliver";
  readonly serviceCentre?: string;
  readonly from: string;
  /** By the service centre's clock, epoch ms; undefined where it is no time. */
  readonly sentAt: number | undefined;
  /** The same as it came, to tell one text from another. */
  readonly timestamp: string;
  /** Meant to be shown at once, not kept. */
  readonly flash: boolean;
  /** Not for people: the network only looks whether the telephone is there (§9.2.3.9, short message type 0). */
  readonly silent: boolean;
}

/** What became of a text of ours (§9.2.2.3). */
export interface StatusReport {
  readonly type: "status-report";
  /** TP-MR: the one that +CMGS told. */
  readonly reference: number;
  readonly to: string;
  /** "trying": not settled yet, another report follows. */
  readonly outcome: "delivered" | "trying" | "failed";
  /** TP-ST (§9.2.3.15). */
  readonly status: number;
  /** When it came to be so, epoch ms. */
  readonly at: number | undefined;
}

/** A text to the network (§9.2.2.2). */
export interface Submit extends UserData {
  readonly type: "submit";
  /** Absent: the one that the SIM has. */
  readonly serviceCentre?: string;
  readonly to: string;
  /** TP-MR. Modems put their own. */
  readonly reference?: number;
  /** How long the network tries, minutes. Absent: as long as it does by itself. */
  readonly validityMinutes?: number;
  /** TP-SRR: a status report is wanted. */
  readonly report: boolean;
}

const USER_DATA_HEADER = 0x40;
const SILENT = 0x40;

/** What a modem got or keeps, as +CMT, +CDS, +CMGR and +CMGL tell it: service centre, then DELIVER or STATUS-REPORT. @throws PduError */
export function decodeIncoming(hex: string): Deliver | StatusReport {
  const octets = new Octets(bytesOfHex(hex));
  const serviceCentre = decodeServiceCentre(octets);
  const first = octets.octet("the message type");
  const type = first & 0x3;
  if (type === 1) throw new PduError("the PDU is the answer to a text that was sent, no text (message type 1)");
  // Reserved types are to be read as DELIVER (§9.2.3.1).
  return type === 2 ? decodeStatusReport(octets) : decodeDeliver(octets, first, serviceCentre);
}

function decodeDeliver(octets: Octets, first: number, serviceCentre: string | undefined): Deliver {
  const from = decodeAddress(octets, "the sender");
  const protocol = octets.octet("the protocol identifier");
  const dcs = octets.octet("the coding");
  const timestamp = octets.take(7, "the time");
  return {
    type: "deliver",
    ...(serviceCentre !== undefined && { serviceCentre }),
    from,
    sentAt: decodeTimestamp(timestamp),
    timestamp: hexOfBytes(timestamp),
    flash: isFlash(dcs),
    silent: protocol === SILENT,
    ...decodeUserData(octets, dcs, (first & USER_DATA_HEADER) !== 0),
  };
}

/** §9.2.3.15: 0 to 31 are done, 32 to 63 go on, 64 to 95 failed for good, 96 to 127 failed and are not tried again; the rest is reserved. */
function outcomeOf(status: number): StatusReport["outcome"] {
  if (status < 0x20) return "delivered";
  return status < 0x40 ? "trying" : "failed";
}

function decodeStatusReport(octets: Octets): StatusReport {
  const reference = octets.octet("the reference");
  const to = decodeAddress(octets, "the recipient");
  octets.take(7, "the time of sending");
  const at = decodeTimestamp(octets.take(7, "the time of the report"));
  const status = octets.octet("the status");
  return { type: "status-report", reference, to, outcome: outcomeOf(status), status, at };
}

/** @throws PduError */
export function decodeSubmit(hex: string): Submit {
  const octets = new Octets(bytesOfHex(hex));
  const serviceCentre = decodeServiceCentre(octets);
  const first = octets.octet("the message type");
  if ((first & 0x3) !== 1) throw new PduError(`the PDU is no SUBMIT but of message type ${first & 0x3}`);
  const reference = octets.octet("the reference");
  const to = decodeAddress(octets, "the recipient");
  octets.octet("the protocol identifier");
  const dcs = octets.octet("the coding");
  const validity = validityOf(octets, first);
  return {
    type: "submit",
    ...(serviceCentre !== undefined && { serviceCentre }),
    to,
    reference,
    ...(validity !== undefined && { validityMinutes: validity }),
    report: (first & 0x20) !== 0,
    ...decodeUserData(octets, dcs, (first & USER_DATA_HEADER) !== 0),
  };
}

/** TP-VPF (§9.2.3.3): absolute and enhanced periods are passed over. */
function validityOf(octets: Octets, first: number): number | undefined {
  const format = (first >> 3) & 0x3;
  if (format === 2) return decodeValidity(octets.octet("the validity"));
  if (format !== 0) octets.take(7, "the validity");
  return undefined;
}

/** A PDU for +CMGS and +CMGW. `length` is the one they ask for: octets without the service centre (TS 27.005 §4.3). */
export interface EncodedPdu {
  readonly hex: string;
  readonly length: number;
}

function encoded(serviceCentre: string | undefined, parts: readonly (readonly number[] | Uint8Array)[]): EncodedPdu {
  const body = parts.flatMap((part) => [...part]);
  return { hex: hexOfBytes(Uint8Array.from([...encodeServiceCentre(serviceCentre), ...body])), length: body.length };
}

/** @throws PduError where the number is none, or the text too long for one message */
export function encodeSubmit(submit: Omit<Submit, "type">): EncodedPdu {
  const { dcs, bytes, headed } = encodeUserData(submit);
  const { validityMinutes } = submit;
  const relative = validityMinutes === undefined ? 0 : 0x10;
  const first = 0x01 | relative | (submit.report ? 0x20 : 0) | (headed ? USER_DATA_HEADER : 0);
  return encoded(submit.serviceCentre, [
    [first, submit.reference ?? 0],
    encodeNumber(submit.to, "the recipient"),
    [0, dcs],
    validityMinutes === undefined ? [] : [encodeValidity(validityMinutes)],
    bytes,
  ]);
}

/** What a service centre sends to a telephone, for networks of tests. `zoneMinutes`: its zone, east of Greenwich. @throws PduError */
export function encodeDeliver(
  deliver: UserData & Pick<Deliver, "from" | "serviceCentre"> & { readonly sentAt: number; readonly zoneMinutes?: number },
): EncodedPdu {
  const { dcs, bytes, headed } = encodeUserData(deliver);
  return encoded(deliver.serviceCentre, [
    [0x04 | (headed ? USER_DATA_HEADER : 0)],
    encodeAddress(deliver.from, "the sender"),
    [0, dcs],
    encodeTimestamp(deliver.sentAt, deliver.zoneMinutes),
    bytes,
  ]);
}

/** What a service centre tells of a text, for networks of tests. @throws PduError */
export function encodeStatusReport(
  report: Pick<StatusReport, "reference" | "to" | "status"> & {
    readonly sentAt: number;
    readonly at: number;
    readonly serviceCentre?: string;
  },
): EncodedPdu {
  return encoded(report.serviceCentre, [
    [0x06, report.reference],
    encodeNumber(report.to, "the recipient"),
    encodeTimestamp(report.sentAt),
    encodeTimestamp(report.at),
    [report.status],
  ]);
}
