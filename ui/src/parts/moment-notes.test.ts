import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallMoment } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { momentText } from "../kit/index.ts";
import { LOCALES, openI18n } from "../locales/index.ts";

const CALLS = new URL("../../../appliance/src/calls/", import.meta.url).pathname;
const SOURCES = readdirSync(CALLS, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.includes(".test."))
  .map((file) => readFileSync(join(CALLS, file), "utf8"));

/** What the box itself writes into the timeline of a call in fixed words. */
const notes = SOURCES.flatMap((source) =>
  [...source.matchAll(/\.add\(\s*"(decision|digits|transfer|fault|media)",\s*"([^"]+)"/g)].map(
    ([, type, text]): CallMoment => ({ atMs: 0, type: type as CallMoment["type"], text: text ?? "" }),
  ),
);

describe.each(LOCALES)("the notes of a call's timeline in %s", (locale) => {
  it("have words, each of them", () => {
    const { te } = openI18n(locale).global;
    expect(notes.length).toBeGreaterThan(20);
    const missing = notes.map(momentText).filter((told) => told.type !== "note" || !te(told.key, locale));
    expect(missing).toEqual([]);
  });
});
