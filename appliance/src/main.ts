import { once } from "node:events";
import { ConfigError, openLog, openServiceNotifier, systemClock } from "@sitebox/core/kernel";
import { openBox } from "./box.ts";
import { readProcessConfig } from "./config.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

async function main(): Promise<void> {
  const { config, environment } = await readProcessConfig(process.argv.slice(2));
  const log = openLog({ level: config.logLevel });
  await using box = await openBox(config, { log });
  await using service = openServiceNotifier({ environment, clock: systemClock, log, alive: () => box.alive() });
  process.stdout.write(`${JSON.stringify({ ready: "box", ...box.ready })}\n`);
  await service.ready();
  if (!stop.signal.aborted) await once(stop.signal, "abort");
}

await main().catch((error: unknown) => {
  const text =
    error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
