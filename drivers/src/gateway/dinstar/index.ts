export { openDinstar } from "./dinstar.ts";
