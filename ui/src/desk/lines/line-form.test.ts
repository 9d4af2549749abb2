import { LineConfig, OutsideLine } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { draftOf, eachField, type Field, keysOf, typedValue } from "../../form/index.ts";
import { LOCALES, openI18n } from "../../locales/index.ts";
import { recordedBox } from "../../recorded/index.ts";
import { FOLDED, FOUND_FIELDS, lineField } from "./line-form.ts";

const fields = [...eachField(lineField)].filter(({ name }) => name !== "");

const kinds = lineField.type === "union" ? lineField.variants.map(({ value }) => value) : [];

describe.each(LOCALES)("the words of a line's form in %s", (locale) => {
  const { te } = openI18n(locale).global;
  /** What stands in the locale itself, without falling back to the schema's own title. */
  const own = (part: string, path: string) => keysOf(path).find((name) => te(`lineForm.${part}.${name}`, locale));

  it("name every field of every kind", () => {
    expect(fields.filter(({ path }) => own("label", path) === undefined).map(({ path }) => path)).toEqual([]);
  });

  it("name everything that can be chosen", () => {
    const choices = [...eachField(lineField)].flatMap((field): string[] => {
      if (field.type === "union") return field.variants.map(({ value }) => `${field.path}.${field.key}_${value}`);
      return field.type === "choice" ? field.options.map((option) => `${field.path}_${option}`) : [];
    });
    expect(choices.filter((path) => own("choice", path.replace(/^\./, "")) === undefined)).toEqual([]);
  });

  it("name every kind of line", () => {
    expect(kinds.filter((kind) => !te(`line.kind.${kind}`, locale)).map((kind) => `line.kind.${kind}`)).toEqual([]);
  });

  it("tell what a pattern wants", () => {
    const patterned = fields.filter((field) => field.type === "text" && field.hasPattern);
    expect(patterned.filter(({ path }) => own("misfit", path) === undefined).map(({ path }) => path)).toEqual([]);
  });
});

describe("a line's form", () => {
  it("has the kinds that lines may be of, and what is folded or asked for exists", () => {
    expect(kinds).toEqual(OutsideLine.shape.kind.options);
    const paths = fields.map(({ path }) => path);
    expect(FOLDED.filter((end) => !paths.some((path) => path === end || path.endsWith(`.${end}`)))).toEqual([]);
    expect(FOUND_FIELDS.filter((end) => !paths.includes(`gsm.${end}`))).toEqual([]);
  });

  it("hides no field that has to be filled", () => {
    const folded = (field: Field) => FOLDED.some((end) => field.path === end || field.path.endsWith(`.${end}`));
    expect(fields.filter((field) => field.required && folded(field)).map(({ path }) => path)).toEqual([]);
  });

  it("keeps the settings of a line that is opened and saved", async () => {
    for (const { config } of await recordedBox("", "/desk/").call("lineConfigs", {}))
      expect(typedValue(lineField, draftOf(lineField, config, true))).toMatchObject(config);
  });

  it("makes settings that the box takes", () => {
    const config = {
      kind: "gsm",
      name: "gsm-1",
      imei: "861107030012345",
      sim: { number: "13900001111", owner: "a", purpose: "b" },
    };
    expect(LineConfig.safeParse(typedValue(lineField, draftOf(lineField, config))).error).toBeUndefined();
  });
});
