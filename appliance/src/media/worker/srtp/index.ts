export { Protection } from "./protection.ts";
