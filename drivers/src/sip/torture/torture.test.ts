import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseMessage, serialize } from "../parser/index.ts";
import { formatTorture, runTorture } from "./run.ts";
import { tortureCases } from "./table.ts";

/** The messages of RFC 4475 as files; where they are not beside the checkout there is nothing to run. */
const folder = new URL("../../../../../shared/vectors/rfc4475/", import.meta.url);

describe.skipIf(!existsSync(folder))("the torture messages of RFC 4475", () => {
  test("are all in the table", () => {
    const files = ["valid", "invalid"].flatMap((kind) =>
      readdirSync(new URL(`${kind}/`, folder)).map((name) => `${kind}/${name}`),
    );
    // One file is not of the RFC: its request line has no version.
    expect(files.filter((file) => file !== "invalid/test.dat").toSorted()).toEqual(
      tortureCases.map(({ file }) => file).toSorted(),
    );
  });

  test("are each answered or dropped as the RFC has it, and the endpoint goes on", async () => {
    const results = await runTorture(folder);
    expect(results.filter(({ asExpected }) => !asExpected).map((result) => formatTorture([result]))).toEqual([]);
  }, 60_000);

  test.for(tortureCases.map(({ file }) => file))("%s says the same when it is written out again", (file) => {
    const message = parseMessage(readFileSync(new URL(file, folder)));
    if (message.type === "malformed") return;
    expect(parseMessage(serialize(message))).toEqual({ ...message, body: expect.anything() });
  });
});
