export { LineDialler, type LineDiallerDeps } from "./line-dialler.ts";
export { type LineEvents, type LineSource, Lines } from "./lines.ts";
