import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { messages, rememberedLocale, rememberLocale } from "./index.ts";

const { "zh-CN": zhCn, en } = messages;
const source = join(import.meta.dirname, "..");
const CJK = /[\u3400-\u9fff]/;

/** Every leaf by its dotted key. */
function leaves(tree: object, prefix = ""): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([name, value]): [string, string][] =>
    typeof value === "object" && value !== null ? leaves(value, `${prefix}${name}.`) : [[`${prefix}${name}`, String(value)]],
  );
}
const placeholders = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort((a, b) => a.localeCompare(b));
const files = (ending: string) =>
  readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !name.endsWith(".test.ts"))
    .map((name) => ({ name, text: readFileSync(join(source, name), "utf8") }));

describe("the locale files", () => {
  it("have the same keys", () => {
    const keys = (tree: object) =>
      leaves(tree)
        .map(([key]) => key)
        .sort((a, b) => a.localeCompare(b));
    expect(keys(en)).toEqual(keys(zhCn));
  });

  it("have the same placeholders in each text", () => {
    const english = new Map(leaves(en));
    const differing = leaves(zhCn).filter(([key, text]) => `${placeholders(text)}` !== `${placeholders(english.get(key) ?? "")}`);
    expect(differing).toEqual([]);
  });

  it("have no empty text", () => {
    expect([...leaves(zhCn), ...leaves(en)].filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  it("hold every key that a page asks for by name", () => {
    const known = new Set(leaves(zhCn).map(([key]) => key));
    const isPlain = (key: string) => /^[a-z][\w-]*(\.[\w*-]+)+$/i.test(key);
    const missing = [...files(".vue"), ...files(".ts")].flatMap(({ name, text }) =>
      [...text.matchAll(/\bt\(\s*["'`]([^"'`$]+)["'`]/g)].flatMap(([, key]) =>
        key && isPlain(key) && !known.has(key) ? [`${name}: ${key}`] : [],
      ),
    );
    expect(missing).toEqual([]);
  });

  it("hold a text for every key that is put together", () => {
    const keys = leaves(zhCn).map(([key]) => key);
    const missing = [...files(".vue"), ...files(".ts")].flatMap(({ name, text }) =>
      [...text.matchAll(/\bt\(\s*`([\w.-]+)\$\{/g)].flatMap(([, start]) =>
        start && !keys.some((key) => key.startsWith(start)) ? [`${name}: ${start}`] : [],
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe("the pages", () => {
  it("have no text of their own in Chinese", () => {
    expect(
      files(".vue")
        .filter(({ text }) => CJK.test(text))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it("keep Chinese out of the code beside them, the recordings apart", () => {
    const found = files(".ts").filter(({ name, text }) => !name.startsWith("recorded") && CJK.test(text));
    expect(found.map(({ name }) => name)).toEqual([]);
  });
});

describe("the chosen language", () => {
  it("is Chinese until another was chosen, and remembered then", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    expect(rememberedLocale(storage)).toBe("zh-CN");
    rememberLocale(storage, "en");
    expect(rememberedLocale(storage)).toBe("en");
  });

  it("is Chinese when something else was left in its place", () => {
    expect(rememberedLocale({ getItem: () => "tlh" })).toBe("zh-CN");
  });
});
