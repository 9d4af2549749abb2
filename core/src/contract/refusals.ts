import { z } from "zod";
import { About, type AboutArgs, filled } from "./telling.ts";

/** A problem as every HTTP answer and WebSocket reply tells it: what happened, where, and what to do. */
export const Problem = z.object({
  /** The kind of it, e.g. "not-found", "conflict", "invalid": what programs go by. */
  fault: z.string(),
  /** In English, for logs and callers of the API. */
  message: z.string(),
  /** One of {@link refusals}, by which pages say it in their user's language; a newer server may have others. */
  code: z.string().optional(),
  about: About.optional(),
  /** Field paths ("ports.0.sim.number") with what is wrong in them; codes are those of {@link fieldIssues}. */
  issues: z
    .array(z.object({ path: z.string(), message: z.string(), code: z.string().optional(), about: About.optional() }))
    .optional(),
});
export type Problem = z.infer<typeof Problem>;
export type ProblemIssue = NonNullable<Problem["issues"]>[number];

/** Every refusal of the box and of headquarters: its fault and its sentence. Pages have words for each; a test sees to it. */
export const refusals = {
  // Whoever asks.
  "login-needed": ["unauthenticated", "log in first"],
  "role-unfit": ["not-allowed", "this is not for the role {role}"],
  "password-change-needed": ["must-change-password", "the password is a one-time password: set your own first"],
  "wrong-login": ["wrong-password", "wrong name or password"],
  "wrong-current-password": ["wrong-password", "the current password is wrong"],
  "same-password": ["same-password", "the new password has to differ from the current one"],
  "too-many-attempts": ["too-many-attempts", "too many attempts: try again in {seconds} s"],
  "no-such-account": ["not-found", "there is no such account"],
  "account-name-taken": ["name-taken", "there is an account of that name already"],
  // What is asked.
  "request-unfit": ["invalid", "the {where} is not as it should be"],
  "message-unfit": ["invalid", "the message is not as it should be: {why}"],
  "body-not-json": ["invalid", "the body is not JSON"],
  "body-of-other-type": ["unsupported-type", "send the body as application/json"],
  "body-too-large": ["too-large", "the body is larger than {bytes} bytes"],
  "range-beyond-end": ["range", "the file ends before that"],
  "other-sites-page": ["foreign-origin", "requests from pages of other sites are refused"],
  "no-such-address": ["not-found", "there is no such address"],
  "no-such-file": ["not-found", "there is no such file"],
  "no-such-method": ["not-found", "there is no method {method} here"],
  "no-such-page": ["not-found", "there is no such page"],
  "pages-not-built": ["unavailable", "the pages are not built: run make in the project's folder"],
  "too-many-requests": ["busy", "too many requests at once"],
  "too-many-connections": ["busy", "too many connections"],
  // Work orders and staff.
  "no-such-ticket": ["not-found", "there is no such work order"],
  "ticket-not-yours": ["not-allowed", "this work order is somebody else's, or this is for the desk to do"],
  "ticket-action-unfit": ["wrong-state", "{action} is not possible: the work order is {state}"],
  "ticket-without-recording": ["not-found", "this work order has no recording"],
  "ticket-not-stored": ["storage", "the work order could not be stored: the disk is full or broken"],
  "no-such-staff": ["not-found", "there is no such member of the staff"],
  "own-shift-only": ["not-allowed", "staff begin and end their own shift only"],
  // Calls.
  "no-such-call": ["not-found", "there is no such call"],
  "no-such-recording": ["not-found", "there is no such recording"],
  "shown-number-admins-only": ["not-allowed", "only admins say which number is shown"],
  "number-not-to-be-had": ["not-allowed", "that number is not to be had: {why}"],
  "no-such-extension": ["not-found", "there is no such extension"],
  "no-page-ready": ["conflict", "none of your pages takes calls: be ready on one first"],
  "agents-only": ["not-allowed", "only agents take calls"],
  "no-call": ["conflict", "there is no call"],
  "call-gone": ["conflict", "the call was taken elsewhere or has ended"],
  "call-up-already": ["conflict", "another call is up: hang up first"],
  "nobody-at-browser": ["conflict", "there is nobody at a browser at the other end: no picture"],
  // The way of calls.
  "no-such-entry": ["not-found", "there is no such entry"],
  "no-such-ban": ["not-found", "there is no such ban"],
  "entry-over-already": ["invalid", "its time would be over already"],
  "follow-me-unfit": ["invalid", "an extension can be followed by numbers that it may dial itself"],
  // Lines.
  "no-such-line": ["not-found", "there is no such line"],
  "line-of-file": ["not-allowed", "this line is in the configuration file; change it there"],
  "line-unfit": ["invalid", "the line cannot be set up so: {why}"],
  "line-name-taken": ["name-taken", "another line is called “{name}”"],
  "line-keeps-name": ["invalid", "a line keeps its name: add another one and remove this"],
  "line-secret-needed": ["invalid", "enter the password again: what is kept was for another address"],
  "line-in-dial-plan": ["conflict", "the configuration file names this line in {path}; take it out there first"],
  "line-telephones-needed": ["conflict", "the configuration file needs this line; change it there first: {path}: {why}"],
  "line-not-open": ["unavailable", "the line is not open"],
  "line-for-calls-only": ["conflict", "a carrier can do calls only"],
  "line-without-service-codes": ["conflict", "this line knows no service codes"],
  "line-not-called": ["conflict", "the line was not called: {why}"],
  "line-without-balance": ["conflict", "nobody could tell this line's balance"],
  "no-traffic-of-carriers": ["not-found", "what carriers were told and said stands with each call"],
  "emergency-number": ["not-allowed", "emergency numbers are no numbers to try a line on"],
  "network-silent": ["unavailable", "the network did not answer in time"],
  "line-down": ["unavailable", "the line is down: {fault}"],
  "line-failed": ["unavailable", "{why}"],
  "line-closed": ["unavailable", "the line is closed"],
  "service-code-elsewhere": ["unavailable", "another device of this SIM answered the service code"],
  "service-code-unknown": ["unavailable", "the network does not know service codes, or not this one"],
  "service-code-ended": ["unavailable", "the network ended the service code without an answer"],
  "service-code-under-way": ["unavailable", "another service code is under way"],
  "service-code-unfit": ["invalid", "a service code has digits, * and #, and ends with #"],
  "service-code-orders": [
    "not-allowed",
    "this service code is an order, such as to forward calls or to hide the number: it is not sent",
  ],
  "modem-gone": ["unavailable", "the modem is gone"],
  "modem-silent": ["unavailable", "the modem did not answer in time"],
  "modem-without-service-codes": ["unavailable", "the modem has no service codes"],
  "sim-missing": ["unavailable", "there is no SIM in the modem"],
  "sim-wants-pin": ["unavailable", "the SIM wants its PIN"],
  "sim-busy": ["unavailable", "the SIM is busy"],
  "no-network": ["unavailable", "there is no network"],
  "emergency-calls-only": ["unavailable", "the network takes emergency calls only"],
  "operator-unknown": ["unavailable", "the SIM is of none of the known operators: state the operator of the line"],
  "balance-not-told": ["unavailable", "the operator did not tell the balance in time"],
  // Texts.
  "no-line-for-texts": ["unavailable", "no line carries texts"],
  "line-without-texts": ["not-found", "no line of that name carries texts"],
  "no-such-text": ["not-found", "there is no such text, or it came from nobody who could be answered"],
  "texts-unwanted": ["not-allowed", "whoever has that number wants no texts of ours"],
  // Speech.
  "speech-unavailable": ["unavailable", "there is no speech now: {why}"],
  "wav-unfit": ["invalid", "send a wav file with one channel of 8 or 16 kHz, 16 bits"],
  // Headquarters.
  "no-such-box": ["not-found", "there is no such box"],
  "no-such-claim": ["not-found", "no box is waiting with this code: read it again from the box's screen"],
} as const satisfies Record<string, readonly [fault: string, sentence: string]>;
export type RefusalCode = keyof typeof refusals;
/** Codes of refusals with this fault. */
export type RefusalOf<Fault extends string> = {
  [Code in RefusalCode]: (typeof refusals)[Code][0] extends Fault ? Code : never;
}[RefusalCode];
export type RefusalArgs<Code extends RefusalCode> = AboutArgs<(typeof refusals)[Code][1]>;

