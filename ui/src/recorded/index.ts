export { recordedBox } from "./recorded-box.ts";
export { recordedHeadquarters } from "./recorded-headquarters.ts";
