import type { LineFault } from "../../line/index.ts";
import type { PortReport } from "../management.ts";
import { operatorName, radioOf } from "../radio.ts";

/** The gateway's own name of a socket: its printed number and one (Yeastar, "How to Use TG SMS API"). */
export const spanOf = (port: number): number => port + 1;
export const portOfSpan = (span: number): number => span - 1;

export interface Span {
  readonly port: number;
  /** "Power on, Provisioned, Up, Active,Standard" */
  readonly status: string;
}

/** Reads the answer to "gsm show spans". */
export function parseSpans(output: string): readonly Span[] {
  const lines = output.matchAll(/^\s*GSM span (\d+):\s*(.*)$/gim);
  return [...lines].map(([, span, status = ""]) => ({ port: portOfSpan(Number(span)), status: status.trim() }));
}

export interface SpanDetails {
  readonly rssi: number | undefined;
  readonly operator: string | undefined;
  readonly imsi: string;
  readonly number: string;
  /** "READY" while nothing goes on. */
  readonly state: string;
  readonly registration: string;
}

/** Reads the answer to "gsm show span N". Firmwares differ in which lines they have. */
export function parseSpanDetails(output: string): SpanDetails {
  const value = (name: string) => new RegExp(`^\\s*${name}:[ \\t]*(.*)$`, "im").exec(output)?.[1]?.trim() ?? "";
  const signal = /^\s*Signal Quality[^:]*:\s*(-?\d+)/im.exec(output)?.[1];
  return {
    rssi: signal === undefined ? undefined : Number(signal),
    operator: value("Network Name") || undefined,
    imsi: value("SIM IMSI"),
    number: value("Own Number"),
    state: value("State"),
    registration: value("Network Status"),
  };
}

/** The socket as we tell it. */
export function portOf({ port, status }: Span, details: SpanDetails | undefined): PortReport {
  const fault = faultOf(status, details?.registration ?? "");
  const operator = details?.operator ?? operatorName(details?.imsi ?? "");
  const roaming = /roaming/i.test(details?.registration ?? "");
  const more = { ...(operator !== undefined && { operator }), ...(roaming && { roaming }) };
  const radio = details?.rssi === undefined ? undefined : radioOf(details.rssi, more);
  return {
    port,
    state: fault ? "down" : /call|ring|dial|active/i.test(details?.state ?? "") ? "busy" : "idle",
    ...(fault && { fault, reason: status }),
    ...(details?.number && { number: details.number }),
    ...(details?.imsi && { imsi: details.imsi }),
    ...(radio && { radio }),
  };
}

function faultOf(status: string, registration: string): LineFault | undefined {
  if (/power\s*off/i.test(status)) return "switched-off";
  if (/undetected|no sim/i.test(status)) return "no-sim";
  if (/\bpuk\b/i.test(status)) return "puk-needed";
  if (/\bpin\b/i.test(status)) return "pin-needed";
  if (/denied/i.test(registration)) return "registration-denied";
  return /\bup\b/i.test(status) ? undefined : "searching";
}
