/** A kind of thing that callers name, whatever a site calls its own: "空调" and "冷气" are one. */
export interface ItemClass {
  readonly id: string;
  /** How it is written where the site has no name of its own. */
  readonly name: string;
  readonly forms: readonly string[];
}

/** Something wrong with things of some classes. */
export interface Symptom {
  readonly id: string;
  /** How it is written where the site has no fault of its own for it. */
  readonly name: string;
  /** Item classes it happens to, the likeliest first; "*" is any. */
  readonly of: readonly string[];
  /** What callers say of a thing they have named. */
  readonly forms: readonly string[];
  /** What callers say without naming the thing: it is then the first class of `of`. */
  readonly alone?: readonly string[];
}

/** A kind of thing that guests ask for, with the measure words that go with it. */
export interface GoodsClass {
  readonly id: string;
  readonly name: string;
  readonly forms: readonly string[];
  readonly classifiers: readonly string[];
}

/** What a phrase does in a sentence, apart from naming things. */
export type ActKind =
  | "affirm"
  | "deny"
  | "repeat"
  | "human"
  | "department"
  | "message"
  | "urge"
  | "progress"
  | "cancel"
  | "complain"
  | "emergency"
  | "question"
  | "topic"
  | "repair-verb"
  | "bring-verb"
  | "lacking"
  | "refusal"
  | "fine"
  | "not"
  | "rather"
  | "each"
  | "vague-amount";

/** "毛巾 浴巾" → ["毛巾", "浴巾"]: the tables below stay readable. */
export const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");
