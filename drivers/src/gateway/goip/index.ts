export { Goip } from "./goip.ts";
