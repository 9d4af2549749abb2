import en from "./en.json" with { type: "json" };
import zhCN from "./zh-CN.json" with { type: "json" };

export type WordKey = keyof typeof zhCN;
export type Words = Readonly<Record<WordKey, string>>;

/** Words of the exported text; every language has every word: the compiler checks it. */
export const locales: Readonly<Record<"zh-CN" | "en", Words>> = { "zh-CN": zhCN, en };
