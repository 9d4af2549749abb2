import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { GroupDraft, ListDraft, Parts, TextDraft, UnionDraft } from "./drafts.ts";
import type { LeafField, ListField, UnionField } from "./fields.ts";
import {
  addItem,
  choose,
  type Draft,
  draftOf,
  type Field,
  fieldOf,
  type JsonSchema,
  openForm,
  removeItem,
  typedValue,
} from "./index.ts";

const Port = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("line"), channel: z.int().min(1), number: z.string().regex(/^\d+$/, "digits") }),
  z.strictObject({ type: z.literal("phone"), channel: z.int().min(1), extension: z.string() }),
]);
const Thing = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("modem"),
    name: z.string().regex(/^[a-z]+$/, "small letters"),
    pin: z.string().min(1).optional().meta({ writeOnly: true }),
    hours: z.int().min(0).max(720).default(24),
    taps: z.union([z.literal(0), z.literal(32)]).default(32),
    reports: z.boolean().default(true),
    limits: z.strictObject({ calls: z.int().default(60) }).prefault({}),
  }),
  z.strictObject({
    kind: z.literal("gateway"),
    name: z.string().regex(/^[a-z]+$/, "small letters"),
    numbers: z.array(z.string().regex(/^\d+$/)).default([]),
    management: z
      .strictObject({ password: z.string().min(1).meta({ writeOnly: true }), user: z.string().default("admin") })
      .optional(),
    ports: z.array(Port).min(1),
  }),
]);
const field = fieldOf(z.toJSONSchema(Thing, { io: "input" }) as JsonSchema);
const texts = { t: (key: string) => key, te: () => false, locale: () => "en" };
const open = (value?: unknown, options: { editing?: boolean; only?: string[]; folded?: string[] } = {}) =>
  openForm({ schema: Thing, field, value, words: "lineForm", texts, ...options });

const partsIn = (draft: Draft): Parts => {
  const union = draft as UnionDraft;
  return union.variants[union.chosen] ?? {};
};
const type = (parts: Parts, name: string, text: string) => {
  (parts[name] as TextDraft).text = text;
};
/** The field at a place, as whoever draws it has it. */
const leaf = (...names: string[]): LeafField & ListField => {
  const within = (one: Field, name: string): Field | undefined => {
    if (one.type === "union") return one.variants.flatMap(({ fields }) => fields).find((found) => found.name === name);
    if (one.type === "list") return name === "" ? one.item : within(one.item, name);
    return one.type === "group" ? one.fields.find((found) => found.name === name) : undefined;
  };
  return names.reduce<Field | undefined>((now, name) => now && within(now, name), field) as LeafField & ListField;
};

describe("the fields of a schema", () => {
  it("are of the kind that their schema says, with bounds and defaults", () => {
    expect(leaf("hours")).toMatchObject({ type: "number", integer: true, min: 0, max: 720, default: 24, required: false });
    expect(leaf("limits", "calls")).toMatchObject({ type: "number", default: 60, max: undefined, path: "modem.limits.calls" });
    expect(leaf("taps")).toMatchObject({ type: "choice", options: [0, 32], default: 32 });
    expect(leaf("reports")).toMatchObject({ type: "switch", default: true });
    expect(leaf("pin")).toMatchObject({ type: "text", secret: true });
    expect(leaf("numbers")).toMatchObject({ type: "lines" });
    expect(leaf("management")).toMatchObject({ type: "group", optional: true });
    expect(leaf("limits")).toMatchObject({ type: "group", optional: false });
    expect(leaf("ports")).toMatchObject({ type: "list", min: 1, item: { type: "union", key: "type" } });
    expect(leaf("ports", "", "channel")).toMatchObject({ path: "gateway.ports.line.channel" });
  });

  it("are none for what cannot be drawn, which is told and not left out", () => {
    expect(() => fieldOf({ type: "null" }, "strange")).toThrow("strange");
    expect(() => fieldOf({ oneOf: [{ type: "object", properties: { a: { type: "string" } } }] })).toThrow("constant");
  });
});

