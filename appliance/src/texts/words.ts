import type { Ticket, TicketDraft } from "@sitebox/core/contract";
import { locales, type TextLanguage, type WordKey } from "./locales/index.ts";

const PLACEHOLDER = /\{(\w+)\}/g;

/** A line of the box in a text. A value that is not known leaves no gap. */
export function words(key: WordKey, language: TextLanguage, params: Readonly<Record<string, string | undefined>> = {}): string {
  const text = locales[language][key].replace(PLACEHOLDER, (_, name: string) => params[name] ?? "");
  return text
    .replace(/ {2,}/g, " ")
    .replace(/ (?=[,.:;]|$)/g, "")
    .trim();
}

/** The language in which somebody wrote: Chinese where there is one Chinese character. */
export const languageOf = (text: string): TextLanguage => (/\p{Script=Han}/u.test(text) || !/\p{L}/u.test(text) ? "zh-CN" : "en");

type Wanted = Pick<TicketDraft | Ticket, "kind" | "place" | "item" | "fault" | "quantity" | "summary">;

/** What a ticket is about, in a few words. */
export function whatOf({ kind, place, item, fault, quantity, summary }: Wanted, language: TextLanguage): string {
  if (item === undefined || (kind !== "repair" && kind !== "delivery")) return summary;
  return kind === "repair"
    ? words("what-repair", language, { place, item, fault })
    : words("what-delivery", language, { place, item, quantity: String(quantity ?? 1) });
}

/** The lines that go to people, of which no other box's may be taken for a request; "once" are those that older boxes write. */
const answers = [
  "opened-repair",
  "opened",
  "opened-several",
  "ask-place",
  "ask-other-place",
  "ask-item",
  "handed",
  "emergency",
  "emergency-and-more",
  "emergency-once",
  "cancelled",
  "done",
  "done-message",
  "test",
] as const satisfies readonly WordKey[];

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
const patterns = Object.values(locales).flatMap((lines) =>
  answers.map(
    (key) =>
      new RegExp(
        `^\\s*${lines[key]
          .split(/\{\w+\}/)
          .map(escaped)
          .join(".*")}\\s*$`,
        "su",
      ),
  ),
);

/** Whether a box wrote this: ours, or another one that takes us for a guest. */
export const isBoxes = (text: string): boolean => patterns.some((pattern) => pattern.test(text));
