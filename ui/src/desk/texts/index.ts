export { default as TextsPage } from "./TextsPage.vue";
