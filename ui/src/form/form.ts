import { computed, type InjectionKey, inject, type MaybeRefOrGetter, reactive, shallowReactive, toValue } from "vue";
import type { z } from "zod";
import en from "zod/v4/locales/en.js";
import zhCn from "zod/v4/locales/zh-CN.js";
import {
  addItem,
  type Draft,
  differs,
  draftOf,
  keptSecrets,
  type ListDraft,
  learn,
  type Series,
  share,
  typedValue,
} from "./drafts.ts";
import { eachField, type Field, type LeafField, type ListField, type UnionField } from "./fields.ts";
import { atOf, byPlace, type FormIssue, tellIssue } from "./problems.ts";
import { type FormWords, formWords, type Texts } from "./words.ts";

export interface FormOptions {
  /** Judges what was typed. */
  readonly schema: z.ZodType;
  readonly field: Field;
  /** What stands in the form at first. */
  readonly value?: unknown;
  /** What stands in each kind of the thing before one is chosen. */
  readonly starts?: readonly unknown[];
  /** Secrets that are left empty stay as they are. */
  readonly editing?: boolean;
  /** Where in the locales its words are. */
  readonly words: string;
  readonly texts: Texts & { readonly locale: () => string };
  /** Drawn, by where they are and in this order; all where it is absent. */
  readonly only?: MaybeRefOrGetter<readonly string[]>;
  /** Rarely needed: folded away. By their paths' ends, e.g. "limits" or "sim.contract". */
  readonly folded?: readonly string[];
  /** Shown, and not to be changed; by where they are. */
  readonly fixed?: readonly string[];
  /** Lists, by their paths' ends, whose items are much alike. */
  readonly series?: Series & { readonly lists: readonly string[] };
  /** Helps with a field in place of the locale's own words, by what was typed so far. */
  readonly help?: (field: Field, typed: unknown) => string | undefined;
  /** What may well be meant in a field, by its name. */
  readonly suggestions?: MaybeRefOrGetter<Readonly<Record<string, readonly string[]>>>;
}

/** A field as it is handed to whoever draws it. */
export interface DrawnField {
  readonly field: Field;
  readonly draft: Draft;
  /** Where it is in the value: "ports.0.sim.number". */
  readonly at: string;
}

/** A form that is being filled. */
export interface Form {
  readonly field: Field;
  readonly draft: Draft;
  readonly words: FormWords;
  readonly editing: boolean;
  /** Only some fields are asked for: without frames around groups of them. */
  readonly only: boolean;
  shows(at: string): boolean;
  /** Fields that are asked for come in the order of asking, all others as the schema has them. */
  rank(at: string): number;
  isFolded(field: Field): boolean;
  isFixed(at: string): boolean;
  suggestions(field: Field): readonly string[];
  /** The thing itself has become known better: `value` goes where nothing was typed or chosen since it was last known. */
  learn(value: unknown): void;
  /** Adds an item to a list. */
  add(draft: ListDraft, field: ListField): void;
  /** The name of what the items of a list mostly share, where some of them say another thing than the first. */
  unshared(draft: ListDraft, field: ListField): string | undefined;
  /** Has all items say what the first says. */
  share(draft: ListDraft, field: ListField): void;
  /** What helps to fill a field, by what was filled already. */
  help(field: Field): string | undefined;
  /** The person has left this field: from now on it is told when it does not fit. */
  touch(at: string): void;
  /** The person types in this field: what the server found wrong with it counts no more. */
  change(at: string): void;
  /** What is wrong with a field, once it was touched or the form sent. */
  problem(at: string, field: LeafField | ListField | UnionField): string | undefined;
  /** Whether something within is told to be wrong. */
  troubled(at: string): boolean;
  /** What was typed where the schema takes it; nothing, and all problems are shown, where not. */
  submit(): { readonly value: unknown } | undefined;
  /** Shows what the server finds wrong. What was typed stays. Returns what belongs to no field that is drawn. */
  refuse(issues: readonly { readonly path: string; readonly message: string }[]): string[];
}

const zodTexts = { "zh-CN": zhCn().localeError, en: en().localeError };

