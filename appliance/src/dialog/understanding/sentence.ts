import type { ActKind } from "../lexicon/index.ts";
import type { Vocabulary } from "../vocabulary/index.ts";
import { Places, type RoomToken } from "./places.ts";
import type { Token } from "./tokens.ts";

export type Phrase = Token & { type: "phrase" };

const CONNECTING = /[转找接叫要系打给呼跟和让]$/u;

/** A tokenised sentence and the questions that are asked of it. */
export class Sentence {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly vocabulary: Vocabulary;
  readonly #places: Places;

  constructor(text: string, tokens: readonly Token[], vocabulary: Vocabulary) {
    this.text = text;
    this.tokens = tokens;
    this.vocabulary = vocabulary;
    this.#places = new Places(text, tokens);
  }

  get phrases(): readonly Phrase[] {
    return this.tokens.filter((token) => token.type === "phrase");
  }

  get rooms(): readonly RoomToken[] {
    return this.tokens.filter((token) => token.type === "room");
  }

  has(act: ActKind): boolean {
    return this.phrases.some(({ entry }) => entry.acts.has(act));
  }

  /** Marks between two places: 0 is the same clause. */
  clausesBetween(a: number, b: number): number {
    const [from, to] = a < b ? [a, b] : [b, a];
    return this.tokens.filter((token) => token.type === "break" && token.start >= from && token.start < to).length;
  }

  /** The rooms that belong to what was said at `at`. */
  roomsFor(at: number): readonly RoomToken[] {
    return this.#places.of(at);
  }

  /** The same for what is said of the same rooms. */
  placeOf(at: number): string {
    return this.roomsFor(at)
      .map(({ room }) => room)
      .join();
  }

  /** It cannot be told which of several rooms is meant. */
  get unsurePlaces(): boolean {
    return this.#places.unsure;
  }

  get lastQuantity(): number | undefined {
    return this.tokens.findLast((token) => token.type === "quantity")?.quantity;
  }

  /** Something is said not to be wanted or wrong right there: "不用修空调", "空调挺好的". */
  declined(at: number): boolean {
    return this.phrases.some((phrase) => {
      const { acts } = phrase.entry;
      if (this.clausesBetween(phrase.start, at) > 0) return false;
      const near = (phrase.start < at ? at - phrase.end : phrase.start - at) <= 8;
      const joined = this.tokens.some(
        (token) =>
          token.start > Math.min(at, phrase.start) &&
          token.start < Math.max(at, phrase.start) &&
          token.type === "phrase" &&
          token.entry.acts.has("bring-verb") &&
          phrase.start < at &&
          token.start - phrase.end > 2,
      );
      if (acts.has("refusal") && near && !joined) return phrase.start < at ? !this.#thingBetween(phrase.end, at) : true;
      return acts.has("fine") && phrase.start > at && !this.#thingBetween(at + 1, phrase.start);
    });
  }

  #thingBetween(from: number, to: number): boolean {
    return this.phrases.some(
      ({ entry, start }) => start >= from && start < to && (entry.item !== undefined || entry.goods !== undefined),
    );
  }

  /** What the sentence does beside naming things. Phrases that a symptom needs do nothing else. */
  actsBeyond(used: ReadonlySet<Token>): Set<ActKind> {
    const found = new Set<ActKind>();
    for (const phrase of this.phrases) if (!used.has(phrase)) for (const act of phrase.entry.acts) found.add(act);
    return found;
  }

  get department(): string | undefined {
    const named = this.phrases.find(({ entry }) => entry.acts.has("department"));
    if (!named) return undefined;
    const before = this.text.slice(0, named.start);
    const alone = this.phrases.every(
      (phrase) =>
        phrase === named || (phrase.entry.filler === true && phrase.entry.acts.size === 0) || phrase.entry.acts.has("human"),
    );
    const asked = CONNECTING.test(before.replace(/(?:一下|你们|你们的|的|到|个|通|去|值班)+$/u, ""));
    return alone || asked || this.has("human") ? named.entry.form : undefined;
  }

  get emergency(): Phrase | undefined {
    return this.phrases.find(({ entry }) => entry.acts.has("emergency"));
  }

  /** Yes or no, by how the sentence begins. */
  get polarity(): "yes" | "no" | undefined {
    for (const token of this.tokens) {
      if (token.type !== "phrase") {
        if (token.type === "break") continue;
        return undefined;
      }
      const { acts, filler } = token.entry;
      if (acts.has("deny") && !acts.has("affirm")) return "no";
      if (acts.has("affirm")) return "yes";
      if (filler !== true) return undefined;
    }
    return undefined;
  }

  /** Share of the characters, fillers and marks apart, that some phrase, room or count explains. */
  get coverage(): number {
    let explained = 0;
    let neutral = 0;
    for (const token of this.tokens) {
      const length = token.end - token.start;
      const empty =
        token.type === "break" ||
        (token.type === "phrase" &&
          token.entry.filler === true &&
          token.entry.acts.size === 0 &&
          token.entry.item === undefined &&
          token.entry.goods === undefined &&
          !token.entry.symptom);
      if (empty) neutral += length;
      else explained += length;
    }
    const total = this.text.length - neutral;
    return total <= 0 ? 1 : Math.min(1, explained / total);
  }
}
