import type { SiteConfig } from "@sitebox/core/contract";
import type { Prompt } from "../dialog.ts";
import { type Language, locales, type PromptId } from "./locales/index.ts";
import { type Spelling, spell } from "./spell.ts";

/** A line of the assistant whose id is known to the locales. */
export const prompt = (id: PromptId, params?: Readonly<Record<string, string>>): Prompt => (params ? { id, params } : { id });

const PLACEHOLDER = /\{(\w+)(?:\|(\w+))?\}/g;
const MENU_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8"];

function templateOf(id: string, language: Language): string {
  const template = (locales[language] as Readonly<Record<string, string>>)[id];
  if (template === undefined) throw new RangeError(`there is no prompt ${id}`);
  return template;
}

const spellingOf = (name: string | undefined): Spelling =>
  name === "digits" || name === "room" || name === "count" ? name : "plain";

/** The words of a line. `site` fills `{site}`. @throws RangeError for an id that no locale has or a parameter that is not given. */
export function renderPrompt(line: Prompt, language: Language, site: Pick<SiteConfig, "name">): string {
  return templateOf(line.id, language).replace(PLACEHOLDER, (_, name: string, spelling?: string) => {
    return name === "site" ? site.name : spokenValue(line, name, spelling, language);
  });
}

function spokenValue(line: Prompt, name: string, spelling: string | undefined, language: Language): string {
  const value = line.params?.[name];
  if (value === undefined) throw new RangeError(`prompt ${line.id} needs ${name}`);
  return spell(value, spellingOf(spelling), language);
}

/** The words of a line in pieces, cut where a value stands: what is fixed is rendered once and kept, only values are spoken live. Joined they are {@link renderPrompt}. */
export function promptSegments(line: Prompt, language: Language, site: Pick<SiteConfig, "name">): string[] {
  const template = templateOf(line.id, language).replaceAll("{site}", site.name);
  const segments: string[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    segments.push(template.slice(end, match.index));
    segments.push(spokenValue(line, match[1] ?? "", match[2], language));
    end = match.index + match[0].length;
  }
  segments.push(template.slice(end));
  return segments.filter((segment) => /[\p{L}\p{N}]/u.test(segment));
}

/** Everything that can be rendered before any call: fixed pieces of all lines, and the site's names, menu keys and small counts. */
export function fixedPrompts(site: SiteConfig, language: Language = "zh-CN"): string[] {
  const texts = new Set<string>();
  for (const [id, template] of Object.entries(locales[language])) {
    if (id.startsWith("summary.") || id.startsWith("word.")) continue;
    const named = template.replaceAll("{site}", site.name);
    for (const piece of named.split(/\{\w+(?:\|\w+)?\}/)) if (/[\p{L}\p{N}]/u.test(piece)) texts.add(piece);
  }
  const names = [
    ...site.items.flatMap((item) => [item.name, ...item.faults.map(({ name }) => name)]),
    ...site.deliveries.map(({ name }) => name),
  ];
  for (const name of [...names, ...site.deliveries.flatMap(({ classifiers }) => classifiers.slice(0, 1))]) texts.add(name);
  for (const key of [...MENU_KEYS, "9"]) texts.add(spell(key, "digits", language));
  return [...texts];
}
