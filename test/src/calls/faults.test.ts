import type { Call, CallWithMoments } from "@sitebox/core/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { Baresip } from "../peers/index.ts";
import { childrenOf } from "../processes.ts";
import { World } from "../world.ts";

const tones = { "8001": 427, "8002": 605 } as const;
const all = Object.values(tones);

let world: World;
let desk: ApiClient;

beforeAll(async () => {
  world = await World.open({ headquarters: false });
  await world.startBox();
  desk = await world.login("box", "agent");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test("a media worker that is killed in mid-call costs that call only, and its record says so", async () => {
  await using one = await Baresip.open({ account: world.extension("8001"), tone: tones["8001"] });
  await using two = await Baresip.open({ account: world.extension("8002"), tone: tones["8002"], autoAnswer: true });
  await one.dial(world.sip("8002"));
  await Promise.all([one.ear.hearsOnly([tones["8002"]], all), two.ear.hearsOnly([tones["8001"]], all)]);
  const [broken] = (await desk.get("/api/calls?limit=1")) as Call[];
  for (const pid of await childrenOf(world.box.pid, "rtp-worker")) process.kill(pid, "SIGKILL");
  const killedAt = performance.now();
  await desk.until<CallWithMoments>(`/api/calls/${broken?.id}`, ({ state }) => state === "ended");
  await one.dial(world.sip("8002"));
  await desk.until<Call[]>("/api/calls?limit=1", ([call]) => call?.id !== broken?.id && call?.answeredAt !== undefined);
  const answeredMs = performance.now() - killedAt;
  await Promise.all([one.ear.hearsOnly([tones["8002"]], all), two.ear.hearsOnly([tones["8001"]], all)]);
  await one.hangUp();
  const record = (await desk.get(`/api/calls/${broken?.id}`)) as CallWithMoments;
  expect(record.outcome).toBe("failed");
  expect(record.moments.some(({ type }) => type === "fault")).toBe(true);
  process.stdout.write(`the next call was answered ${Math.round(answeredMs)} ms after the worker was killed\n`);
});
