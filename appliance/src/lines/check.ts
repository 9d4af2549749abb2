import type { BoxConfig, LineConfig } from "@sitebox/core/contract";
import { ConfigError } from "@sitebox/core/kernel";
import { devicesOf, simsOf, telephonesOf } from "./line-facts.ts";

/** What is wrong with a line beside others. */
export interface LineIssue {
  /** In the line's configuration. */
  readonly path: string;
  readonly message: string;
}

export type CheckedConfig = Pick<BoxConfig, "sip" | "lines">;

/** What a schema cannot see: whether a line may stand beside those that are there already. */
export function lineIssues(line: LineConfig, others: readonly LineConfig[], { sip, lines }: CheckedConfig): LineIssue[] {
  const issues: LineIssue[] = [];
  const tell = (path: string, message: string) => void issues.push({ path, message });
  if (others.some(({ name }) => name === line.name)) tell("name", `another line is called “${line.name}”`);
  if (sip.trunks.some(({ name }) => name === line.name)) tell("name", `a carrier of sip.trunks is called “${line.name}”`);

  const taken = new Map(others.flatMap((other) => devicesOf(other).map(({ device }) => [device, other.name] as const)));
  for (const { path, device } of devicesOf(line)) {
    const owner = taken.get(device);
    if (owner !== undefined)
      tell(path, `${device} belongs to ${owner === line.name ? "two ports of this line" : `the line “${owner}”`}`);
    taken.set(device, line.name);
  }

  const extensions = new Set([...sip.extensions.map(({ number }) => number), ...others.flatMap(telephonesOf)]);
  for (const number of telephonesOf(line)) {
    if (extensions.has(number)) tell("ports", `${number} is another telephone's extension`);
    extensions.add(number);
  }

  for (const [i, { numbers }] of line.tariffs.entries())
    if (!isPattern(numbers)) tell(`tariffs[${i}].numbers`, `“${numbers}” is not a regular expression`);

  const sims = [line, ...others].reduce((sum, one) => sum + simsOf(one), 0);
  if (simsOf(line) > 0 && sims > lines.mostSims)
    tell(
      line.kind === "gsm" ? "sim" : "ports",
      `with it there would be ${sims} SIMs, and lines.mostSims allows ${lines.mostSims}: devices that bundle SIMs are what the law against ` +
        "telecom fraud (art. 14) looks at, so state more in the configuration file only where your contracts with the operators say so",
    );
  return issues;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== "";
  } catch {
    return false;
  }
}

/** Checks the lines of the configuration file. @throws ConfigError with all that is wrong */
export function checkLines(config: CheckedConfig): void {
  const { list } = config.lines;
  const wrong = list.flatMap((line, i) =>
    lineIssues(line, list.slice(0, i), config).map(({ path, message }) => `  lines.list[${i}].${path}: ${message}`),
  );
  if (wrong.length > 0)
    throw new ConfigError(
      `the lines have ${wrong.length === 1 ? "an error" : `${wrong.length} errors`}; correct it and start again:\n${wrong.join("\n")}`,
    );
}
