import { VirtualClock } from "@sitebox/core/testing";
import type { LegRequest } from "@sitebox/drivers/line";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MediaEvent } from "../media/index.ts";
import { type CallsRig, FakeMedia, openCallsRig, type TestLeg } from "./testing/index.ts";

const NOON = Date.parse("2026-03-02T12:00:00+08:00");
const EXTENSIONS = ["8001", "8002", "8003", "8806"];
const NUMBERS = [...EXTENSIONS, "8000", "8100", "8190", "700", "701", "*8", "*88001", "*78", "*97", "057112345678", "999"];

interface World {
  readonly rig: CallsRig;
  readonly clock: VirtualClock;
  readonly media: FakeMedia;
  /** Every leg that ever was. */
  readonly legs: TestLeg[];
}

type Operation = (world: World) => void | Promise<void>;

/** One of the legs that are up, or nothing. */
const pick = ({ legs }: World, n: number): TestLeg | undefined => {
  const up = legs.filter((leg) => leg.up);
  return up[n % Math.max(1, up.length)];
};
const n = fc.nat(20);
const number = fc.constantFrom(...NUMBERS);
const extension = fc.constantFrom(...EXTENSIONS);

/** Links between legs that are not in the same call. */
function crossTalk({ media, rig, legs }: World): string[] {
  const calls = new Map([...rig.records.legs.values()].map(({ wireId, call }) => [wireId ?? "", call]));
  const callOf = new Map<string, string | undefined>();
  for (const [port, { id }] of media.legs)
    callOf.set(id, calls.get(legs.find(({ audio }) => audio === port)?.facts.wireId ?? "of a telephone that rings"));
  return [...media.links].filter((link) => {
    const [one, other] = link.split("<").map((id) => callOf.get(id));
    return one !== undefined && other !== undefined && one !== other;
  });
}

const act = (name: string, run: Operation): readonly [string, Operation] => [name, run];
const ringing = ({ rig }: World, at: number) => [...rig.dialler.ringing][at % Math.max(1, rig.dialler.ringing.size)];
const tell = (world: World, at: number, event: MediaEvent) => {
  const leg = pick(world, at);
  if (leg) world.media.legs.get(leg.audio)?.events.push(event);
};
const answer = (world: World, at: number) => {
  const phone = ringing(world, at);
  if (phone) world.legs.push(phone.answer());
};
const answering = n.map((at) => act(`ringing ${at} answers`, (world) => answer(world, at)));
const report = () => undefined;

/** Two who talk with each other. */
const talking = fc
  .tuple(fc.boolean(), extension, fc.constantFrom("8001", "8002", "8806", "057112345678"))
  .map(([inside, from, to]) =>
    act(`${inside ? from : "outside"} talks with ${to}`, async (world) => {
      world.legs.push(inside ? world.rig.from(from, to) : world.rig.outside(to));
      await world.clock.advance(0);
      answer(world, world.rig.dialler.ringing.size - 1);
    }),
  );

const operation: fc.Arbitrary<readonly [string, Operation]> = fc.oneof(
  { weight: 2, arbitrary: talking },
  { weight: 4, arbitrary: answering },
  fc
    .tuple(extension, number)
    .map(([from, to]) => act(`${from} dials ${to}`, ({ rig, legs }) => void legs.push(rig.from(from, to)))),
  number.map((to) => act(`outside dials ${to}`, ({ rig, legs }) => void legs.push(rig.outside(to)))),
  n.map((at) => act(`ringing ${at} is busy`, (world) => ringing(world, at)?.busy())),
  n.map((at) => act(`ringing ${at} sounds early`, (world) => ringing(world, at)?.soundsEarly())),
  {
    weight: 3,
    arbitrary: fc
      .tuple(n, fc.constantFrom("hold", "resume", "hand-over", "join", "back", "park"))
      .map(([at, type]) => act(`leg ${at}: ${type}`, (world) => pick(world, at)?.ask({ type } as LegRequest))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(n, number)
      .map(([at, target]) => act(`leg ${at} consults ${target}`, (world) => pick(world, at)?.ask({ type: "consult", target }))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(n, number)
      .map(([at, target]) =>
        act(`leg ${at} to ${target}`, (world) => pick(world, at)?.ask({ type: "transfer", target, report })),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(n, n).map(([at, other]) =>
      act(`leg ${at} to where leg ${other} is`, (world) => {
        const consulted = pick(world, other);
        if (consulted) pick(world, at)?.ask({ type: "transfer", target: consulted.dialled, consulted, report });
      }),
    ),
  },
  fc.tuple(n, extension).map(([at, from]) =>
    act(`${from} takes the place of leg ${at}`, (world) => {
      const leg = pick(world, at);
      if (leg) world.legs.push(world.rig.replace(leg, from));
    }),
  ),
  fc
    .tuple(n, fc.constantFrom("*2", "*28002#", "*", "1", "#", "0"))
    .map(([at, keys]) => act(`leg ${at} keys ${keys}`, (world) => pick(world, at)?.key(keys))),
  n.map((at) => act(`leg ${at} hangs up`, (world) => pick(world, at)?.hangup("normal"))),
  n.map((at) => act(`leg ${at} is lost`, (world) => tell(world, at, { type: "lost" }))),
  n.map((at) => act(`leg ${at} is quiet`, (world) => tell(world, at, { type: "quiet", quietMs: 15_000 }))),
  n.map((at) => act(`leg ${at} is heard again`, (world) => tell(world, at, { type: "heard-again" }))),
  fc
    .constantFrom(0, 0, 0, 100, 2_000, 5_000, 30_000, 100_000)
    .map((ms) => act(`${ms} ms pass`, ({ clock }) => clock.advance(ms))),
);

test("after any sequence of what people do, when all have hung up nothing is left: no leg, no link, no sound, no timer, no open record; and nobody hears another call", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 1, maxLength: 40, size: "max" }),
      fc.boolean(),
      async (operations, hasty) => {
        const clock = new VirtualClock(NOON);
        const media = new FakeMedia(clock);
        const rig = await openCallsRig({ clock, media, calls: { recording: { enabled: false } } });
        const world: World = { rig, clock, media, legs: [] };
        for (const [, run] of operations) {
          await run(world);
          if (hasty) continue;
          await clock.advance(0);
          expect(crossTalk(world)).toEqual([]);
        }
        // Those that answer meanwhile hang up too, and what rings gives up by itself.
        for (let round = 0; round < 6; round++) {
          await Promise.all(world.legs.map((leg) => leg.hangup("normal")));
          await clock.advance(200_000);
        }
        expect({
          held: rig.calls.held,
          legs: media.legs.size,
          links: media.links.size,
          playing: media.playing,
          timers: clock.pending,
          ringing: rig.dialler.ringing.size,
          up: world.legs.filter((leg) => leg.up).length,
          open: [...rig.records.calls.values()].filter(({ state }) => state !== "ended").length,
          unended: [...rig.records.legs.values()].filter(({ endedAt }) => endedAt === undefined).length,
        }).toEqual({ held: 0, legs: 0, links: 0, playing: 0, timers: 0, ringing: 0, up: 0, open: 0, unended: 0 });
      },
    ),
    { numRuns: 300 },
  );
}, 120_000);
