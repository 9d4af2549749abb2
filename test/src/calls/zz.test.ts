import type { Call, CallWithMoments } from "@sitebox/core/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { Baresip, Linphone } from "../peers/index.ts";
import { World } from "../world.ts";

/** Each telephone says a tone of its own, between the notes of the music on hold: where it is heard, that telephone is heard. */
const tones = { "8001": 427, "8002": 605, "8003": 855, "8004": 1_017 } as const;
const all = Object.values(tones);
type Number_ = keyof typeof tones;

let world: World;
let desk: ApiClient;

beforeAll(async () => {
  world = await World.open({
    headquarters: false,
    configure: (box) => ({
      ...box,
      sip: {
        ...box.sip,
        extensions: Object.keys(tones).map((number) => ({ number, password: `secret-of-${number}`, displayName: number })),
      },
    }),
  });
  await world.startBox();
  desk = await world.login("box", "agent");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const baresip = (number: Number_) => Baresip.open({ account: world.extension(number), tone: tones[number], autoAnswer: true });
const linphone = (number: Number_, autoAnswer = true) =>
  Linphone.open({ account: world.extension(number), tone: tones[number], autoAnswer });
const tone = (number: Number_) => tones[number];

/** The newest call, once it is over. */
async function lastCall(): Promise<CallWithMoments> {
  const [newest] = await desk.until<Call[]>("/api/calls?limit=1", ([call]) => call?.state === "ended");
  return (await desk.get(`/api/calls/${newest?.id}`)) as CallWithMoments;
}

test("two telephones call each other, and each puts the other on hold and takes it back", async () => {
  await using one = await baresip("8001");
  await using two = await linphone("8002");
  await one.dial(world.sip("8002"));
  await Promise.all([one.ear.hearsOnly([tone("8002")], all), two.ear.hearsOnly([tone("8001")], all)]);
  const look = async (w: string) => {
    const [c] = (await desk.get("/api/calls?limit=1")) as Call[];
    const why = (await desk.get(`/api/calls/${c?.id}/why`)) as any;
    process.stderr.write(w + " " + JSON.stringify(why.legs.map((l: any) => [l.number, l.stats])) + "\n");
  };
  await look("talk");
  await one.hold();
  await two.ear.hearsOnly([], all);
  await look("held");
  await new Promise((r) => setTimeout(r, 1000));
  await look("held+1");
  await one.resume();
  await new Promise((r) => setTimeout(r, 1000));
  await look("resumed+1");
  await new Promise((r) => setTimeout(r, 1000));
  await look("resumed+2");

  await Promise.all([one.ear.hearsOnly([tone("8002")], all), two.ear.hearsOnly([tone("8001")], all)]);
  throw new Error("enough");
  two.resume();
  await Promise.all([one.ear.hearsOnly([tone("8002")], all), two.ear.hearsOnly([tone("8001")], all)]);
  await one.hangUp();
  expect(await lastCall()).toMatchObject({ dialled: "8002", outcome: "extension" });
});
