import type { Readable, Writable } from "node:stream";

/** Where a command reads and writes: the process's own streams, or a test's. */
export interface CommandIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Runs one subcommand and tells the exit code. @throws ConfigError, UsageError */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>;

/** The command line is wrong; its message says how it is meant. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Writes a line and waits until it has been taken: a slow reader slows us down, it does not fill the memory. */
export const writeLine = (stream: Writable, line: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  });
