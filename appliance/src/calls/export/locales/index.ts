import en from "./en.json" with { type: "json" };
import zhCN from "./zh-CN.json" with { type: "json" };

export type ExportWord = keyof typeof zhCN;
export type ExportLanguage = "zh-CN" | "en";

/** Every language has every word: the compiler checks it. */
export const words: Readonly<Record<ExportLanguage, Readonly<Record<ExportWord, string>>>> = { "zh-CN": zhCN, en };
