export { openGoip } from "./goip.ts";
