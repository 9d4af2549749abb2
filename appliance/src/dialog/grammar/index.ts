export { turnGrammar } from "./grammar.ts";
