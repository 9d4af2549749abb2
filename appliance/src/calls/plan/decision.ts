import type { Call, Destination } from "@sitebox/core/contract";
import type { DialOptions, DialOutcome } from "@sitebox/drivers/line";

/** What is known of a call before anybody answers it. */
export interface CallFacts {
  /** The line to the outside that it came by; undefined from an extension or a browser. */
  readonly line: string | undefined;
  /** Empty where it is withheld. */
  readonly caller: string;
  readonly dialled: string;
  readonly channel: Call["channel"];
}

/** Whom the box can ring. */
export type Target =
  /** `group` is the ring group in whose name it is rung: one that takes turns remembers whom it rang last. */
  | { readonly type: "extension"; readonly number: string; readonly group?: string }
  | { readonly type: "outside"; readonly number: string };

/** Targets that ring together, and for how long. */
export interface RingStep {
  readonly targets: readonly Target[];
  readonly ringMs: number;
}

/** Where a call goes that nobody took; `help`: an emergency number was not reached, and whoever dialled it needs a person. */
export type Ending = Destination | { readonly type: "help"; readonly number: string };

/** What is done with a call. */
export type Action =
  | { readonly type: "refuse"; readonly cause: "busy" | "rejected" | "unreachable" }
  | { readonly type: "assistant" }
  /** One step after the other; `whenBusy` where every target of the last step was busy, `otherwise` where nobody answered. */
  | {
      readonly type: "ring";
      readonly steps: readonly RingStep[];
      readonly whenBusy: Ending;
      readonly otherwise: Ending;
    }
  /** Tells how to get help, and rings people: this emergency number was not reached. */
  | { readonly type: "help"; readonly number: string }
  /** A voice message that becomes a ticket with its sound; with a mailbox it is that extension's. */
  | { readonly type: "message"; readonly mailbox?: string }
  /** Takes a call that rings elsewhere: at `number`, or at any of these extensions. */
  | { readonly type: "pick-up"; readonly extensions: readonly string[] }
  /** Takes back a parked call. */
  | { readonly type: "retrieve"; readonly slot: string }
  | { readonly type: "page"; readonly members: readonly string[] }
  | { readonly type: "do-not-disturb"; readonly on: boolean }
  | { readonly type: "mailbox"; readonly mailbox: string };

/** What is done with a call, and every rule that led there, in order: one line each, for whoever asks why. */
export interface Decision {
  readonly action: Action;
  readonly because: readonly string[];
}

/** Decides by configuration, lists, calendar and the state of extensions. Pure but for what it reads; never throws. */
export interface CallPlan {
  decide(call: CallFacts): Decision;
  /** The same for a destination that another decision led to. Ends in "assistant" where destinations lead in a circle. */
  follow(destination: Ending, call: CallFacts): Decision;
  /**
   * Whom a number names that a person of the box wants rung (transfer, consultation, click-to-call); undefined when nobody.
   * `by` is the extension of that person; whoever has none cannot have outside numbers rung. A caller from outside has none,
   * whatever number he shows.
   */
  targetOf(number: string, by: string): Target | undefined;
}

/** How dialling a target ended, and by which line it went. */
export type Dialled = DialOutcome & { readonly line?: string };

/** Rings targets: extensions, or outside numbers by the lines of their route in turn. */
export interface Dialler {
  dial(target: Target, options: DialOptions & LineListeners): Promise<Dialled>;
}

/** Told while an outside number is dialled, for the call's timeline. */
export interface LineListeners {
  /** This line is tried now. */
  readonly onLine?: (line: string) => void;
  /** This line did not do, and why; the next one is tried, if there is one. */
  readonly onLineFailed?: (line: string, reason: string) => void;
}
