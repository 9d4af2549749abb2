export { type CardDeps, openCardLine } from "./card-line.ts";
export { type HelperPort, replayedHelper } from "./link/index.ts";
