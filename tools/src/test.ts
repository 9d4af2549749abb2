/**
 * Runs the tests in groups of vitest projects, one group after the other, and ends with what failed, in short, and one line for all: `N passed, N failed`.
 *
 *     node tools/src/test.ts node,ui scenario
 *
 * Scenarios go apart from the rest because they measure time and open real telephones and browsers.
 */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { z } from "zod";
import { projectRoot, testEnvironment } from "./config.ts";

/** What is used of vitest's JSON report. A file has a message where it failed outside of its tests. */
const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Where and why, a paragraph each. */
  readonly failures: readonly string[];
}

/** An error may carry a whole call's timeline: this much of it is told at the end, the rest stands further up. */
const TOLD_CHARACTERS = 2_000;

function failuresOf({ testResults }: z.infer<typeof Report>): string[] {
  return testResults
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, message, assertionResults }) => {
      const tests = assertionResults.filter(({ status }) => status === "failed");
      const told = tests.map(({ fullName, failureMessages }) => [fullName, failureMessages?.join("\n") ?? ""] as const);
      if (message !== "" || told.length === 0) told.push(["outside of its tests", message]);
      return told.map(([what, why]) => `${relative(projectRoot, name)}: ${what}\n${why.slice(0, TOLD_CHARACTERS)}`);
    });
}

/** A group whose report is missing or that failed outside of a test counts as one failure, so that nothing ends green by silence. */
async function runGroup(group: string, folder: string): Promise<Counts> {
  const report = join(projectRoot, ".cache/log", `vitest-${group.replaceAll(",", "-")}.json`);
  await rm(report, { force: true });
  const projects = group.split(",").flatMap((name) => ["--project", name]);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { status } = spawnSync(join(projectRoot, "node_modules/.bin/vitest"), ["run", ...projects, ...reporters], {
    cwd: projectRoot,
    env: testEnvironment(folder),
    stdio: ["ignore", "inherit", "inherit"],
  });
  const text = await readFile(report, "utf8").catch(() => undefined);
  if (text === undefined)
    return { passed: 0, failed: 1, failures: [`${group}: vitest ended without a report (status ${status})`] };
  const results = Report.parse(JSON.parse(text));
  const failed = Math.max(results.numFailedTests, status === 0 ? 0 : 1);
  return { passed: results.numPassedTests, failed, failures: failuresOf(results) };
}

await mkdir(join(projectRoot, ".cache/log"), { recursive: true });
const groups = process.argv.slice(2);
// Whatever tests leave behind is in one folder; logs in it are wanted where one has failed.
const folder = await mkdtemp(join(tmpdir(), "sitebox-tests-"));
let total: Counts = { passed: 0, failed: 0, failures: [] };
for (const group of groups) {
  process.stdout.write(`==> Tests: ${group}\n`);
  const counts = await runGroup(group, folder);
  total = {
    passed: total.passed + counts.passed,
    failed: total.failed + counts.failed,
    failures: [...total.failures, ...counts.failures],
  };
}
for (const failure of total.failures) process.stdout.write(`\nfailed: ${failure}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
if (total.failed === 0) await rm(folder, { recursive: true, force: true });
else {
  process.stdout.write(`what the tests left behind is in ${folder}\n`);
  process.exitCode = 1;
}
