import { type BoxConfig, fieldIssue, type LineConfig, type ProblemIssue } from "@sitebox/core/contract";
import { ConfigError } from "@sitebox/core/kernel";
import { devicesOf, numberDevice, ownNumbersOf, simsOf, telephonesOf } from "./line-facts.ts";
import { isNobodys, isPublic } from "./numbers.ts";

export type CheckedConfig = Pick<BoxConfig, "sip" | "lines">;

/** What a schema cannot see: whether a line may stand beside those that are there already. */
export function lineIssues(line: LineConfig, others: readonly LineConfig[], { sip, lines }: CheckedConfig): ProblemIssue[] {
  const issues: ProblemIssue[] = [];
  const tell = (issue: ProblemIssue) => void issues.push(issue);
  const { name } = line;
  if (others.some((other) => other.name === name)) tell(fieldIssue("name", "name-of-line", { name }));
  if (sip.trunks.some((trunk) => trunk.name === name)) tell(fieldIssue("name", "name-of-carrier", { name }));

  for (const { path, number, of } of ownNumbersOf(line))
    if (isNobodys(number, of)) tell(fieldIssue(path, "service-number", { number }));

  // Carriers of sip.trunks may share numbers among themselves, as two ways to one carrier do.
  const carried = sip.trunks.flatMap(({ name: carrier, numbers }) =>
    numbers.filter(isPublic).map((number) => [numberDevice(number), carrier] as const),
  );
  const had = others.flatMap((other) => devicesOf(other).map(({ device }) => [device, other.name] as const));
  const taken = new Map([...carried, ...had]);
  for (const { path, device } of devicesOf(line)) {
    const owner = taken.get(device);
    if (owner === name) tell(fieldIssue(path, "device-twice", { device }));
    else if (owner !== undefined) tell(fieldIssue(path, "device-taken", { device, line: owner }));
    taken.set(device, name);
  }

  const extensions = new Set([...sip.extensions.map(({ number }) => number), ...others.flatMap(telephonesOf)]);
  for (const number of telephonesOf(line)) {
    if (extensions.has(number)) tell(fieldIssue("ports", "extension-taken", { number }));
    extensions.add(number);
  }

  for (const [i, { numbers }] of line.tariffs.entries())
    if (!isPattern(numbers)) tell(fieldIssue(`tariffs.${i}.numbers`, "not-a-pattern", { pattern: numbers }));

  const sims = [line, ...others].reduce((sum, one) => sum + simsOf(one), 0);
  if (simsOf(line) > 0 && sims > lines.mostSims)
    tell(fieldIssue(line.kind === "gsm" ? "sim.number" : "ports", "too-many-sims", { sims, most: lines.mostSims }));
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
