import type { Reason } from "@sitebox/core/contract";
import { AtError } from "../at/index.ts";

/** What a refused text means to whoever sent it. */
export interface Refusal {
  readonly reason: string;
  /** The same may go through later. */
  readonly retry: boolean;
}

const later = (reason: Reason): Refusal => ({ reason, retry: true });
const never = (reason: Reason): Refusal => ({ reason, retry: false });

/** +CMS ERROR (27.005 §3.2.5; up to 127 as the network tells it by 24.011 annex E, 128 to 255 by 23.040 §9.2.3.22). */
const CMS: Readonly<Record<number, Refusal>> = {
  1: never("there is no such number"),
  8: never("the operator has barred texts on this SIM"),
  10: never("texts are barred on this SIM"),
  11: never("the network does not know this kind of text"),
  17: later("the network has failed"),
  21: never("the network rejects the text"),
  22: later("the network is congested"),
  27: later("the recipient cannot be reached"),
  28: never("the network does not know this SIM"),
  29: never("the network refuses the service"),
  30: never("the network does not know the recipient"),
  38: later("the network is out of order"),
  41: later("the network has failed for a moment"),
  42: later("the network is congested"),
  47: later("the network has no room"),
  50: never("this SIM has no texts in its contract"),
  69: never("the network does not carry such texts"),
  81: never("the network does not know the text"),
  95: never("the network does not understand the text"),
  96: never("the network does not understand the text"),
  97: never("the network does not understand the text"),
  98: later("the network does not take the text now"),
  99: never("the network does not understand the text"),
  111: later("the network made a mistake"),
  127: later("the network does not say why"),
  128: never("the text centre does not carry such texts"),
  143: never("the text centre does not carry such texts"),
  144: never("the text centre does not know the alphabet"),
  145: never("the text centre does not know the class of the text"),
  159: never("the text centre does not know the coding"),
  176: never("the text centre does not carry such texts"),
  192: later("the text centre is busy"),
  193: never("this SIM has no contract with its text centre"),
  194: later("the text centre has failed"),
  195: never("the text centre does not know the number"),
  196: never("the recipient is barred from texts"),
  197: never("the text centre has the same text already"),
  198: never("the text centre does not take the validity"),
  208: later("the SIM's store of texts is full"),
  209: never("the SIM cannot keep texts"),
  211: later("the modem's store of texts is full"),
  212: later("the SIM is busy"),
  300: later("the modem has failed"),
  301: later("the modem's texts are taken by something else"),
  302: later("the modem does not allow it now"),
  303: never("the modem cannot send texts"),
  304: never("the modem does not understand the text"),
  305: never("the modem does not understand the text"),
  310: later("there is no SIM in the modem"),
  311: later("the SIM wants its PIN"),
  312: later("the modem is locked to another SIM"),
  313: later("the SIM has failed"),
  314: later("the SIM is busy"),
  315: later("the SIM is wrong"),
  316: later("the SIM wants its PUK"),
  317: later("the SIM wants its second PIN"),
  318: later("the SIM wants its second PUK"),
  320: later("the modem's store has failed"),
  321: never("the modem keeps no text there"),
  322: later("the modem's store of texts is full"),
  330: never("the number of the text centre is not set on the SIM"),
  331: later("there is no network"),
  332: later("the network did not answer in time"),
  340: later("the modem did not expect an acknowledgement"),
  500: later("the modem does not say why"),
};

/** +CME ERROR (27.007 §9.2), which some modems answer to texts, too. */
const CME: Readonly<Record<number, Refusal>> = {
  4: never("the modem cannot send texts"),
  10: later("there is no SIM in the modem"),
  11: later("the SIM wants its PIN"),
  12: later("the SIM wants its PUK"),
  13: later("the SIM has failed"),
  14: later("the SIM is busy"),
  15: later("the SIM is wrong"),
  20: later("the modem's store is full"),
  30: later("there is no network"),
  31: later("the network did not answer in time"),
  32: later("the network takes emergency calls only"),
};

/** What the modem's answer to a text means. Codes that we do not know, as makers have from 512 on, may pass. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof AtError)) return { reason: error instanceof Error ? error.message : String(error), retry: true };
  const { final, code } = error;
  if (final === "timeout") return later("the modem did not answer in time");
  if (final === "gone") return later("the modem is gone");
  const known = code === undefined ? undefined : (final.startsWith("+CMS") ? CMS : CME)[code];
  const { reason, retry } = known ?? later("the modem refuses the text");
  return { reason: `${reason} (${final})`, retry };
}

/** TP-ST (23.040 §9.2.3.15) of texts that were not delivered. */
const STATUS: Readonly<Record<number, Reason>> = {
  64: "the network could not deliver it",
  65: "the recipient's telephone cannot take it",
  66: "the recipient's telephone rejects it",
  67: "the recipient cannot be reached",
  69: "the recipient's network is not to be reached",
  70: "the recipient was not reached in time",
  71: "it was deleted by its sender",
  72: "it was deleted by the operator",
  73: "the network does not know it",
  96: "the network is congested",
  97: "the recipient's telephone is busy",
  98: "the recipient's telephone does not answer",
  99: "the network refuses the service",
  101: "the recipient's telephone has failed",
};

export function undeliveredReason(status: number): string {
  return `${STATUS[status] ?? "it was not delivered"} (status ${status})`;
}
