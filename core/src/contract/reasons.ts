import { type AboutArgs, filled } from "./telling.ts";

/**
 * Why lines are down or did not do something, and why texts did not arrive, as lines and the box say it. What the far end calls it stands behind,
 * as in "(+CMS ERROR: 1)". Pages have words for each; a test sees to it.
 */
export const reasons = [
  "there is no such number",
  "the operator has barred texts on this SIM",
  "texts are barred on this SIM",
  "the network does not know this kind of text",
  "the network has failed",
  "the network rejects the text",
  "the network is congested",
  "the recipient cannot be reached",
  "the network does not know this SIM",
  "the network refuses the service",
  "the network does not know the recipient",
  "the network is out of order",
  "the network has failed for a moment",
  "the network has no room",
  "this SIM has no texts in its contract",
  "the network does not carry such texts",
  "the network does not know the text",
  "the network does not understand the text",
  "the network does not take the text now",
  "the network made a mistake",
  "the network does not say why",
  "the text centre does not carry such texts",
  "the text centre does not know the alphabet",
  "the text centre does not know the class of the text",
  "the text centre does not know the coding",
  "the text centre is busy",
  "this SIM has no contract with its text centre",
  "the text centre has failed",
  "the text centre does not know the number",
  "the recipient is barred from texts",
  "the text centre has the same text already",
  "the text centre does not take the validity",
  "the SIM's store of texts is full",
  "the SIM cannot keep texts",
  "the modem's store of texts is full",
  "the SIM is busy",
  "the modem has failed",
  "the modem's texts are taken by something else",
  "the modem does not allow it now",
  "the modem cannot send texts",
  "the modem does not understand the text",
  "there is no SIM in the modem",
  "the SIM wants its PIN",
  "the modem is locked to another SIM",
  "the SIM has failed",
  "the SIM is wrong",
  "the SIM wants its PUK",
  "the SIM wants its second PIN",
  "the SIM wants its second PUK",
  "the modem's store has failed",
  "the modem keeps no text there",
  "the number of the text centre is not set on the SIM",
  "there is no network",
  "the network did not answer in time",
  "the modem did not expect an acknowledgement",
  "the modem does not say why",
  "the modem's store is full",
  "the network takes emergency calls only",
  "the modem did not answer in time",
  "the modem is gone",
  "the modem refuses the text",
  "the network could not deliver it",
  "the recipient's telephone cannot take it",
  "the recipient's telephone rejects it",
  "the recipient's network is not to be reached",
  "the recipient was not reached in time",
  "it was deleted by its sender",
  "it was deleted by the operator",
  "the network does not know it",
  "the recipient's telephone is busy",
  "the recipient's telephone does not answer",
  "the recipient's telephone has failed",
  "it was not delivered",
  "the line is closed",
  "it was given up",
  "no modem is plugged in",
  "the text did not reach the gateway",
  "the gateway did not say whether it sent it",
  "the gateway could not send it, and does not say why",
  "the box stopped while it was being sent; it may have arrived",
  "the line was down for a day",
  "its limit of {count} texts a day is reached",
  "its limit of {count} texts a minute is reached",
  "the modem is not ready yet",
  "another modem than this line's is there; it is not used",
  "another SIM than the registered one is in the modem; it is not used",
  "another SIM than the registered one is in it",
  "no profile fits {what}; choose the kind of modem by hand",
  "the SIM is locked and wants its PUK; enter it in a telephone",
  "the SIM wants its PIN, and none is set for this line",
  "the modem does not tell how many attempts are left, so the PIN is not tried; enter it in a telephone",
  "only {left} attempts are left, so the PIN is not tried; enter it in a telephone",
  "the SIM refuses the PIN that is set for this line",
  "the modem does not say how its SIM stands",
  "no SIM is in the modem, or it cannot be read",
  "this machine's USB sockets cannot be looked at; state the command port",
  "no modem is in the USB socket {socket}",
  "the modem has started anew and forgotten its settings",
  "the SIM is in another network than its own, and roaming is off for this line",
  "the modem is looking for its network",
  "the network does not let the SIM in; ask its operator",
  "the modem shows no port for commands",
  "the modem does not answer",
  "the modem has no port for sound: texts only",
  "the modem or its sound was lost",
  "nothing is connected, or the line is dead",
  "the card is gone",
  "no card has this channel, or the kernel's DAHDI is not loaded",
  "the helper has not started yet",
  "the gateway does not tell of this port",
  "nothing has been heard of it: is its SMS server set to this box?",
  "it reports with another password",
  "there is no way to the host",
  "the line is not up",
  "the line carries no calls",
  "there is no other line that is up and shows a number",
  "the lines that could call have done what they may",
  "the line has no number of its own",
  "the line, or those that could call it, are in use",
  "it was broken off: somebody called",
  "it was broken off: somebody dialled",
  "the box stops",
  "its limit of {count} calls an hour is reached",
  "its limit of {count} minutes a day is reached",
] as const;
/** A reason that pages know. */
export type Reason = (typeof reasons)[number];

/** A reason with its values, as it is stored and told. */
export const reasonOf = <R extends Reason>(reason: R, ...[about]: AboutArgs<R>): string => filled(reason, about);

/** What a sentence is called in locales: "there-is-no-such-number". */
export const slugOf = (sentence: string): string =>
  sentence
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

// The sentences have no other letters that mean something else in a pattern.
const patterns = reasons.map((sentence) => ({
  code: slugOf(sentence),
  pattern: new RegExp(`^${sentence.replace("?", "\\?").replace(/\{(\w+)\}/g, "(?<$1>.+?)")}(?: \\((?<detail>.*)\\))?$`, "s"),
}));

/** Which of {@link reasons} it is, with its values and what the far end calls it; nothing for other words. */
export function readReason(
  reason: string,
): { readonly code: string; readonly about: Readonly<Record<string, string>>; readonly detail: string | undefined } | undefined {
  for (const { code, pattern } of patterns) {
    const found = pattern.exec(reason);
    if (!found) continue;
    const { detail, ...about } = found.groups ?? {};
    return { code, about, detail };
  }
  return undefined;
}
