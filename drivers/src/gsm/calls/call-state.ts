import type { HangupCause } from "../../line/index.ts";
import type { EndHint, ListedCall, Notice } from "./notices.ts";

/** How sure it is that a call is there. */
export interface Evidence {
  /** Its number in +CLCC, from when it was listed. */
  readonly id?: number;
  /** Answers to +CLCC in a row without it. */
  readonly misses: number;
  /** The modem said that a call has ended; it may have been another one. */
  readonly hint?: EndHint;
}

export interface Ringing extends Evidence {
  readonly state: "ringing";
  readonly number?: string;
  readonly rings: number;
  /** The number will not come: the call is told without. */
  readonly due: boolean;
  /** There is a leg for it. */
  readonly told: boolean;
}

export interface Answering extends Evidence {
  readonly state: "answering";
  readonly number?: string;
  readonly tries: number;
  /** The modem has been told and has not said OK or error yet. */
  readonly running: boolean;
}

export interface Dialling extends Evidence {
  readonly state: "dialling";
  /** The modem has taken the number. */
  readonly taken: boolean;
  readonly alerted: boolean;
}

export interface Up extends Evidence {
  readonly state: "up";
  readonly direction: ListedCall["direction"];
}

/** The leg is over; the modem has yet to see it so. */
export interface Ending extends Evidence {
  readonly state: "ending";
  /** Hanging up has been answered. */
  readonly done: boolean;
  /** It rang here: it may be listed as incoming until the refusal is through, and is not the next call then. */
  readonly rang: boolean;
}

/** The one call that a modem can have for us. */
export type CallState = { readonly state: "idle" } | Ringing | Answering | Dialling | Up | Ending;

export type CallEvent =
  | Notice
  /** What +CLCC answered: the truth. */
  | { readonly type: "listed"; readonly calls: readonly ListedCall[] }
  /** +CLCC was refused or not answered. */
  | { readonly type: "unlisted" }
  | { readonly type: "dial" }
  | { readonly type: "dialled" }
  /** `final`: the result code, or why not. */
  | { readonly type: "not-dialled"; readonly final: string }
  | { readonly type: "answer" }
  | { readonly type: "answered" }
  | { readonly type: "not-answered" }
  | { readonly type: "hang-up"; readonly cause: HangupCause }
  /** Hanging up was answered, with OK or an error. */
  | { readonly type: "hung-up" }
  | { readonly type: "timer"; readonly timer: CallTimer }
  /** Modem and line are given up. */
  | { readonly type: "over"; readonly cause: HangupCause };

export type CallTimer = "number" | "silence";

export type CallEffect =
  /** Ask +CLCC: at once, or a moment later. */
  | { readonly type: "ask"; readonly soon?: true }
  | { readonly type: "dial" }
  | { readonly type: "answer" }
  | { readonly type: "hang-up" }
  /** Refuse the second call as busy. */
  | { readonly type: "refuse-waiting" }
  /** A call comes in. */
  | { readonly type: "announce"; readonly number: string }
  /** It rings at the far end. */
  | { readonly type: "alerting" }
  | { readonly type: "up" }
  /** The call that was announced or dialled is over; `cause` where we or the way it ended say why, else the far end ended it. */
  | { readonly type: "ended"; readonly cause?: HangupCause; readonly hint?: EndHint; readonly alerted: boolean }
  | { readonly type: "set-timer"; readonly timer: CallTimer; readonly ms: number }
  | { readonly type: "clear-timer"; readonly timer: CallTimer };

export interface Step {
  readonly next: CallState;
  readonly effects: readonly CallEffect[];
}
