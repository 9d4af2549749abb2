import type { BoxConfig } from "@sitebox/core/contract";
import { bareNumber, type LineRegistry, numbersOf } from "./lines/index.ts";
import type { TextsDeps } from "./texts/index.ts";

/** The lines as texts need them. */
export function textLines(registry: LineRegistry, { sip }: Pick<BoxConfig, "sip">): TextsDeps["lines"] {
  const sends = (name: string) => {
    const driver = registry.driver(name);
    return driver?.texts?.ready ?? driver?.state.state === "up";
  };
  return {
    port: (line) => (sends(line) ? registry.driver(line)?.texts : undefined),
    limit: (line) => registry.whyNoText(line),
    sent: (line) => registry.texted(line),
    carriers: () =>
      registry
        .lines()
        .map(({ name }) => name)
        .filter((name) => registry.driver(name)?.texts !== undefined)
        .toSorted((a, b) => Number(sends(b)) - Number(sends(a))),
    isOwn: (number) =>
      [...sip.trunks, ...registry.setUps().map(({ config }) => ({ numbers: numbersOf(config) }))].some((line) =>
        line.numbers.some((own) => bareNumber(own) === bareNumber(number)),
      ),
  };
}
