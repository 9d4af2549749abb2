import { expect, it } from "vitest";
import { registerChange, registerOf } from "./line-history.ts";

const sim = { number: "13900000001", owner: "Lakeside" };

it("every kind of line has its numbers and owners in the register", () => {
  expect(registerOf({ kind: "gsm", name: "a", sim })).toEqual(["13900000001 · Lakeside"]);
  expect(registerOf({ kind: "gateway", name: "a", ports: [{ port: 1, sim }] })).toEqual(["13900000001 · Lakeside"]);
  expect(registerOf({ kind: "dahdi", name: "a", ports: [{ line: sim }, { extension: "8001" }] })).toEqual([
    "13900000001 · Lakeside",
  ]);
  expect(registerOf({ kind: "sip", name: "a", numbers: ["057188880000"] })).toEqual(["057188880000"]);
  expect(registerOf(undefined)).toEqual([]);
});

it("a change tells what went and what came, and nothing where the register stayed", () => {
  const before = { kind: "gsm", name: "a", sim };
  expect(registerChange({ before, after: { ...before, sim: { ...sim, owner: "Hillside" } } })).toEqual({
    went: ["13900000001 · Lakeside"],
    came: ["13900000001 · Hillside"],
  });
  expect(registerChange({ before })).toEqual({ went: ["13900000001 · Lakeside"], came: [] });
  expect(registerChange({ before, after: { ...before, roaming: true } })).toEqual({ went: [], came: [] });
});
