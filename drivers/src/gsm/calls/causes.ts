import type { DialOutcome, HangupCause } from "../../line/index.ts";
import type { EndHint } from "./notices.ts";

/** Numbers of 24.008 annex H. */
const NOBODY = new Set([1, 2, 3, 22, 28]);
const NOT_ANSWERED = new Set([18, 19]);
const CLEARED = new Set([16, 31]);
const BUSY = 17;
const REJECTED = 21;
/** From here on it is the network's own trouble. */
const FIRST_OF_NETWORK = 34;

/** Words in which modems answer +CEER, with the number that each stands for. The first that fits counts. */
const WORDS: readonly (readonly [RegExp, number])[] = [
  [/user busy/i, BUSY],
  [/unassigned|unallocated|not in use/i, 1],
  [/no route/i, 3],
  [/number changed/i, 22],
  [/invalid number|incomplete/i, 28],
  [/no user responding|not respond/i, 18],
  [/no answer|alerting/i, 19],
  [/reject/i, REJECTED],
  [/out of order/i, 27],
  [/congest|no circuit|not available|temporary/i, 34],
  [/normal/i, 16],
];

/** Why the last call ended, from the answer to +CEER (27.007 §6.10): a text of the maker's own, with a number or words in it. */
export function hintOfReport(lines: readonly string[]): EndHint | undefined {
  const line = lines.find((one) => one.startsWith("+CEER:"));
  const text = line?.slice("+CEER:".length).trim();
  if (text === undefined || text === "") return undefined;
  const word = WORDS.find(([pattern]) => pattern.test(text))?.[1];
  const number = /(?:^|[ ,:])(\d{1,3})"?$/.exec(text)?.[1];
  const cause = word ?? (number === undefined ? undefined : Number(number));
  return { text, ...(cause !== undefined && cause > 0 && { cause }) };
}

/** What a call that ended before its answer means to who dialled. `alerted`: it rang there. A person who declines is busy to the caller. */
export function outcomeOf(hint: EndHint | undefined, alerted: boolean): Exclude<DialOutcome, { type: "answered" }> {
  const { cause, word, text } = hint ?? {};
  if (word === "busy" || cause === BUSY || cause === REJECTED) return { type: "busy" };
  if (word === "no-answer" || (cause !== undefined && NOT_ANSWERED.has(cause))) return { type: "no-answer" };
  if (cause !== undefined && NOBODY.has(cause)) return { type: "unreachable", reason: `no such number (${text})` };
  // A network that gives up after ringing clears normally.
  if (alerted && (cause === undefined || CLEARED.has(cause))) return { type: "no-answer" };
  return { type: "unreachable", reason: text ?? "the network ended the call" };
}

/** How an answered call ended. Without a cause the far end has hung up. */
export function causeOf(hint: EndHint | undefined): HangupCause {
  return hint?.cause !== undefined && hint.cause >= FIRST_OF_NETWORK && hint.cause < 128 ? "failed" : "normal";
}
