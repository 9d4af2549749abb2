export type { Entry, FormIndex } from "./forms.ts";
export { toneless } from "./pinyin.ts";
export { expandRooms } from "./rooms.ts";
export { bareOf, normalise, type Skeleton, skeletonOf } from "./text.ts";
export { compileVocabulary, type Fault, type Goods, type RepairItem, type Vocabulary } from "./vocabulary.ts";
