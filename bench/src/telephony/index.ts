export { telephonySection } from "./section.ts";
