/** Fuzzes SIP at length and prints the figures: `node --expose-gc drivers/src/sip/fuzz/main.ts [messages] [seed]`. */
import { fuzzEndpoint } from "./endpoint.ts";
import { fuzzParser } from "./run.ts";

const [count = "1000000", seed = "1"] = process.argv.slice(2);
const MEGABYTE = 1_048_576;
const heapMb = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / MEGABYTE;
};
const say = (line: string) => process.stdout.write(`${line}\n`);

fuzzParser(20_000, { seed: Number(seed) });
const before = heapMb();
const parser = fuzzParser(Number(count), { seed: Number(seed) });
say(
  `parser    ${parser.messages} messages, ${parser.readable} readable, ${parser.malformed} refused, ${parser.failures.length} failures`,
);
say(
  `          ${((parser.tookMs * 1_000) / parser.messages).toFixed(1)} µs a message; heap ${before.toFixed(1)} → ${heapMb().toFixed(1)} MB`,
);
for (const { seed: again, problem } of parser.failures.slice(0, 5)) say(`          seed ${again}: ${problem}`);

const some = Math.ceil(Number(count) / 10);
await fuzzEndpoint(Math.min(some, 2_000), { seed: Number(seed) });
const atFirst = heapMb();
const endpoint = await fuzzEndpoint(some, { seed: Number(seed) });
say(
  `endpoint  ${endpoint.messages} messages, ${endpoint.calls} calls came of them, ${endpoint.leftTimers} timers and ${endpoint.leftPorts} ports left`,
);
say(
  `          ${((endpoint.tookMs * 1_000) / endpoint.messages).toFixed(1)} µs a message; heap ${atFirst.toFixed(1)} → ${heapMb().toFixed(1)} MB`,
);
process.exitCode = parser.failures.length + endpoint.leftTimers + endpoint.leftPorts === 0 ? 0 : 1;
