import { locales, type ReasonId, type ReasonLanguage } from "./locales/index.ts";

/** A value of a reason: text as it is, several of them as the language lists things, or a phrase of the locale. */
export type ReasonValue = string | number | readonly string[] | { readonly phrase: ReasonId };

/** One rule that led to a decision, before it is put into words. */
export interface Reason {
  readonly id: ReasonId;
  readonly values?: Readonly<Record<string, ReasonValue>>;
}

/** A reason in words. A value that is not given is left out. */
export function reasonText({ id, values = {} }: Reason, language: ReasonLanguage): string {
  const texts = locales[language];
  const spoken = (value: ReasonValue | undefined): string => {
    if (value === undefined) return "";
    if (typeof value === "string" || typeof value === "number") return String(value);
    return "phrase" in value ? texts[value.phrase] : new Intl.ListFormat(language, { type: "conjunction" }).format(value);
  };
  return texts[id].replace(/\{(\w+)\}/g, (_, name: string) => spoken(values[name]));
}
