import type { Field, GroupField, LeafField, ListField, UnionField } from "./fields.ts";

/** What a person has typed so far, whether it makes sense or not. Numbers and choices are kept as text. */
export type Draft = TextDraft | SwitchDraft | GroupDraft | ListDraft | UnionDraft;
export interface TextDraft {
  readonly type: "text";
  text: string;
  /** A secret that is set and stays as it is while nothing is typed. */
  readonly kept: boolean;
}
export interface SwitchDraft {
  readonly type: "switch";
  on: boolean;
}
export type Parts = Record<string, Draft>;
export interface GroupDraft {
  readonly type: "group";
  /** Whether an optional group is stated at all. */
  on: boolean;
  readonly parts: Parts;
}
export interface ListDraft {
  readonly type: "list";
  items: { readonly key: number; readonly draft: Draft }[];
}
export interface UnionDraft {
  readonly type: "union";
  /** Empty until one is chosen. */
  chosen: string;
  readonly variants: Readonly<Record<string, Parts>>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
const textOf = (value: unknown) => (value === undefined || value === null ? "" : String(value));

/**
 * The draft that stands for `value`, or for nothing yet. `editing`: secrets are set already and were left out of the value.
 * `starts`: what stands in the members of a union that the value is not of.
 */
export function draftOf(field: Field, value?: unknown, editing = false, starts: readonly unknown[] = []): Draft {
  switch (field.type) {
    case "text":
      return { type: "text", text: textOf(value), kept: field.secret && editing };
    case "number":
    case "choice":
      return { type: "text", text: textOf(value), kept: false };
    case "lines":
      return { type: "text", text: Array.isArray(value) ? value.join("\n") : "", kept: false };
    case "switch":
      return { type: "switch", on: typeof value === "boolean" ? value : field.default };
    case "group": {
      const isStated = value !== undefined;
      return { type: "group", on: !field.optional || isStated, parts: partsOf(field.fields, value, editing && isStated) };
    }
    case "list": {
      const values = Array.isArray(value) ? value : Array.from({ length: field.min }, () => undefined);
      return { type: "list", items: values.map((one, key) => ({ key, draft: draftOf(field.item, one, editing) })) };
    }
    case "union": {
      const chosen = isRecord(value) ? textOf(value[field.key]) : "";
      const variants = field.variants.map((variant) => {
        if (variant.value === chosen) return [variant.value, partsOf(variant.fields, value, editing)] as const;
        const start = starts.find((one) => isRecord(one) && one[field.key] === variant.value);
        return [variant.value, partsOf(variant.fields, start, false)] as const;
      });
      return { type: "union", chosen, variants: Object.fromEntries(variants) };
    }
  }
}

const partsOf = (fields: readonly Field[], value: unknown, editing: boolean): Parts =>
  Object.fromEntries(
    fields.map((field) => [field.name, draftOf(field, isRecord(value) ? value[field.name] : undefined, editing)]),
  );

/** What was typed as the schema wants it. What was left empty is left out; a number that is none becomes NaN, which no schema takes. */
export function typedValue(field: Field, draft: Draft | undefined): unknown {
  if (draft === undefined) return undefined;
  if (draft.type === "text") return leafValue(field as LeafField, draft.text);
  if (draft.type === "switch") return draft.on;
  if (draft.type === "group") return draft.on ? partsValue((field as GroupField).fields, draft.parts) : undefined;
  if (draft.type === "list") return draft.items.map((item) => typedValue((field as ListField).item, item.draft));
  const { key, variants } = field as UnionField;
  const variant = variants.find(({ value }) => value === draft.chosen);
  return variant && { [key]: variant.value, ...partsValue(variant.fields, draft.variants[variant.value] ?? {}) };
}

function partsValue(fields: readonly Field[], parts: Parts): Record<string, unknown> {
  const values = fields.map((field) => [field.name, typedValue(field, parts[field.name])] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function leafValue(field: LeafField, text: string): unknown {
  const typed = field.type === "text" && field.secret ? text : text.trim();
  if (field.type === "lines")
    return typed
      .split(/[\n,，、;；]/u)
      .map((one) => one.trim())
      .filter((one) => one !== "");
  if (typed === "") return undefined;
  if (field.type === "number") return Number(typed);
  if (field.type === "choice") return field.options.find((option) => String(option) === typed);
  return typed;
}

/** Where secrets stand that stay as they are: "management.password". */
export function keptSecrets(draft: Draft, at = ""): string[] {
  const below = (name: string | number) => (at === "" ? String(name) : `${at}.${name}`);
  const within = (parts: Parts) => Object.entries(parts).flatMap(([name, part]) => keptSecrets(part, below(name)));
  switch (draft.type) {
    case "text":
      return draft.kept && draft.text === "" ? [at] : [];
    case "switch":
      return [];
    case "group":
      return within(draft.parts);
    case "list":
      return draft.items.flatMap(({ draft: item }, index) => keptSecrets(item, below(index)));
    case "union":
      return within(draft.variants[draft.chosen] ?? {});
  }
}

/**
 * Puts what is known by now (`after`) in place of what was known (`before`) wherever the draft still says that; what was typed or chosen since stays,
 * and so do lists.
 */
export function learn(draft: Draft, before: Draft, after: Draft): void {
  const within = (parts: Parts, old: Parts, now: Parts) => {
    for (const [name, part] of Object.entries(parts)) {
      const [was, is] = [old[name], now[name]];
      if (was && is) learn(part, was, is);
    }
  };
  if (draft.type === "text" && before.type === "text" && after.type === "text") {
    if (draft.text === before.text) draft.text = after.text;
  } else if (draft.type === "switch" && before.type === "switch" && after.type === "switch") {
    if (draft.on === before.on) draft.on = after.on;
  } else if (draft.type === "group" && before.type === "group" && after.type === "group") {
    if (draft.on === before.on) draft.on = after.on;
    within(draft.parts, before.parts, after.parts);
  } else if (draft.type === "union" && before.type === "union" && after.type === "union") {
    if (draft.chosen === before.chosen) draft.chosen = after.chosen;
    for (const [value, parts] of Object.entries(draft.variants))
      within(parts, before.variants[value] ?? {}, after.variants[value] ?? {});
  }
}

/** Chooses a member of a union. What was typed already goes along where the new one has a field of the same name and nothing in it. */
export function choose(draft: UnionDraft, value: string): void {
  const before = draft.variants[draft.chosen] ?? {};
  const after = draft.variants[value] ?? {};
  draft.chosen = value;
  carry(before, after);
}

function carry(from: Parts, to: Parts): void {
  for (const [name, target] of Object.entries(to)) {
    const source = from[name];
    if (source?.type === "text" && target.type === "text" && target.text === "") target.text = source.text;
    if (source?.type === "group" && target.type === "group") carry(source.parts, target.parts);
  }
}

/** Fields of a list whose items are much alike, as the ports of a device are. By their names. */
export interface Series {
  /** Count on from item to item: 3 after 2. */
  readonly counted: readonly string[];
  /** No two items share them. */
  readonly own: readonly string[];
  /** Mostly the same in all items. */
  readonly shared?: readonly string[];
}

/**
 * Adds an item: an empty one, or in a series one like the last. Keys are never used again, so that what is drawn stays with its item.
 */
export function addItem(draft: ListDraft, field: ListField, series?: Series): void {
  const key = Math.max(-1, ...draft.items.map((item) => item.key)) + 1;
  const last = draft.items.at(-1)?.draft;
  draft.items = [...draft.items, { key, draft: last && series ? nextOf(last, field.item.name, series) : draftOf(field.item) }];
}

function nextOf(draft: Draft, name: string, series: Series): Draft {
  const next = (parts: Parts): Parts =>
    Object.fromEntries(Object.entries(parts).map(([part, one]) => [part, nextOf(one, part, series)]));
  switch (draft.type) {
    case "text":
      return { type: "text", text: nextText(draft.text, name, series), kept: false };
    case "switch":
      return { ...draft };
    case "group":
      return { ...draft, parts: next(draft.parts) };
    case "list":
      return { ...draft, items: draft.items.map((item) => ({ ...item, draft: nextOf(item.draft, name, series) })) };
    case "union": {
      const variants = Object.entries(draft.variants).map(([value, parts]) => [value, next(parts)] as const);
      return { ...draft, variants: Object.fromEntries(variants) };
    }
  }
}

function nextText(text: string, name: string, { counted, own }: Series): string {
  if (own.includes(name)) return "";
  const isCounted = counted.includes(name) && /^\d{1,15}$/.test(text);
  return isCounted ? String(Number(text) + 1).padStart(text.length, "0") : text;
}

export function removeItem(draft: ListDraft, index: number): void {
  draft.items = draft.items.toSpliced(index, 1);
}

/** The texts of these names within a draft, wherever they are in it. */
function textsOf(draft: Draft, names: readonly string[]): readonly (readonly [name: string, text: TextDraft])[] {
  const within = (parts: Parts) =>
    Object.entries(parts).flatMap(([name, part]) =>
      part.type === "text" ? (names.includes(name) ? [[name, part] as const] : []) : textsOf(part, names),
    );
  switch (draft.type) {
    case "group":
      return within(draft.parts);
    case "union":
      return Object.values(draft.variants).flatMap(within);
    case "list":
      return draft.items.flatMap((item) => textsOf(item.draft, names));
    default:
      return [];
  }
}

/** The texts of further items that differ from the first item's; from what that leaves empty nothing differs. */
function differing({ items: [first, ...others] }: ListDraft, names: readonly string[]) {
  const stated = new Map(
    first && textsOf(first.draft, names).flatMap(([name, { text }]) => (text.trim() === "" ? [] : [[name, text]])),
  );
  return others.flatMap((item) =>
    textsOf(item.draft, names).flatMap(([name, text]) => {
      const wanted = stated.get(name);
      return wanted === undefined || wanted === text.text ? [] : [{ text, wanted }];
    }),
  );
}

/** Whether some item says another thing than the first in what is mostly the same. */
export const differs = (draft: ListDraft, { shared = [] }: Series): boolean => differing(draft, shared).length > 0;

/** Has all items say what the first says. */
export function share(draft: ListDraft, { shared = [] }: Series): void {
  for (const { text, wanted } of differing(draft, shared)) text.text = wanted;
}
