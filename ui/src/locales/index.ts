import { createI18n } from "vue-i18n";
import en from "./en.json";
import toldEn from "./told.en.json";
import toldZhCn from "./told.zh-CN.json";
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

/** Every text: those of the pages, and those for what servers tell by codes. */
export const messages = { "zh-CN": { ...zhCn, ...toldZhCn }, en: { ...en, ...toldEn } } as const;

export const openI18n = (locale: Locale) =>
  createI18n({ legacy: false, locale, fallbackLocale: "zh-CN", messages, missingWarn: false });
