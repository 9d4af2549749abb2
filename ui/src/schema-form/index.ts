export { default as SchemaForm } from "./SchemaForm.vue";
