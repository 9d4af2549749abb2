/**
 * Installs the speech models.
 *
 *     node provisioning/src/models/main.ts --into var/models [--required]
 *
 * Says nothing when they are there. Without them the box still answers, so what cannot be had is a warning; `--required` makes it a failure.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@sitebox/core/kernel";
import { environment, readCommand } from "./config.ts";
import { type Installed, installModels } from "./install.ts";
import { progressBar } from "./progress.ts";

const command = readCommand(process.argv.slice(2), environment());
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
const write = (text: string) => void process.stdout.write(text);

/** What a person can do about files that could not be had. */
function advice({ failed }: Installed): string {
  const reasons = [...new Set(failed.map(({ error }) => error.message))].slice(0, 3);
  return [
    "",
    "!!! SPEECH MODELS ARE MISSING: the box will answer by keypad menu and voice message, it will not understand speech.",
    ...failed.map(({ file }) => `    missing  ${file.path} (${file.bytes} bytes)`),
    ...reasons.map((reason) => `    reason   ${reason}`),
    "    What to do, either:",
    "      - make this machine reach the address above (https_proxy is heeded) and run make again: it goes on where it stopped; or",
    "      - copy the files by hand into a folder laid out as above and run: SITEBOX_MODELS=<folder> make run",
    "    Addresses and checksums are in provisioning/src/models/manifest.ts.",
    "",
    "",
  ].join("\n");
}

async function main(): Promise<void> {
  if (command.local !== undefined && (await stat(command.local).catch(() => undefined)) === undefined) {
    write(`!!! SITEBOX_MODELS names ${command.local}, which is not there; looking elsewhere\n`);
  }
  const bar = progressBar({ write, terminal: process.stdout.isTTY === true, now: () => systemClock.monotonic() });
  let fetching = false;
  const installed = await installModels({
    into: command.into,
    sources: [...(command.local === undefined ? [] : [command.local]), command.cache],
    keepIn: command.cache,
    clock: systemClock,
    signal: stop.signal,
    onProgress: (progress) => {
      if (!fetching) write("==> Speech models, fetched from where they are published\n");
      fetching = true;
      bar.update(progress);
    },
  });
  bar.finish();
  const { copied, fetched, corrupt, failed } = installed;
  for (const path of corrupt) write(`!!! ${path} is not the file that the manifest names; it is not used\n`);
  if (copied.length > 0) write(`==> Speech models: ${copied.length} files copied from this machine, checksums right\n`);
  if (fetched.length > 0) write(`    ${fetched.length} files fetched into ${join(command.into)}, checksums right\n`);
  if (failed.length > 0) {
    write(advice(installed));
    if (command.required) process.exitCode = 1;
  }
}

await main();
