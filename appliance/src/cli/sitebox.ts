import { ConfigError } from "@sitebox/core/kernel";
import { type Command, type CommandIo, UsageError, writeLine } from "./command.ts";

/** Loaded one at a time: understanding a sentence needs no speech engine. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  understand: async () => (await import("./understand.ts")).runUnderstand,
  listen: async () => (await import("./listen.ts")).runListen,
  speak: async () => (await import("./speak.ts")).runSpeak,
  recording: async () => (await import("./recording.ts")).runRecording,
  line: async () => (await import("./line.ts")).runLine,
};

const USAGE = `usage: sitebox <command> …

  understand --site <config>                 reads {"text":"…"} lines, writes what each asks for
  listen --site <config> <wav>…              writes what is heard in recordings and what it asks for
  listen --phrases <file> <wav>…             tells which of the phrases is heard, with the rejection score
  speak [--language zh-CN|en] <text> <wav>   writes what the box would say
  recording verify [--digest <hex>] <wav>…   checks recordings against the hash chains beside them
  line record --config <config> <line> <file>  writes down what goes between a line's driver and its device
  line replay <file>                         plays such a transcript to the driver again

<config> is a site's or a box's JSON file.`;

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Runs one subcommand. @returns the exit code: 0 good, 1 something failed, 2 the command line is wrong */
export async function runSitebox(args: readonly string[], io: CommandIo): Promise<number> {
  const [name = "", ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") {
    await writeLine(io.stdout, USAGE);
    return EXIT.ok;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    await writeLine(io.stderr, name === "" ? USAGE : `there is no command ${name}\n${USAGE}`);
    return EXIT.usage;
  }
  if (rest.includes("--help")) {
    await writeLine(io.stdout, USAGE);
    return EXIT.ok;
  }
  try {
    const run = await load();
    return await run(rest, io);
  } catch (error) {
    if (error instanceof UsageError || error instanceof ConfigError) {
      await writeLine(io.stderr, error.message);
      return error instanceof UsageError ? EXIT.usage : EXIT.failed;
    }
    throw error;
  }
}
