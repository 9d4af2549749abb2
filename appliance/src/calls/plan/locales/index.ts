import en from "./en.json" with { type: "json" };
import zhCN from "./zh-CN.json" with { type: "json" };

export type ReasonId = keyof typeof zhCN;
export type ReasonLanguage = "zh-CN" | "en";

/** Every language has every reason: the compiler checks it. */
export const locales: Readonly<Record<ReasonLanguage, Readonly<Record<ReasonId, string>>>> = { "zh-CN": zhCN, en };
