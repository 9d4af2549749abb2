import en from "./en.json" with { type: "json" };
import zhCN from "./zh-CN.json" with { type: "json" };

export type WordKey = keyof typeof zhCN;
export type Words = Readonly<Record<WordKey, string>>;
export type TextLanguage = "zh-CN" | "en";

/** What the box writes in texts; every language has every line: the compiler checks it. */
export const locales: Readonly<Record<TextLanguage, Words>> = { "zh-CN": zhCN, en };
