import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@sitebox/core/testing";

export interface SippOptions {
  /** host:port */
  readonly target: string;
  readonly service?: string;
  /** Calls altogether, and how many begin in a second. */
  readonly calls?: number;
  readonly rate?: number;
  /** The whole run ends by this time, in seconds. */
  readonly withinSeconds?: number;
  readonly args?: readonly string[];
}

/**
 * Runs a scenario of sipp, whose steps are the elements inside <scenario>. Resolves when every call went as written.
 * @throws with sipp's own account of the first messages that did not fit.
 */
export async function sipp(
  steps: string,
  { target, service = "8000", calls = 1, rate = 10, withinSeconds = 120, args = [] }: SippOptions,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sitebox-sipp-"));
  const scenario = join(folder, "scenario.xml");
  await writeFile(scenario, `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="box">\n${steps}\n</scenario>\n`);
  const running = spawn(
    "sipp",
    [
      target,
      ...[
        "-sf",
        scenario,
        "-s",
        service,
        "-i",
        "127.0.0.1",
        "-p",
        String(await freePort()),
        "-m",
        String(calls),
        "-r",
        String(rate),
        "-nostdin",
        "-nd",
      ],
      ...["-trace_err", "-error_file", join(folder, "errors"), "-timeout", `${withinSeconds}s`, "-timeout_error", ...args],
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [running.stdout, running.stderr])
    stream.on("data", (chunk: Buffer) => (output = `${output}${chunk}`.slice(-4_000)));
  const [code] = (await once(running, "exit")) as [number | null];
  const errors = await readFile(join(folder, "errors"), "utf8").catch(() => "");
  await rm(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`sipp ended with ${code}:\n${errors.slice(0, 4_000) || output}`);
}
