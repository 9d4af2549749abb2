import type { Field } from "./fields.ts";

/** A page's texts, as vue-i18n gives them. */
export interface Texts {
  readonly t: (key: string, values?: Record<string, unknown>) => string;
  readonly te: (key: string) => boolean;
}

/** Under which names a field's text may stand, the most particular first: "gateway_ports_sim_number" … "sim_number", "number". */
export function keysOf(path: string): string[] {
  const names = path.split(".");
  return names.map((_, index) => names.slice(index).join("_"));
}

/** What a form says about its fields. */
export interface FormWords {
  label(field: Field): string;
  help(field: Field): string | undefined;
  choice(path: string, value: string | number): string;
  /** What to know about a choice, once it is made. */
  choiceHelp(path: string, value: string | number): string | undefined;
  /** Our own words for a value that does not fit its pattern or rule. */
  misfit(path: string): string | undefined;
}

/** Words out of the locale's part `base`; the schema's own title where there are none. */
export function formWords(base: string, { t, te }: Texts): FormWords {
  const find = (part: string, path: string, ending = "") => {
    const key = keysOf(path)
      .map((name) => `${base}.${part}.${name}${ending}`)
      .find((one) => te(one));
    return key && t(key);
  };
  return {
    label: ({ path, title, name }) => find("label", path) ?? title ?? name,
    help: ({ path, description }) => find("help", path) ?? description,
    choice: (path, value) => find("choice", path, `_${value}`) ?? String(value),
    choiceHelp: (path, value) => find("help", path, `_${value}`),
    misfit: (path) => find("misfit", path),
  };
}
