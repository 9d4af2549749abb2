export { Yeastar } from "./yeastar.ts";
