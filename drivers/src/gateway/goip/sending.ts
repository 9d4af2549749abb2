import { splitText } from "../../gsm/pdu/index.ts";
import type { TextOutcome } from "../../line/index.ts";
import { failed } from "../texts.ts";
import type { GoipExchange } from "./exchange.ts";

const STEP = { everyMs: 1_000, forMs: 10_000 };
/** The network may take its time, and a long text goes out in parts; the device says WAIT meanwhile. */
const SUBMIT = { everyMs: 1_000, forMs: 120_000 };
const LEAVE = { everyMs: 1_000, forMs: 3_000 };

/** RP causes (3GPP TS 24.011 §8.2.5.4) with which no repetition helps; others, and the device's own codes, may pass. */
const FOR_GOOD = new Set([1, 8, 10, 21, 28, 29, 30, 50, 69, 81, 95, 96, 97, 98, 99, 111]);

export interface GoipText {
  readonly sendId: string;
  readonly password: string;
  readonly to: string;
  readonly text: string;
}

export interface GoipSent {
  readonly outcome: TextOutcome;
  /** By this the network's report names the text, where one will come. */
  readonly smsNumber?: string;
}

/**
 * Sends a text by the steps of "GOIP SMS Interface", Process for Bulk SMS: the text, our password, the number, and the end.
 * `early` gives up before the device has the number; `closing` stops waiting at any time. Rejects with ManagementError where it does not answer,
 * or as the signals abort.
 */
export async function sendGoipText(
  exchange: GoipExchange,
  { sendId, password, to, text }: GoipText,
  { early, closing }: { readonly early: AbortSignal; readonly closing: AbortSignal },
): Promise<GoipSent> {
  try {
    const message = `MSG ${sendId} ${Buffer.byteLength(text)} ${text}\n`;
    let reply = await exchange.ask(message, ["PASSWORD", "SEND", "ERROR"], STEP, early);
    if (reply.word === "PASSWORD") reply = await exchange.ask(`PASSWORD ${sendId} ${password}\n`, ["SEND", "ERROR"], STEP, early);
    if (reply.word === "ERROR") return { outcome: failed(`the gateway refuses it: ${reply.rest}`, true) };
    const submitted = await exchange.ask(`SEND ${sendId} 1 ${to}\n`, ["OK", "ERROR"], SUBMIT, closing);
    return submitted.word === "OK" ? sent(submitted.rest, text) : refused(submitted.rest);
  } finally {
    // Else the device takes no other text until it has forgotten this one. It may be gone: then nothing is owed to it.
    await exchange.ask(`DONE ${sendId}\n`, ["DONE"], LEAVE, closing).catch(() => undefined);
  }
}

/** "1 17": the number of the addressee, and the text's own on its way through the network; old firmwares leave the latter out. */
function sent(rest: string, text: string): GoipSent {
  const [, smsNumber] = /^\d+ (\d+)/.exec(rest) ?? [];
  const parts = splitText(text).length;
  return { outcome: { type: "sent", parts }, ...(smsNumber !== undefined && { smsNumber }) };
}

/** "1 errorstatus:38" */
function refused(rest: string): GoipSent {
  const code = Number(/errorstatus:\s*(\d+)/i.exec(rest)?.[1] ?? Number.NaN);
  return { outcome: failed(`the gateway could not send it: ${rest.replace(/^\d+ /, "")}`, !FOR_GOOD.has(code)) };
}
