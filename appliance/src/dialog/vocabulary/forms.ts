import type { ActKind } from "../lexicon/index.ts";

/** All that one phrase may stand for; the sentence decides. */
export interface Entry {
  readonly form: string;
  /** Index into the vocabulary's repair items. */
  item?: number;
  /** Index into the vocabulary's goods. */
  goods?: number;
  /** Says what is wrong with something. */
  symptom?: true;
  filler?: true;
  readonly acts: Set<ActKind>;
}

/** Phrases by their first character, the longest first. */
export class FormIndex {
  readonly #byHead = new Map<string, Entry[]>();
  readonly #byForm = new Map<string, Entry>();

  entry(form: string): Entry {
    const known = this.#byForm.get(form);
    if (known) return known;
    const entry: Entry = { form, acts: new Set() };
    this.#byForm.set(form, entry);
    const head = form.charAt(0);
    const bucket = this.#byHead.get(head) ?? [];
    bucket.push(entry);
    this.#byHead.set(head, bucket);
    return entry;
  }

  /** Every phrase that begins at `index`. */
  *at(text: string, index: number): Generator<Entry> {
    for (const entry of this.#byHead.get(text.charAt(index)) ?? []) if (text.startsWith(entry.form, index)) yield entry;
  }

  get entries(): Iterable<Entry> {
    return this.#byForm.values();
  }
}
