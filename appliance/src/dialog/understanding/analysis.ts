import type { ActKind } from "../lexicon/index.ts";

/** One thing that the caller wants done, as far as it was said. */
export type Thing =
  | {
      readonly kind: "repair";
      readonly at: number;
      readonly item?: string;
      /** The first is what the ticket is about. */
      readonly faults: readonly string[];
      readonly room?: string;
      readonly confidence: number;
    }
  | {
      readonly kind: "delivery";
      readonly at: number;
      readonly item: string;
      readonly quantity?: number;
      /** "几条": some, but how many? */
      readonly vague: boolean;
      readonly room?: string;
      readonly confidence: number;
    };

/** What the assistant has just asked for: decides what a lone number or symptom means. */
export interface Expecting {
  readonly slot: "anything" | "room" | "item" | "fault" | "goods" | "quantity" | "confirmation" | "correction" | "more";
  /** The item in question, where a fault is asked for. */
  readonly item?: string;
  /** What is read back, where that is to be confirmed or put right. */
  readonly kind?: "repair" | "delivery";
}

/** A sentence taken apart. */
export interface Analysis {
  readonly text: string;
  readonly things: readonly Thing[];
  /** The last room said, on the site's list. */
  readonly room?: string;
  /** All rooms said that are on the site's list, each once. */
  readonly rooms: readonly string[];
  /** It cannot be told which of several rooms each thing is wanted in. */
  readonly unsurePlaces: boolean;
  /** A room was said that the site does not have. */
  readonly unknownRoom?: string;
  /** An item was named without anything wrong with it. */
  readonly item?: string;
  readonly quantity?: number;
  readonly acts: ReadonlySet<ActKind>;
  readonly department?: string;
  /** Which emergency, in the caller's words. */
  readonly emergency?: string;
  readonly emergencyRooms?: readonly string[];
  /** What is wanted in other clauses than that of the emergency. */
  readonly besideEmergency?: readonly Thing[];
  readonly polarity?: "yes" | "no";
  /** The sentence asks, or is about something that is not offered. */
  readonly outside?: "question" | "topic";
  /** "再", "还要": what is named comes on top of what was said before. */
  readonly additional: boolean;
  /** Share of the sentence that was explained, 0–1. */
  readonly coverage: number;
}
