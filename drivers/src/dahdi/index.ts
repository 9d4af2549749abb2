export { type CardDeps, dahdi, openCardLine } from "./card-line.ts";
