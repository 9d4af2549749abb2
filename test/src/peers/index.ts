export { Baresip, type BaresipOptions } from "./baresip.ts";
export { Browser, type BrowserOptions, logIn } from "./browser.ts";
