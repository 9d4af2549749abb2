import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { Traffic } from "../line/index.ts";
import { parseTranscript, Replay, TranscriptWriter } from "../transcript/index.ts";
import { openCardLine } from "./index.ts";
import { nextCall, OUTSIDE, openSite } from "./testing/index.ts";

test("a call that was recorded is offered again when its transcript is replayed, in no time", async () => {
  const lines: string[] = [];
  const recording = { take: (_: Traffic): void => {} };
  {
    const writer = new TranscriptWriter({ kind: "dahdi", line: "card" }, systemClock, (line) => lines.push(line));
    recording.take = writer.take;
    await using site = await openSite({ onTraffic: (traffic) => recording.take(traffic) });
    site.outside.liftUp();
    site.outside.press("8001");
    expect((await nextCall(site.line)).remote).toBe(OUTSIDE);
    // What closing says is not part of the recording.
    recording.take = () => {};
  }
  const clock = new VirtualClock();
  await using replay = new Replay(parseTranscript(lines.join("")), clock);
  const owner = { number: "8001", owner: "示范酒店", purpose: "前台" };
  const config = CardLine.parse({ kind: "dahdi", name: "card", ports: [{ type: "fxo", channel: 1, line: owner }] });
  const line = openCardLine(config, { clock, log: silentLog, connect: async () => replay.open("helper") });
  const call = nextCall(line);
  let heard: string | undefined;
  void call.then(({ remote }) => {
    heard = remote;
  });
  for (let step = 0; step < 500 && heard === undefined && !replay.result.departure; step++) await clock.advance(20);
  expect([heard, replay.result.departure]).toEqual([OUTSIDE, undefined]);
  const closed = line[Symbol.asyncDispose]();
  await clock.advance(10_000);
  await closed;
});
