import { headerOf, type SipRequest, type SipResponse } from "../parser/index.ts";
import { supports } from "./session-timer.ts";

/** Which provisional response a PRACK means (RFC 3262 §7.2). */
export interface Rack {
  readonly rseq: number;
  readonly cseq: number;
  readonly method: string;
}

/** Reads the RAck of a PRACK; undefined when it is none. */
export function rackOf(prack: SipRequest): Rack | undefined {
  const [, rseq, cseq, method] = /^\s*([0-9]{1,10})\s+([0-9]{1,10})\s+(\S+)\s*$/.exec(headerOf(prack, "rack") ?? "") ?? [];
  return method === undefined ? undefined : { rseq: Number(rseq), cseq: Number(cseq), method };
}

/** The number of a provisional response that wants a PRACK; undefined for one that does not. */
export function rseqOf(response: SipResponse): number | undefined {
  const [digits] = /^[0-9]{1,10}$/.exec(headerOf(response, "rseq")?.trim() ?? "") ?? [];
  return response.status > 100 && response.status < 200 && digits !== undefined && supports(response, "100rel")
    ? Number(digits)
    : undefined;
}
