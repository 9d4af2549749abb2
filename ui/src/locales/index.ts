import { createI18n } from "vue-i18n";
import en from "./en.json";
import zhCn from "./zh-CN.json";

export const LOCALES = ["zh-CN", "en"] as const;
export type Locale = (typeof LOCALES)[number];

const KEY = "sitebox.locale";
const isLocale = (value: unknown): value is Locale => LOCALES.some((locale) => locale === value);

/** The language chosen last at this browser; Chinese where none was. */
export function rememberedLocale(storage: Pick<Storage, "getItem">): Locale {
  const value = storage.getItem(KEY);
  return isLocale(value) ? value : "zh-CN";
}

export function rememberLocale(storage: Pick<Storage, "setItem">, locale: Locale): void {
  storage.setItem(KEY, locale);
}

export const openI18n = (locale: Locale) =>
  createI18n({ legacy: false, locale, fallbackLocale: "zh-CN", messages: { "zh-CN": zhCn, en }, missingWarn: false });
