import { type Command, UsageError } from "./command.ts";
import { runLineRecord } from "./line-record.ts";
import { runLineReplay } from "./line-replay.ts";

const USAGE = `usage: sitebox line record --config <box's config> [--seconds <n>] [--sound] <line> <file>
       sitebox line replay <file>`;

const actions: Readonly<Record<string, Command>> = { record: runLineRecord, replay: runLineReplay };

/** What goes between a line's driver and its device: written down, and played to the driver again. @throws UsageError */
export const runLine: Command = (args, io) => {
  const [name = "", ...rest] = args;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw new UsageError(USAGE);
  return action(rest, io);
};
