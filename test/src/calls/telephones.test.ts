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
  two.hold();
  await one.ear.hearsOnly([], all);
  two.resume();
  await Promise.all([one.ear.hearsOnly([tone("8002")], all), two.ear.hearsOnly([tone("8001")], all)]);
  await one.hold();
  await two.ear.hearsOnly([], all);
  await one.resume();
  // What baresip hears after a hold of its own it does not write down any more.
  await two.ear.hearsOnly([tone("8001")], all);
  await one.hangUp();
  expect(await lastCall()).toMatchObject({ dialled: "8002", outcome: "extension" });
});

test("a call is handed over without asking", async () => {
  await using one = await linphone("8001");
  await using two = await baresip("8002");
  await using three = await linphone("8003");
  await two.dial(world.sip("8001"));
  await two.ear.hearsOnly([tone("8001")], all);
  const mark = one.mark;
  one.transfer(`sip:8003@${world.box.ready.sip}`);
  await Promise.all([two.ear.hearsOnly([tone("8003")], all), three.ear.hearsOnly([tone("8002")], all)]);
  await one.reaches("End", mark);
  await two.hangUp();
});

test("a call that is handed over to nobody comes back", async () => {
  await using one = await linphone("8001");
  await using two = await baresip("8002");
  await two.dial(world.sip("8001"));
  await two.ear.hearsOnly([tone("8001")], all);
  // Nobody is registered there.
  one.transfer(`sip:8004@${world.box.ready.sip}`);
  await Promise.all([two.ear.hearsOnly([tone("8001")], all), one.ear.hearsOnly([tone("8002")], all)]);
  await two.hangUp();
});

test("a call is handed over after asking", async () => {
  await using one = await linphone("8001");
  await using two = await baresip("8002");
  await using three = await baresip("8003");
  await two.dial(world.sip("8001"));
  await two.ear.hearsOnly([tone("8001")], all);
  one.hold();
  await two.ear.hearsOnly([], all);
  one.dial(`sip:8003@${world.box.ready.sip}`);
  await three.ear.hearsOnly([tone("8001")], all);
  one.transferToCall(1, 2);
  await Promise.all([two.ear.hearsOnly([tone("8003")], all), three.ear.hearsOnly([tone("8002")], all)]);
  await two.hangUp();
});

test("three telephones confer, and each hears the two others and never itself", async () => {
  await using one = await baresip("8001");
  await using two = await baresip("8002");
  await using three = await linphone("8003");
  await one.dial(world.sip("8002"));
  await two.ear.hearsOnly([tone("8001")], all);
  await one.press("*28003#");
  // The second is on hold while the third is asked.
  await Promise.all([three.ear.hearsOnly([tone("8001")], all), two.ear.hearsOnly([], all)]);
  await one.press("*2");
  await Promise.all([
    one.ear.hearsOnly([tone("8002"), tone("8003")], all),
    two.ear.hearsOnly([tone("8001"), tone("8003")], all),
    three.ear.hearsOnly([tone("8001"), tone("8002")], all),
  ]);
  await one.hangUp();
  // The others may go on without the one who joined them.
  await Promise.all([two.ear.hearsOnly([tone("8003")], all), three.ear.hearsOnly([tone("8002")], all)]);
  await two.hangUp();
});

test("a call is parked at one telephone and taken back at another", async () => {
  await using one = await linphone("8001");
  await using two = await baresip("8002");
  await using three = await baresip("8003");
  await two.dial(world.sip("8001"));
  await two.ear.hearsOnly([tone("8001")], all);
  one.transfer(`sip:700@${world.box.ready.sip}`);
  await two.ear.hearsOnly([], all);
  await desk.until<Call[]>("/api/calls?limit=1", ([call]) => call?.state === "parked");
  await three.dial(world.sip("701"));
  await Promise.all([two.ear.hearsOnly([tone("8003")], all), three.ear.hearsOnly([tone("8002")], all)]);
  await two.hangUp();
});
