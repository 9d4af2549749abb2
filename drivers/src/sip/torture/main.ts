/** Prints what the endpoint does with every message of RFC 4475: `node drivers/src/sip/torture/main.ts <folder with valid/ and invalid/>`. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { formatTorture, runTorture } from "./run.ts";

const [folder = "../shared/vectors/rfc4475"] = process.argv.slice(2);
const results = await runTorture(pathToFileURL(`${resolve(folder)}/`));
process.stdout.write(formatTorture(results));
process.exitCode = results.every(({ asExpected }) => asExpected) ? 0 : 1;
