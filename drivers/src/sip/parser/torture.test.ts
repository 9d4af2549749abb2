import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseMessage, refusalOf, serialize } from "./index.ts";

/** The messages of RFC 4475 as files; where they are not beside the checkout there is nothing to run. */
const folder = new URL("../../../../../shared/vectors/rfc4475/", import.meta.url);

/** "invalid" files whose fault is not in the grammar: the parser reads them and the user agent judges. */
const READABLE = new Set(
  ["badbranch", "baddate", "bcast", "bext01", "cparam01", "cparam02", "inv2543", "invut", "novelsc", "regaut01", "regbadct"]
    .concat(["regescrt", "sdp01", "unkscm", "unksm2", "zeromf"])
    .map((name) => `${name}.dat`),
);

describe.skipIf(!existsSync(folder))("RFC 4475", () => {
  for (const kind of existsSync(folder) ? (["valid", "invalid"] as const) : []) {
    test.for(readdirSync(new URL(`${kind}/`, folder)))(`${kind}/%s`, (file) => {
      const message = parseMessage(readFileSync(new URL(`${kind}/${file}`, folder)));
      expect(message.type !== "malformed").toBe(kind === "valid" || READABLE.has(file));
      if (message.type === "malformed") refusalOf(message, "tag");
      else expect(parseMessage(serialize(message)).type).toBe(message.type);
    });
  }
});