describe("what was typed", () => {
  it("becomes the value that the schema takes; what is left empty is left out", () => {
    const draft = draftOf(field, { kind: "modem" });
    const parts = partsIn(draft);
    type(parts, "name", " lobby ");
    type(parts, "hours", "12");
    type(parts, "taps", "0");
    expect(typedValue(field, draft)).toEqual({ kind: "modem", name: "lobby", hours: 12, taps: 0, reports: true, limits: {} });
    expect(Thing.safeParse(typedValue(field, draft)).success).toBe(true);
  });

  it("comes back unchanged from a value that is edited", () => {
    const value = {
      kind: "gateway",
      name: "lobby",
      numbers: ["1", "2"],
      management: { user: "root", password: "x" },
      ports: [
        { type: "line", channel: 1, number: "3" },
        { type: "phone", channel: 2, extension: "8" },
      ],
    };
    expect(typedValue(field, draftOf(field, value))).toEqual(value);
  });

  it("leaves an optional group out until it is stated", () => {
    const draft = draftOf(field, { kind: "gateway", name: "lobby" });
    const management = partsIn(draft).management as GroupDraft;
    expect(typedValue(field, draft)).not.toHaveProperty("management");
    management.on = true;
    type(management.parts, "password", "secret ");
    expect(typedValue(field, draft)).toMatchObject({ management: { password: "secret " } });
  });

  it("takes several texts by rows or commas", () => {
    const draft = draftOf(field, { kind: "gateway" });
    type(partsIn(draft), "numbers", "123\n\n 456，789 ");
    expect(typedValue(field, draft)).toMatchObject({ numbers: ["123", "456", "789"] });
  });

  it("goes along to another kind where that has the same field", () => {
    const draft = draftOf(field, { kind: "modem" }) as UnionDraft;
    type(partsIn(draft), "name", "lobby");
    choose(draft, "gateway");
    expect(typedValue(field, draft)).toMatchObject({ kind: "gateway", name: "lobby" });
    choose(draft, "modem");
    expect(typedValue(field, draft)).toMatchObject({ kind: "modem", name: "lobby" });
  });

  it("is nothing before a kind is chosen", () => {
    expect(typedValue(field, draftOf(field))).toBeUndefined();
    expect(open().submit()).toBeUndefined();
  });

  it("has items added and removed, each keeping its own key", () => {
    const draft = draftOf(field, { kind: "gateway" });
    const ports = partsIn(draft).ports as ListDraft;
    expect(ports.items).toHaveLength(1);
    addItem(ports, leaf("ports"));
    removeItem(ports, 0);
    addItem(ports, leaf("ports"));
    expect(ports.items.map(({ key }) => key)).toEqual([1, 2]);
  });

  it("goes on in a series: what counts is counted, what is each item's own is empty, the rest is as before", () => {
    const draft = draftOf(field, {
      kind: "gateway",
      management: { user: "root" },
      ports: [{ type: "phone", channel: 9, extension: "0809" }],
    });
    const ports = partsIn(draft).ports as ListDraft;
    const series = { counted: ["channel", "extension"], own: ["number"] };
    addItem(ports, leaf("ports"), series);
    expect(typedValue(leaf("ports"), ports)).toEqual([
      { type: "phone", channel: 9, extension: "0809" },
      { type: "phone", channel: 10, extension: "0810" },
    ]);
    choose(ports.items[1]?.draft as UnionDraft, "line");
    type(partsIn(ports.items[1]?.draft as Draft), "number", "123");
    addItem(ports, leaf("ports"), series);
    expect(typedValue(leaf("ports"), ports)).toMatchObject([{}, {}, { type: "line", channel: 11 }]);
    expect((partsIn(ports.items[2]?.draft as Draft).number as TextDraft).text).toBe("");
    removeItem(ports, 1);
    expect(typedValue(leaf("ports"), ports)).toMatchObject([{ extension: "0809" }, { type: "line" }]);
  });

  it("begins each kind as it is told to, unless it has a value", () => {
    const starts = [
      { kind: "modem", name: "a" },
      { kind: "gateway", name: "b" },
    ];
    const empty = draftOf(field, undefined, false, starts) as UnionDraft;
    choose(empty, "gateway");
    expect(typedValue(field, empty)).toMatchObject({ kind: "gateway", name: "b" });
    expect(typedValue(field, draftOf(field, { kind: "modem" }, true, starts))).not.toHaveProperty("name");
  });
});

