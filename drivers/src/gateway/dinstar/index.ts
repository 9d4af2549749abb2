export { Dinstar } from "./dinstar.ts";
