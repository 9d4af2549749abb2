export { PocketSphinx, type PocketSphinxOptions } from "./pocketsphinx.ts";
