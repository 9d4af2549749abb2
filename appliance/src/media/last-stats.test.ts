import { join } from "node:path";
import { tone } from "@sitebox/drivers/sound";
import { expect, test } from "vitest";
import { MediaRig } from "./testing/index.ts";

test("a leg that is being closed with a recording still tells what it sent", async () => {
  await using rig = await MediaRig.open();
  const { near } = await rig.call();
  const recording = await near.leg.record(join(rig.folder, "call.wav"));
  await near.leg.play(tone(500, 200));
  const closing = near.port[Symbol.asyncDispose]();
  const { sentPackets } = await near.leg.stats();
  await closing;
  await recording.stop();
  expect(sentPackets).toBeGreaterThan(5);
});
