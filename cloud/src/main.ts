import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError, openLog, openServiceNotifier, systemClock } from "@sitebox/core/kernel";
import { readStart } from "./config.ts";
import { openHeadquarters } from "./hq.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

async function main(): Promise<void> {
  const { config, environment } = await readStart(process.argv.slice(2));
  const log = openLog({ level: config.logLevel });
  await using headquarters = await openHeadquarters(config, { log });
  await using service = openServiceNotifier({ environment, clock: systemClock, log });
  const { url, notes, accounts, enrolUrl, caFingerprint } = headquarters;
  // What a box's config needs to find this headquarters and no other.
  await writeFile(join(config.dataDir, "uplink.json"), JSON.stringify({ enrolUrl, caFingerprint }));
  process.stdout.write(`${JSON.stringify({ ready: "headquarters", url, notes, accounts, enrolUrl, caFingerprint })}\n`);
  await service.ready();
  if (!stop.signal.aborted) await once(stop.signal, "abort");
}

await main().catch((error: unknown) => {
  const text =
    error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
