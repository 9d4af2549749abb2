export { openYeastar } from "./yeastar.ts";
