export { modemSection } from "./section.ts";
