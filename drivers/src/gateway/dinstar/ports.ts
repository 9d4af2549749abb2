import type { LineFault } from "../../line/index.ts";
import type { PortReport } from "../management.ts";
import { operatorName, radioOf } from "../radio.ts";
import type { PortInfo } from "./api.ts";

/** The socket as we tell it. Firmwares write these states in several ways, in capitals or with blanks for low lines. */
export function portOf({ port, type, imsi, iccid, number, reg = "", callstate = "", signal }: PortInfo): PortReport {
  const fault = faultOf(reg);
  const technology = { gsm: "2G", wcdma: "3G", umts: "3G", lte: "4G", volte: "4G" }[(type ?? "").toLowerCase()];
  const operator = operatorName(imsi ?? "");
  const more = { ...(operator !== undefined && { operator }), ...(technology !== undefined && { technology }) };
  const radio = signal === undefined ? undefined : radioOf(signal, more);
  return {
    port,
    state: fault ? "down" : isIdle(callstate) ? "idle" : "busy",
    ...(fault && { fault, reason: reg === "" ? "it does not tell whether it is registered" : reg }),
    ...(number && { number }),
    ...(iccid && { iccid }),
    ...(imsi && { imsi }),
    ...(radio && { radio }),
  };
}

const wordOf = (state: string) =>
  state
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");

const isIdle = (state: string) => ["", "idle", "free", "ready"].includes(wordOf(state));

function faultOf(reg: string): LineFault | undefined {
  const word = wordOf(reg);
  if (["register_ok", "registered", "mobile_registered"].includes(word)) return undefined;
  if (/no_?sim|sim_absent|not_inserted/.test(word)) return "no-sim";
  if (/pin/.test(word)) return "pin-needed";
  if (/puk/.test(word)) return "puk-needed";
  if (/power|disable|block|lock/.test(word)) return "switched-off";
  if (/den|reject|forbid|fail/.test(word)) return "registration-denied";
  return "searching";
}
