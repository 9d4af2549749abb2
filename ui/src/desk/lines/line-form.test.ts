import { LineConfig, OutsideLine } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { draftOf, eachField, type Field, keysOf, typedValue } from "../../form/index.ts";
import { LOCALES, openI18n } from "../../locales/index.ts";
import { recordedBox } from "../../recorded/index.ts";
import { countingOf, FOLDED, FOUND_FIELDS, lineField, newLines, registrations } from "./line-form.ts";

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

  it("tells of every maker's gateway how it counts its ports, in each language", () => {
    const makers = [...eachField(lineField)].flatMap((field) =>
      field.type === "choice" && field.path === "gateway.maker" ? field.options : [],
    );
    expect(makers.length).toBeGreaterThan(3);
    const keys = makers.map((maker) => countingOf({ path: "gateway.ports" }, { kind: "gateway", maker }));
    for (const locale of LOCALES) expect(keys.filter((key) => !openI18n(locale).global.te(key ?? "", locale))).toEqual([]);
    expect(countingOf({ path: "gateway.ports" }, { kind: "gateway" })).toBeUndefined();
    expect(countingOf({ path: "gateway.name" }, { kind: "gateway", maker: "goip" })).toBeUndefined();
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

  it("begins a line of every kind with a name that is free", () => {
    const lines = newLines(["gsm-1", "card-1"]);
    expect(lines.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
    expect(lines.map(({ name }) => name).sort()).toEqual(["card-2", "gateway-1", "gsm-2", "sip-1"]);
  });

  it("knows whom the site's numbers are registered to, once each", async () => {
    const known = registrations(await recordedBox("", "/desk/").call("lineConfigs", {}));
    expect(known.owner).toHaveLength(1);
    expect(known.purpose).toEqual(["前台来电与通知", "前台来电"]);
    expect(registrations([])).toEqual({ owner: [], purpose: [] });
  });

  it("tells that a modem cannot be found along with what else is missing", () => {
    const issues = LineConfig.safeParse({ kind: "gsm", name: "gsm-1", sim: {} }).error?.issues ?? [];
    expect(issues.map(({ path }) => path.join("."))).toEqual(["sim.number", "sim.owner", "sim.purpose", "imei"]);
  });
});
