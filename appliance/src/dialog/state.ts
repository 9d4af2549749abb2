import type { DialogEffect, Prompt } from "./dialog.ts";
import { type PromptId, prompt, renderPrompt } from "./prompts/index.ts";
import type { Question } from "./questions.ts";
import type { Request } from "./requests.ts";
import type { Vocabulary } from "./vocabulary/index.ts";

/** Where a call stands. Exactly one thing is awaited in each. */
export type DialogStep =
  | { readonly at: "ringing" }
  | { readonly at: "asking"; readonly question: Question; readonly again: boolean }
  /** A ticket is being written. `after`: what follows it. */
  | { readonly at: "opening"; readonly after: "next" | "hand-off" | "leave" }
  | { readonly at: "handing-off" }
  | { readonly at: "recording"; readonly kind: "message" | "callback"; readonly again: boolean }
  | { readonly at: "opening-message" }
  | { readonly at: "over" };

/** A conversation: plain data, but for the site's vocabulary. */
export interface DialogState {
  readonly vocabulary: Vocabulary;
  readonly step: DialogStep;
  /** Speech can be understood; otherwise everything goes by keys. */
  readonly listens: boolean;
  readonly callerNumber: string;
  /** The caller's own room, or the last one that was named. */
  readonly room?: string;
  /** What is wanted and not yet a ticket; the first is being talked about. */
  readonly requests: readonly Request[];
  /** Numbers of the tickets of this call. */
  readonly opened: readonly string[];
  /** Answers in a row that led nowhere. */
  readonly failures: number;
  readonly turns: number;
  readonly ticketFailures: number;
  /** Why a person was asked for, for the person. */
  readonly wanted?: string;
  readonly emergency?: string;
}

export interface DialogStepResult {
  readonly next: DialogState;
  readonly effects: readonly DialogEffect[];
}

/** A question that failed this often in a row goes to a person. */
export const MOST_FAILURES = 2;

export const initialState = (vocabulary: Vocabulary): DialogState => ({
  vocabulary,
  step: { at: "ringing" },
  listens: true,
  callerNumber: "",
  requests: [],
  opened: [],
  failures: 0,
  turns: 0,
  ticketFailures: 0,
});

export const ignore = (state: DialogState): DialogStepResult => ({ next: state, effects: [] });
export const say = (line: Prompt, interruptible = true): DialogEffect => ({ type: "say", prompt: line, interruptible });
export const text = (state: DialogState, id: PromptId, params?: Record<string, string>): string =>
  renderPrompt(prompt(id, params), "zh-CN", state.vocabulary.site);