describe("a form", () => {
  it("tells what is wrong with a field once it was left, and everything once it is sent", () => {
    const form = open({ kind: "modem" });
    expect(form.problem("name", leaf("name"))).toBeUndefined();
    type(partsIn(form.draft), "name", "LOBBY");
    form.touch("name");
    expect(form.problem("name", leaf("name"))).toBe("small letters");
    type(partsIn(form.draft), "hours", "999");
    expect(form.problem("hours", leaf("hours"))).toBeUndefined();
    expect(form.submit()).toBeUndefined();
    expect(form.problem("hours", leaf("hours"))).toBe("form.problem.between");
    expect(form.troubled("limits")).toBe(false);
    type(partsIn(form.draft), "name", "lobby");
    type(partsIn(form.draft), "hours", "99");
    expect(form.submit()).toEqual({ value: { kind: "modem", name: "lobby", hours: 99, reports: true, limits: {} } });
  });

  it.each([
    ["name", "", "form.problem.required"],
    ["hours", "soon", "form.problem.number"],
    ["hours", "1.5", "form.problem.integer"],
  ])("says of %s “%s”: %s", (name, text, problem) => {
    const form = open({ kind: "modem" });
    type(partsIn(form.draft), name, text);
    form.touch(name);
    expect(form.problem(name, leaf(name))).toBe(problem);
  });

  it("tells of a list with nothing in it, and of a row among several", () => {
    const form = open({ kind: "gateway", name: "lobby", ports: [] });
    type(partsIn(form.draft), "numbers", "12\nx");
    form.submit();
    expect(form.problem("ports", leaf("ports"))).toBe("form.problem.few");
    expect(form.problem("numbers", leaf("numbers"))).toContain("^\\d+$");
  });

  it("says so where no kind is chosen, of the whole and of an item", () => {
    const form = open();
    expect(form.submit()).toBeUndefined();
    expect(form.problem("", field as UnionField)).toBe("form.problem.choose");
    const gateway = open({ kind: "gateway", name: "lobby" });
    const portsField: ListField = leaf("ports");
    expect(gateway.submit()).toBeUndefined();
    expect(gateway.problem("ports.0", portsField.item as UnionField)).toBe("form.problem.choose");
  });

  it("adds items in a series to the lists that are one, and suggests what is known for a field", () => {
    const form = openForm({
      schema: Thing,
      field,
      value: { kind: "gateway", ports: [{ type: "phone", channel: 1, extension: "8" }] },
      words: "lineForm",
      texts,
      series: { lists: ["ports"], counted: ["channel"], own: ["extension"] },
      suggestions: { name: ["lobby"] },
    });
    form.add(partsIn(form.draft).ports as ListDraft, leaf("ports"));
    expect(typedValue(field, form.draft)).toMatchObject({ ports: [{ channel: 1 }, { type: "phone", channel: 2 }] });
    expect(form.suggestions(leaf("name"))).toEqual(["lobby"]);
    expect(form.suggestions(leaf("numbers"))).toEqual([]);
  });

  it("takes what becomes known later where nothing was typed since, and keeps what was", () => {
    const form = open({ kind: "modem", name: "a", limits: { calls: 1 }, hours: 1 });
    const parts = partsIn(form.draft);
    type(parts, "name", "lobby");
    form.learn({ kind: "modem", name: "b", limits: { calls: 2 }, reports: false, taps: 0 });
    const learnt = { kind: "modem", name: "lobby", limits: { calls: 2 }, reports: false, taps: 0 };
    expect(form.submit()?.value).toEqual(learnt);
    form.learn({ kind: "modem", name: "c", limits: { calls: 3 }, hours: 3, reports: false });
    expect(form.submit()?.value).toEqual({ kind: "modem", name: "lobby", limits: { calls: 3 }, hours: 3, reports: false });
  });

  it("takes a kind and optional groups that become known later", () => {
    const form = open();
    form.learn({ kind: "gateway", name: "lobby", management: { user: "root", password: "x" }, ports: [] });
    expect(typedValue(field, form.draft)).toMatchObject({ kind: "gateway", name: "lobby", management: { user: "root" } });
  });

  it("has all items say what the first says in what they mostly share, where somebody wants it", () => {
    const form = openForm({
      schema: Thing,
      field,
      value: {
        kind: "gateway",
        ports: [
          { type: "phone", channel: 1 },
          { type: "line", channel: 2, number: "3" },
        ],
      },
      words: "lineForm",
      texts,
      series: { lists: ["ports"], counted: ["channel"], own: [], shared: ["extension", "number"] },
    });
    const ports = partsIn(form.draft).ports as ListDraft;
    expect(form.unshared(ports, leaf("ports"))).toBeUndefined();
    type(partsIn(ports.items[0]?.draft as Draft), "extension", "8");
    expect(form.unshared(ports, leaf("ports"))).toBeDefined();
    form.share(ports, leaf("ports"));
    choose(ports.items[1]?.draft as UnionDraft, "phone");
    expect(typedValue(leaf("ports"), ports)).toEqual([
      { type: "phone", channel: 1, extension: "8" },
      { type: "phone", channel: 2, extension: "8" },
    ]);
    expect(form.unshared(ports, leaf("ports"))).toBeUndefined();
  });

  it("helps with a field by what was typed", () => {
    const help = ({ name }: Field, typed: unknown) => (name === "ports" ? JSON.stringify(typed) : undefined);
    const form = openForm({ schema: Thing, field, value: { kind: "gateway", ports: [] }, words: "lineForm", texts, help });
    expect(form.help(leaf("ports"))).toContain("gateway");
    expect(form.help(leaf("name"))).toBeUndefined();
  });

  it("leaves secrets as they are that nothing is typed into", () => {
    const config = {
      kind: "gateway",
      name: "lobby",
      management: { user: "root" },
      ports: [{ type: "phone", channel: 1, extension: "8" }],
    };
    expect(open(config).submit()).toBeUndefined();
    expect(open(config, { editing: true }).submit()?.value).toMatchObject({ management: { user: "root" } });
  });

  it("wants a secret where a group is stated for the first time", () => {
    const form = open(
      { kind: "gateway", name: "lobby", ports: [{ type: "phone", channel: 1, extension: "8" }] },
      { editing: true },
    );
    (partsIn(form.draft).management as GroupDraft).on = true;
    expect(form.submit()).toBeUndefined();
    expect(form.troubled("management")).toBe(true);
  });

  it("shows what the server refuses at its field until that is changed, and hands back what belongs to none", () => {
    const form = open({ kind: "modem", name: "lobby" });
    const elsewhere = form.refuse([
      { path: "name", message: "taken" },
      { path: "weather", message: "rains" },
    ]);
    expect(elsewhere).toEqual(["rains"]);
    expect(form.problem("name", leaf("name"))).toBe("taken");
    expect(form.troubled("name")).toBe(true);
    expect((partsIn(form.draft).name as TextDraft).text).toBe("lobby");
    form.change("name");
    expect(form.problem("name", leaf("name"))).toBeUndefined();
  });

  it("hands back what the server refuses in a field that is not drawn", () => {
    const form = open({ kind: "modem", name: "lobby" }, { only: ["name"] });
    expect(form.refuse([{ path: "hours", message: "too many" }])).toEqual(["too many"]);
  });

  it("draws only what is asked for, and folds what is rarely needed", () => {
    const form = open({ kind: "modem" }, { only: ["name", "limits.calls"], folded: ["limits"] });
    expect(["name", "limits", "limits.calls", "pin"].map((at) => form.shows(at))).toEqual([true, true, true, false]);
    expect(form.rank("limits")).toBeGreaterThan(form.rank("name"));
    expect(form.isFolded(leaf("limits"))).toBe(true);
    expect(form.isFolded(leaf("name"))).toBe(false);
  });
});
