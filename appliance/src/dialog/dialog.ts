import type { HandOff, TicketDraft } from "@sitebox/core/contract";
import type { Grammar, TurnProfile } from "../speech/index.ts";

/** A line of the assistant: text comes from locales/, `params` fill its placeholders. */
export interface Prompt {
  readonly id: string;
  readonly params?: Readonly<Record<string, string>>;
}

/** Which keys end a keypad answer: one key at once, or digits until `length`, "#" or a pause of `betweenMs`. */
export interface KeyPlan {
  readonly mode: "single" | "number";
  readonly length?: number;
  readonly betweenMs: number;
}

/** What happened in the call. Times are the runner's matter: the machine is told of what it has to decide on. */
export type DialogEvent =
  | {
      readonly type: "answered";
      readonly callerNumber: string;
      readonly dialled: string;
      readonly canListen: boolean;
      readonly place?: string;
    }
  /** Words of one turn; `text` is "" where a voice was heard but no words. */
  | { readonly type: "heard"; readonly text: string; readonly confidence: number }
  | { readonly type: "keys"; readonly digits: string }
  /** Neither voice nor key for the listening effect's `idleMs`. */
  | { readonly type: "silence" }
  /** The speech engine went away (or came back) while listening. */
  | { readonly type: "listening-lost" }
  | { readonly type: "ticket-opened"; readonly number: string }
  | { readonly type: "ticket-failed" }
  | { readonly type: "hand-off-failed" }
  | { readonly type: "message-recorded"; readonly durationMs: number }
  | { readonly type: "caller-left" };

/** What the runner has to do next, in order. A list always ends with something that brings another event, or with "hang-up": no state without a way on. */
export type DialogEffect =
  | { readonly type: "say"; readonly prompt: Prompt /** A legal notice is heard to its end. */; readonly interruptible: boolean }
  | {
      readonly type: "listen";
      readonly grammar: Grammar;
      readonly profile: TurnProfile;
      readonly keys: KeyPlan;
      readonly idleMs: number;
    }
  /** Keys only: no recogniser, or none wanted. */
  | { readonly type: "await-keys"; readonly keys: KeyPlan; readonly idleMs: number }
  | {
      readonly type: "open-ticket";
      readonly draft: Omit<
        TicketDraft,
        "channel" | "callId" | "callerNumber" | "audioFile"
      > /** The last recorded message goes with it. */;
      readonly withMessage: boolean;
    }
  | { readonly type: "hand-off"; readonly reason: HandOff["reason"]; readonly place?: string; readonly summary: string }
  | { readonly type: "record-message"; readonly maxMs: number }
  /** Why it decided so: a line of the call's timeline. */
  | { readonly type: "note"; readonly text: string; readonly data?: Record<string, unknown> }
  | { readonly type: "hang-up" };
