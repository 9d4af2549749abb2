export { anyText, gsmText } from "./generators.ts";
