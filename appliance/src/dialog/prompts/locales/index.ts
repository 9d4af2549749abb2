import en from "./en.json" with { type: "json" };
import zhCN from "./zh-CN.json" with { type: "json" };

export type PromptId = keyof typeof zhCN;
export type Language = "zh-CN" | "en";

/** Every language has every prompt: the compiler checks it. */
export const locales: Readonly<Record<Language, Readonly<Record<PromptId, string>>>> = { "zh-CN": zhCN, en };
