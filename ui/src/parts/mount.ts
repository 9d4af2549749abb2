import { type App, type Component, createApp } from "vue";
import { openI18n, rememberedLocale } from "../locales/index.ts";
import "../theme/index.ts";

/** Starts a page: its root component with what it is given, in the language chosen last. */
export function mountPage(root: Component, props: Record<string, unknown>, prepare: (app: App) => void = () => undefined): void {
  const locale = rememberedLocale(localStorage);
  document.documentElement.lang = locale;
  const app = createApp(root, props);
  app.use(openI18n(locale));
  prepare(app);
  app.mount("#app");
}
