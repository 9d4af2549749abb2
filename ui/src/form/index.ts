export {
  addItem,
  choose,
  type Draft,
  draftOf,
  type GroupDraft,
  keptSecrets,
  type ListDraft,
  type Parts,
  removeItem,
  type Series,
  type SwitchDraft,
  type TextDraft,
  typedValue,
  type UnionDraft,
} from "./drafts.ts";
export {
  eachField,
  type Field,
  fieldOf,
  type GroupField,
  type JsonSchema,
  type LeafField,
  type ListField,
  type UnionField,
} from "./fields.ts";
export { type DrawnField, type Form, type FormOptions, formKey, openForm, useForm } from "./form.ts";
export { formWords, keysOf, type Texts } from "./words.ts";
