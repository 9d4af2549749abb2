export { LineDialler, type LineDiallerDeps } from "./line-dialler.ts";
export { trunkKind } from "./line-view.ts";
export { type LineEvents, type LineSource, Lines } from "./lines.ts";
