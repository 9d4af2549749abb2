import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { Leg, LegRequest } from "../../line/index.ts";
import { forSeeds, type SeededRandom, silentRtpPorts, VirtualNetwork, weatherOf } from "../testing/virtual-network/index.ts";
import { ChaosPeer } from "./chaos.testing.ts";
import { openSipEndpoint } from "./index.ts";

/** Histories that are tried in one test. */
const RUNS = 250;
const FIRST_SEEDS = [1, 1_001, 2_001, 3_001, 4_001, 5_001, 6_001, 7_001];
const ACTS = 40;
/** One thing after the other happens in this time. */
const STORM_MS = 60_000;
/** Longer than anything lasts of which nothing is heard: ringing, session timers, subscriptions. */
const FORGOTTEN_MS = 1_500_000;

/** What the box's own side does with a leg. */
function act(leg: Leg, random: SeededRandom): void {
  const acts: readonly [() => unknown, ...(() => unknown)[]] = [
    () => leg.answer(),
    () => leg.answer(),
    () => leg.progress(),
    () => leg.hold(true),
    () => leg.hold(false),
    () => leg.press(["1"]),
    () => leg.hangup(random.pick(["normal", "busy", "rejected", "failed", "no-answer"])),
  ];
  void random.pick(acts)();
}

async function follow(leg: Leg, told: LegRequest[]): Promise<void> {
  for await (const request of leg.requests) told.push(request);
}

test.for(FIRST_SEEDS)("whatever a far end does from seed %i on, in the end nothing is left of it", async (first) => {
  const count = { answered: 0, ended: 0 };
  await forSeeds(
    RUNS,
    async (random, tell) => {
      const clock = new VirtualClock();
      const network = new VirtualNetwork({ clock, random, weather: weatherOf(random) });
      const rtp = silentRtpPorts();
      const deps = { clock, log: silentLog, rtp, datagrams: network.open };
      const box = await openSipEndpoint({ listen: { host: "127.0.0.1", port: 0 }, sessionSeconds: 90 }, deps);
      const before = clock.pending;
      tell(() => network.story);
      const peer = await ChaosPeer.open(network, random, box.address.udpPort);
      const legs: Leg[] = [];
      const ended = new Set<Leg>();
      const requests: LegRequest[] = [];
      const watch = (leg: Leg) => {
        legs.push(leg);
        void follow(leg, requests);
        void leg.ended.then(() => ended.add(leg));
      };
      const taking = (async () => {
        for await (const leg of box.incoming) watch(leg);
      })();
      const dial = () => {
        const signal = new AbortController();
        if (random.chance(30)) clock.after(random.between(0, 20_000), () => signal.abort());
        void box.dial(`sip:7000@127.0.0.1:${peer.port}`, { signal: signal.signal }).then((outcome) => {
          if (outcome.type !== "answered") return;
          count.answered += 1;
          watch(outcome.leg);
        });
      };
      for (let number = 0; number < ACTS; number++) {
        clock.after(random.between(0, STORM_MS), () => {
          const leg = legs[random.between(0, Math.max(0, legs.length - 1))];
          const request = requests.pop();
          if (request?.type === "transfer" && random.chance(70))
            request.report(random.pick(["ringing", "answered", "busy", "failed"]));
          else if (leg && random.chance(40)) act(leg, random);
          else if (random.chance(15)) dial();
          else peer.act();
        });
      }
      await clock.advance(STORM_MS);
      peer.vanish();
      await clock.advance(FORGOTTEN_MS);
      expect(box.load).toEqual({ calls: 0, dialogs: 0, transactions: 0 });
      expect(legs.filter((leg) => !ended.has(leg))).toEqual([]);
      expect(rtp.opened.filter(({ open }) => open)).toEqual([]);
      expect([clock.pending, network.inFlight]).toEqual([before, 0]);
      count.ended += ended.size;
      const closing = box[Symbol.asyncDispose]();
      await clock.advance(2_000);
      await closing;
      await taking;
    },
    first,
  );
  expect(count.ended).toBeGreaterThan(RUNS);
  expect(count.answered).toBeGreaterThan(RUNS / 10);
});
