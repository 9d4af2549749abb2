import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { FakeMedia, openCallsRig } from "./testing/index.ts";

const GUEST = "13812345678";
const DIALLED = "15987654321";
const FRIEND = "013900001111";

test("whoever calls, is called or is tried, numbers stand in the log under pii and masked only", async () => {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sitebox-log-"));
  opened.defer(() => rm(folder, { recursive: true }));
  const file = join(folder, "log");
  const clock = new VirtualClock();
  const log = openLog({ level: "debug", file });
  const calls = { recording: { enabled: false } };
  const {
    calls: site,
    outside,
    from,
    dialler,
  } = opened.use(await openCallsRig({ clock, media: new FakeMedia(clock), calls, log }));

  outside(DIALLED, GUEST);
  const called = from("8001", FRIEND);
  const phone = await dialler.rings(FRIEND);
  phone.answer();
  await clock.advance(1_000);
  await called.hangup("normal");
  await site.place({ from: { type: "extension", number: "8002" }, to: FRIEND });
  await site.announce({ by: "admin", to: GUEST, line: "carrier", prompt: { id: "line-test" }, dialler });
  await clock.advance(200_000);

  const written = await readFile(file, "utf8");
  expect([GUEST, DIALLED, FRIEND].filter((number) => written.includes(number))).toEqual([]);
  expect(written).toContain('"pii":{"caller":"138****5678","dialled":"159****4321"}');
});
