/** What a form needs of a JSON Schema as zod writes it. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly default?: unknown;
  readonly title?: string;
  readonly description?: string;
  readonly writeOnly?: boolean;
}

interface Common {
  readonly name: string;
  /** Its names from the root, the chosen member of a union among them and list positions left out: "gateway.ports.sim.number". */
  readonly path: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly required: boolean;
}
export interface TextField extends Common {
  readonly type: "text";
  /** Never read back: it is typed anew or left as it is. */
  readonly secret: boolean;
  readonly hasPattern: boolean;
  readonly maxLength?: number | undefined;
  readonly default?: string | undefined;
}
export interface NumberField extends Common {
  readonly type: "number";
  readonly integer: boolean;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly default?: number | undefined;
}
export interface ChoiceField extends Common {
  readonly type: "choice";
  readonly options: readonly (string | number)[];
  readonly default?: string | number | undefined;
}
export interface SwitchField extends Common {
  readonly type: "switch";
  readonly default: boolean;
}
/** Several texts, one a row. */
export interface LinesField extends Common {
  readonly type: "lines";
}
export interface GroupField extends Common {
  readonly type: "group";
  /** May be left out whole. */
  readonly optional: boolean;
  readonly fields: readonly Field[];
}
export interface ListField extends Common {
  readonly type: "list";
  readonly min: number;
  readonly item: Field;
}
export interface UnionField extends Common {
  readonly type: "union";
  /** The property that tells the members apart. */
  readonly key: string;
  readonly variants: readonly Variant[];
}
export interface Variant {
  readonly value: string;
  readonly fields: readonly Field[];
}
export type LeafField = TextField | NumberField | ChoiceField | SwitchField | LinesField;
export type Field = LeafField | GroupField | ListField | UnionField;

const join = (...names: string[]) => names.filter((name) => name !== "").join(".");

/**
 * The fields of a schema: strings, numbers, booleans, enums, objects, lists, and objects told apart by a constant.
 * @throws {Error} for a schema of another kind, so that a setting cannot silently go missing from its form
 */
export function fieldOf(schema: JsonSchema, name = "", path = name, required = true): Field {
  const common: Common = { name, path, title: schema.title, description: schema.description, required };
  const options = optionsOf(schema);
  if (options) return { ...common, type: "choice", options, default: schema.default as string | number | undefined };
  if (schema.oneOf) return unionOf(schema.oneOf, common);
  switch (schema.type) {
    case "string":
      return {
        ...common,
        type: "text",
        secret: schema.writeOnly === true,
        hasPattern: schema.pattern !== undefined,
        maxLength: schema.maxLength,
        default: schema.default as string | undefined,
      };
    case "integer":
    case "number":
      return {
        ...common,
        type: "number",
        integer: schema.type === "integer",
        min: safeBound(schema.minimum),
        max: safeBound(schema.maximum),
        default: schema.default as number | undefined,
      };
    case "boolean":
      return { ...common, type: "switch", default: schema.default === true };
    case "array":
      return schema.items?.type === "string" && !optionsOf(schema.items)
        ? { ...common, type: "lines" }
        : { ...common, type: "list", min: schema.minItems ?? 0, item: fieldOf(schema.items ?? {}, "", path) };
    case "object":
      return {
        ...common,
        type: "group",
        optional: !required && schema.default === undefined,
        fields: fieldsOf(schema, path),
      };
    default:
      throw new Error(`no field can be drawn for ${path}`);
  }
}

/** The fields of an object; a constant is told by the union around it and needs none. */
function fieldsOf({ properties = {}, required = [] }: JsonSchema, path: string): Field[] {
  return Object.entries(properties)
    .filter(([, property]) => property.const === undefined)
    .map(([name, property]) => fieldOf(property, name, join(path, name), required.includes(name)));
}

function unionOf(members: readonly JsonSchema[], common: Common): UnionField {
  const key = Object.entries(members[0]?.properties ?? {}).find(([, { const: value }]) => value !== undefined)?.[0];
  if (key === undefined) throw new Error(`the members of ${common.path || "the form"} are not told apart by a constant`);
  const variants = members.map((member) => {
    const value = String(member.properties?.[key]?.const);
    return { value, fields: fieldsOf(member, join(common.path, value)) };
  });
  return { ...common, type: "union", key, variants };
}

const isOption = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";

function optionsOf({ enum: values, anyOf }: JsonSchema): readonly (string | number)[] | undefined {
  if (values) return values.filter(isOption);
  const constants = anyOf?.map(({ const: value }) => value);
  return constants?.every(isOption) === true ? constants : undefined;
}

/** zod states the range of safe integers where a schema has no bound of its own. */
const safeBound = (bound: number | undefined) =>
  bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound;

/** Every field, those within others too. */
export function* eachField(field: Field): Generator<Field> {
  yield field;
  if (field.type === "group") for (const one of field.fields) yield* eachField(one);
  if (field.type === "list") yield* eachField(field.item);
  if (field.type === "union") for (const { fields } of field.variants) for (const one of fields) yield* eachField(one);
}
