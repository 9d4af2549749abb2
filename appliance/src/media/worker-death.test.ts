import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Log, silentLog } from "@sitebox/core/kernel";
import { tone } from "@sitebox/drivers/sound";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MediaEvent } from "./media.ts";
import { readWav } from "./sound/index.ts";
import { frames, hear, MediaRig, strengths } from "./testing/index.ts";
import { verifyRecording } from "./verify-recording.ts";

let rig: MediaRig;
let errors: string[];
const log: Log = { ...silentLog, child: () => log, error: (message) => void errors.push(message) };

beforeEach(async () => {
  errors = [];
  rig = await MediaRig.open({ log, maxLegsPerWorker: 1 });
});
afterEach(() => rig[Symbol.asyncDispose]());

async function eventsOf(events: AsyncIterable<MediaEvent>): Promise<string[]> {
  const told: string[] = [];
  for await (const { type } of events) told.push(type);
  return told;
}

const pidOf = (worker: number) => {
  const pid = rig.media.workers[worker]?.pid;
  if (pid === undefined) throw new Error("there is no such worker");
  return pid;
};

test("kill -9 of a worker in mid-call ends its legs as lost, keeps the recording, and the next leg works within 2 s", async () => {
  const dying = await rig.call();
  const living = await rig.call();
  expect(rig.media.workers.length).toBe(2);
  const told = eventsOf(dying.near.leg.watch(new AbortController().signal));
  const recording = await dying.near.leg.record(join(rig.folder, "dying.wav"));
  const played = dying.near.leg.play(tone(500, 60_000));
  const listening = hear(dying.near.leg, () => false);
  await dying.near.leg.bridge(living.near.leg);
  await hear(dying.near.leg, frames(120));
  process.kill(pidOf(0), "SIGKILL");
  await dying.near.port.lost;
  expect(await told).toEqual(["lost"]);
  expect((await played).outcome).toBe("ended");
  expect((await listening).length).toBeGreaterThan(100);
  const kept = await recording.stop();
  expect(kept.durationMs).toBeGreaterThanOrEqual(1_000);
  expect((await readWav(recording.file)).channels[0]?.length).toBe(kept.durationMs * 8);
  expect(errors).toEqual(["an RTP worker died"]);

  const diedAt = performance.now();
  const next = await rig.call();
  void next.near.leg.play(tone(800, 5_000));
  const answered = await hear(next.far.leg, (sound) => sound.at(-1)?.some((sample) => Math.abs(sample) > 2_000) ?? false);
  expect(answered.length).toBeGreaterThan(0);
  // Not a matter of speed but of the spare worker: without one this machine takes longer to start another.
  expect(performance.now() - diedAt).toBeLessThan(2_000);
  await living.near.leg.bridge(next.near.leg);
  void living.far.leg.play(tone(1_100, 5_000));
  expect((await strengths(next.far.leg, [1_100], [1_100]))[0]).toBeGreaterThan(4_000);
});

test("a worker that hangs is killed and its legs are lost, while the others go on", async () => {
  const hanging = await rig.call();
  const living = await rig.call();
  const told = eventsOf(hanging.near.leg.watch(new AbortController().signal));
  process.kill(pidOf(0), "SIGSTOP");
  expect(await told).toEqual(["lost"]);
  expect(errors).toEqual(["an RTP worker does not answer and is killed", "an RTP worker died"]);
  void living.near.leg.play(tone(800, 2_000));
  await strengths(living.far.leg, [800], []);
});

test("a leg that is closed is not lost, and whoever watches it is told no more", async () => {
  const { near } = await rig.call();
  const told = eventsOf(near.leg.watch(new AbortController().signal));
  let lost = false;
  void near.port.lost.then(() => {
    lost = true;
  });
  await near.port[Symbol.asyncDispose]();
  expect(await told).toEqual([]);
  expect(await eventsOf(near.leg.watch(new AbortController().signal))).toEqual([]);
  expect(lost).toBe(false);
});

test("idle workers beyond the spare one are let go, and all end with the media plane", async () => {
  const calls = [await rig.call(), await rig.call(), await rig.call(), await rig.call()];
  expect(rig.media.workers.length).toBe(4);
  const pids = new Set(rig.media.workers.map(({ pid }) => pid));
  expect(pids.size).toBe(4);
  for (const { near } of calls) await near.port[Symbol.asyncDispose]();
  expect(rig.media.workers.length).toBe(0);
  await rig.media[Symbol.asyncDispose]();
  for (const pid of pids) expect(() => process.kill(pid ?? 0, 0)).toThrow("ESRCH");
});

test("when the main process is killed, its workers finish their recordings and end", async () => {
  const file = join(rig.folder, "orphan.wav");
  const box = fork(new URL("./testing/doomed-box.ts", import.meta.url), [file], { execArgv: [] });
  const [pid] = await once(box, "message");
  // Ends with the worker, which is no child of this process.
  const tail = spawn("tail", ["--pid", String(pid), "-f", "/dev/null"]);
  box.kill("SIGKILL");
  await once(tail, "exit");
  const verdict = await verifyRecording(file);
  expect(verdict).toMatchObject({ state: "intact" });
  expect("durationMs" in verdict ? verdict.durationMs : 0).toBeGreaterThanOrEqual(2_900);
});
