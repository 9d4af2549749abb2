#!/usr/bin/env node
import { runSitebox } from "./sitebox.ts";

const { stdin, stdout, stderr } = process;
/** A reader that has seen enough (`| head`) is no failure. */
const closed = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EPIPE";
stdout.on("error", (error) => {
  if (!closed(error)) throw error;
});

process.exitCode = await runSitebox(process.argv.slice(2), { stdin, stdout, stderr }).catch((error: unknown) => {
  if (closed(error)) return 0;
  stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
});
