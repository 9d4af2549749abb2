import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ninjaFile, patches, sourcesOf } from "./recipe.ts";

const worker = join(import.meta.dirname, "../../../node_modules/mediasoup/worker");

test("finds the sources of the installed version, without libwebrtc's", async () => {
  const sources = sourcesOf(await readFile(join(worker, "meson.build"), "utf8"));
  expect(sources.length).toBeGreaterThan(150);
  expect(sources).toContain("src/main.cpp");
  expect(sources.filter((source) => source.includes("libwebrtc"))).toEqual([]);
});

test("says so when the build description has changed its form", () => {
  expect(() => sourcesOf("project('mediasoup-worker')")).toThrow("has changed its form");
});

test("every patch still has its line to change", async () => {
  for (const { file, from } of patches) {
    expect(await readFile(join(worker, file), "utf8")).toContain(from);
  }
});

test("a patched file is compiled from its patched copy", () => {
  const text = ninjaFile(["src/main.cpp", "src/RTC/DtlsTransport.cpp"], { worker: "/w", include: "/i", patched: "/p" });
  expect(text).toContain("build objects/src/main.o: compile /w/src/main.cpp");
  expect(text).toContain("build objects/src/RTC/DtlsTransport.o: compile /p/src/RTC/DtlsTransport.cpp");
});

test("paths with spaces and dollars survive", () => {
  const text = ninjaFile(["src/main.cpp"], { worker: "/my $folder", include: "/i", patched: "/p" });
  expect(text).toContain("compile /my$ $$folder/src/main.cpp");
  expect(text).toContain("-I'/my $$folder/include'");
});
