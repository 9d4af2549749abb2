export { default as LineList } from "./LineList.vue";
export { default as LinesPage } from "./LinesPage.vue";
