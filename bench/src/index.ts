export { type MediaLoad, type MediaLoadFigures, measureMediaLoad } from "./media-load.ts";