/** Why a line could not do what it was asked, where it can be said without further values. */
export type LineRefusal =
  | { [Code in RefusalOf<"unavailable">]: RefusalArgs<Code> extends [] ? Code : never }[RefusalOf<"unavailable">]
  | "service-code-unfit"
  | "service-code-orders";

export interface Refusal<Code extends RefusalCode = RefusalCode> {
  readonly code: Code;
  readonly fault: (typeof refusals)[Code][0];
  readonly message: string;
  readonly about: About | undefined;
}

/** A refusal with its values: what errors are made of that callers are told. */
export function refusalOf<Code extends RefusalCode>(code: Code, about?: About): Refusal<Code> {
  const [fault, sentence]: (typeof refusals)[Code] = refusals[code];
  return { code, fault, about, message: filled(sentence, about) };
}

/** What can be wrong with a field: with it alone, and with it beside others. */
export const fieldIssues = {
  "wrong-type": "something else is expected here",
  "wrong-format": "it is not written as it should be",
  "too-short": "at least {minimum} characters",
  "too-long": "at most {maximum} characters",
  "too-small": "at least {minimum}",
  "too-large": "at most {maximum}",
  "too-few": "at least {minimum} of them",
  "too-many": "at most {maximum} of them",
  "no-choice": "it is none of those that there are",
  "unknown-field": "there is no such field",
  unfit: "it does not fit",
  "name-of-line": "another line is called “{name}”",
  "name-of-carrier": "a carrier of sip.trunks is called “{name}”",
  "device-taken": "{device} belongs to the line “{line}”",
  "device-twice": "{device} belongs to two ports of this line",
  "extension-taken": "{number} is another telephone's extension",
  "secret-for-elsewhere": "enter it again: what is kept was for another address",
  "service-number": "{number} is an emergency or service number: no SIM and no line has it for its own",
  "not-a-pattern": "“{pattern}” is not a regular expression",
  "too-many-sims":
    "with it there would be {sims} SIMs, and lines.mostSims allows {most}: devices that bundle SIMs are what the law against telecom fraud (art. 14) looks at, so state more in the configuration file only where your contracts with the operators say so",
  "number-in-dial-plan": "the dial plan has the number {number} already: {path}: {why}",
  "plan-unfit": "the dial plan would not fit together: {path}: {why}",
  "instant-over": "an instant that is still to come, in ms since 1970",
  "not-dialled-from-there": "{number} cannot be dialled from there",
} as const;
export type FieldIssueCode = keyof typeof fieldIssues;

/** What is wrong with the field at `path`. */
export function fieldIssue<Code extends FieldIssueCode>(
  path: string,
  code: Code,
  ...[about]: AboutArgs<(typeof fieldIssues)[Code]>
): ProblemIssue {
  return { path, code, message: filled(fieldIssues[code], about), ...(about && { about }) };
}
