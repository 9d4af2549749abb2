export { turnGrammar } from "./grammar.ts";
export { roomTree, spokenRoom } from "./rooms.ts";
