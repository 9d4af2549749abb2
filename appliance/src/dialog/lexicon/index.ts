export { acts, degreeWords, fillers } from "./acts.ts";
export { simplified } from "./characters.ts";
export { commonClassifiers, goodsClasses } from "./goods.ts";
export { itemClasses } from "./items.ts";
export { dangers, symptoms } from "./symptoms.ts";
export type { ActKind, GoodsClass, ItemClass, Symptom } from "./types.ts";
