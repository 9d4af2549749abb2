export { type Told, toldBy } from "./told.ts";
export { useTold } from "./use-told.ts";
