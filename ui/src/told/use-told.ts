import { useI18n } from "vue-i18n";
import { type Told, toldBy } from "./told.ts";

/** What servers tell, in the page's language. */
export function useTold(): Told {
  const { t, te } = useI18n();
  return toldBy({ t: (key, values = {}) => t(key, values), te: (key) => te(key) });
}
