import type { Log } from "@sitebox/core/kernel";
import { LineError } from "./line.ts";

/** A procedure (3GPP TS 22.030 §6.5.2): what is to be done, the service's number, what is supplied with it. */
const PROCEDURE = /^(?<order>\*\*|\*#|##|\*|#)(?<service>\d+)(?:\*[0-9+]*)*#$/;
/** What goes on in a menu: a choice, or the way back. */
const CHOICE = /^(?:\+?\d+|\*|#)$/;
const LONGEST = 32;
const ASKING = "*#";

/**
 * Numbers of services that can be ordered, of three digits (22.030 annex B and §6.6, and what networks add): forwarding 002 004, PIN and PUK 042
 * 052, callers barred 156 157, follow me 214, names 300, barring 33x 35x, user-to-user signalling 36x, profiles 59x, precedence 75x.
 */
const ORDERED = /^(?:00[24]|0[45]2|15[67]|214|300|33[0-3]|35[13]|36[0-3]|59\d|75\d)$/;

/**
 * Whether a code asks only. "**" and "##" always order something; "*" and "#" do with the numbers above and all shorter ones, which belong to
 * services in mobile networks (21 forwards, 31 hides the number, 33 bars, 03 and 04 change password and PIN) and in exchanges (57 forwards).
 */
function asksOnly({ order, service }: { readonly order: string; readonly service: string }): boolean {
  if (order === ASKING) return true;
  return order.length === 1 && service.length > 2 && !ORDERED.test(service);
}

/** The service without what is supplied with it, which may be somebody's number or a PIN. */
const serviceOf = (code: string): string | undefined => /^[*#]+\d{1,3}/.exec(code)?.[0];

/**
 * Lets a service code pass that asks something, or chooses from a menu. An order is refused whoever gives it: hiding the line's number is
 * forbidden (Anti-Telecom-Fraud Law, art. 14), and forwarding, barring, passwords and PINs are for the owner of the SIM with a telephone.
 * To be asked before the code is encoded for a device. @throws LineError service-code-orders, service-code-unfit
 */
export function checkServiceCode(code: string, log: Log): void {
  const { order, service } = PROCEDURE.exec(code)?.groups ?? {};
  if (code.length > LONGEST || (order === undefined && !CHOICE.test(code)))
    throw new LineError("a service code has digits, * and #, and ends with #", { code: "service-code-unfit" });
  if (order === undefined || service === undefined || asksOnly({ order, service })) {
    log.info("a service code is asked", { service: serviceOf(code) });
    return;
  }
  log.warn("a service code was refused: it orders something", { service: serviceOf(code) });
  throw new LineError("this service code is an order, such as to forward calls or to hide the number, and is not sent", {
    code: "service-code-orders",
  });
}
