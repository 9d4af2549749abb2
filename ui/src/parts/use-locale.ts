import { useI18n } from "vue-i18n";
import { type Locale, rememberLocale } from "../locales/index.ts";

/** The page's language, and changing it. */
export function useLocale() {
  const { locale, t } = useI18n();
  return {
    t,
    locale,
    choose(next: Locale) {
      locale.value = next;
      document.documentElement.lang = next;
      rememberLocale(localStorage, next);
    },
  };
}