export function openForm(options: FormOptions): Form {
  const { schema, field, texts, only, editing = false } = options;
  const drafted = (value: unknown) => draftOf(field, value, editing, options.starts);
  const draft = reactive(drafted(options.value)) as Draft;
  let known = options.value;
  const words = formWords(options.words, texts);
  const seen = shallowReactive({ places: new Set<string>(), all: false });
  const refused = shallowReactive(new Map<string, string>());

  const judged = computed(() => {
    const value = typedValue(field, draft);
    const parsed = schema.safeParse(value, { error: zodTexts[texts.locale() === "en" ? "en" : "zh-CN"] });
    const kept = new Set(keptSecrets(draft));
    const issues = (parsed.error?.issues ?? []).filter(({ path }) => !kept.has(atOf(path)));
    return { value, issues: byPlace(issues) };
  });
  const rank = (at: string) => toValue(only)?.findIndex((place) => place === at || place.startsWith(`${at}.`)) ?? 0;
  const shows = (at: string) => rank(at) >= 0;
  const endsIn = ({ path }: Field, ends: readonly string[] = []) => ends.some((end) => path === end || path.endsWith(`.${end}`));
  const seriesOf = (one: ListField) => (endsIn(one, options.series?.lists) ? options.series : undefined);
  const isSeen = (at: string) => seen.all || seen.places.has(at);
  /** A field of several rows is one place, whichever row is meant. */
  const issueAt = (at: string, leaf: Field): FormIssue | undefined => {
    const message = refused.get(at);
    if (message !== undefined) return { code: "server", message };
    if (!isSeen(at)) return undefined;
    const { issues } = judged.value;
    const within = leaf.type === "lines" ? [...issues.keys()].find((place) => place.startsWith(`${at}.`)) : undefined;
    return issues.get(within ?? at);
  };

  return {
    field,
    draft,
    words,
    editing,
    only: only !== undefined,
    shows,
    rank,
    isFolded: (one) => endsIn(one, options.folded),
    isFixed: (at) => options.fixed?.includes(at) === true,
    suggestions: ({ name }) => toValue(options.suggestions)?.[name] ?? [],
    learn(value) {
      learn(draft, drafted(known), drafted(value));
      known = value;
    },
    add: (list, one) => addItem(list, one, seriesOf(one)),
    unshared(list, one) {
      const series = seriesOf(one);
      if (!series || !differs(list, series)) return undefined;
      const within = [...eachField(one.item)].filter(({ name }) => series.shared?.includes(name));
      return [...new Set(within.map((part) => words.label(part)))].join(texts.t("form.and"));
    },
    share(list, one) {
      const series = seriesOf(one);
      if (series) share(list, series);
    },
    help: (one) => options.help?.(one, judged.value.value) ?? words.help(one),
    change: (at) => void refused.delete(at),
    touch(at) {
      seen.places = new Set(seen.places).add(at);
    },
    problem(at, leaf) {
      const issue = issueAt(at, leaf);
      return issue && tellIssue(issue, leaf, isNothing(valueAt(judged.value.value, at)), words, texts.t);
    },
    troubled(at) {
      const isWithin = (place: string) => place === at || place.startsWith(`${at}.`);
      return [...refused.keys()].some(isWithin) || (seen.all && [...judged.value.issues.keys()].some(isWithin));
    },
    submit() {
      refused.clear();
      const { value, issues } = judged.value;
      if (issues.size === 0) return { value };
      seen.all = true;
      return undefined;
    },
    refuse(issues) {
      const names = new Set([...eachField(field)].map(({ name }) => name));
      const isDrawn = (path: string) => shows(path) && path.split(".").every((name) => names.has(name) || /^\d+$/.test(name));
      for (const { path, message } of issues) if (isDrawn(path)) refused.set(path, message);
      return issues.filter(({ path }) => !isDrawn(path)).map(({ message }) => message);
    },
  };
}

const isNothing = (value: unknown) => value === undefined || value === "";
const valueAt = (value: unknown, at: string): unknown =>
  at
    .split(".")
    .reduce<unknown>((now, name) => (typeof now === "object" && now !== null ? Reflect.get(now, name) : undefined), value);

export const formKey: InjectionKey<Form> = Symbol("form");

export function useForm(): Form {
  const form = inject(formKey);
  if (!form) throw new Error("the form is provided by SchemaForm");
  return form;
}
