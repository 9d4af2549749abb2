/** Unplugs, hangs and restarts a scripted modem: `node --expose-gc drivers/src/gsm/cycles/main.ts [cycles] [seed]`. */
import { silentLog } from "@sitebox/core/kernel";
import { formatCycles, isClean } from "./format.ts";
import { runCycles } from "./run.ts";

const [cycles = 200, seed = 1] = process.argv.slice(2).map(Number);
const figures = await runCycles({ cycles, seed, log: silentLog });
process.stdout.write(formatCycles(figures));
process.exitCode = isClean(figures) ? 0 : 1;
