import { text } from "node:stream/consumers";
import { runClaim } from "./command.ts";

process.exitCode = await runClaim(process.argv.slice(2), {
  password: async () => (await text(process.stdin)).trim(),
  say: (line) => void process.stdout.write(line),
});
