import { chmod, mkdtemp, readFile, rm, watch, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { silentLog } from "./log.ts";
import { openServiceNotifier, type ServiceEnvironment, type ServiceNotifierOptions } from "./notify.ts";

let folder: string;
let told: string;
let command: string;
/** Stands in for `systemd-notify`: writes down what it is given and where it would send it. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notify-"));
  told = join(folder, "told");
  command = join(folder, "systemd-notify");
  await writeFile(told, "");
  await writeFile(command, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${told}\n`);
  await chmod(command, 0o755);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const watched: ServiceEnvironment = { NOTIFY_SOCKET: "/run/systemd/notify", WATCHDOG_USEC: "60000" };
const open = (environment: ServiceEnvironment, more: Partial<ServiceNotifierOptions> = {}) =>
  openServiceNotifier({ environment, clock: systemClock, log: silentLog, command, ...more });
const lines = async () => (await readFile(told, "utf8")).trim().split("\n").filter(Boolean);

async function untilLines(count: number): Promise<readonly string[]> {
  const changes = watch(told, { signal: AbortSignal.timeout(10_000) });
  if ((await lines()).length < count) {
    for await (const _ of changes) {
      if ((await lines()).length >= count) break;
    }
  }
  return lines();
}

test("says ready, gives signs of life, and says that it stops", async () => {
  const notifier = open(watched);
  await notifier.ready();
  const seen = await untilLines(3);
  await notifier[Symbol.asyncDispose]();
  expect(seen.slice(0, 3)).toEqual([
    "/run/systemd/notify READY=1",
    "/run/systemd/notify WATCHDOG=1",
    "/run/systemd/notify WATCHDOG=1",
  ]);
  expect((await lines()).at(-1)).toBe("/run/systemd/notify STOPPING=1");
});

test("keeps the sign of life back while the service is not well", async () => {
  const asked: boolean[] = [];
  const answers = [false, true];
  const notifier = open(watched, {
    alive: () => {
      const answer = answers[asked.length] ?? true;
      asked.push(answer);
      return answer;
    },
  });
  await notifier.ready();
  await untilLines(2);
  await notifier[Symbol.asyncDispose]();
  expect(asked.slice(0, 2)).toEqual([false, true]);
  const signs = (await lines()).filter((line) => line.endsWith("WATCHDOG=1"));
  expect(signs).toHaveLength(asked.filter(Boolean).length);
});

test("does nothing outside of systemd", async () => {
  const notifier = open({});
  await notifier.ready();
  await notifier.status("two calls");
  await notifier[Symbol.asyncDispose]();
  expect(await lines()).toEqual([]);
});

test("a status is one line", async () => {
  await using notifier = open({ NOTIFY_SOCKET: "/run/systemd/notify" });
  await notifier.status("two calls\nREADY=1");
  expect(await lines()).toEqual(["/run/systemd/notify STATUS=two calls READY=1"]);
});

test("goes on where systemd cannot be told", async () => {
  const notifier = open(watched, { command: join(folder, "missing") });
  await notifier.ready();
  await notifier[Symbol.asyncDispose]();
  expect(await lines()).toEqual([]);
});
