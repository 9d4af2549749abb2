import type { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { HangupCause, Leg, SrtpKey } from "../../../line/index.ts";
import { forSeeds, type SeededRandom } from "./index.ts";
import { type Line, openLine, type Party, type Srtp } from "./site.testing.ts";
import { FAIR, type VirtualNetwork, type Weather } from "./virtual-network.ts";

/** Histories that are tried in one test. */
const RUNS = 40;
const FIRST_SEEDS = [1, 1_001, 2_001, 3_001];
/** Every call has been answered, refused or given up by then, and every change of it is through. */
const SETTLED_MS = 90_000;
/** No end is believed to be there longer than this without a word (session timers), and no transaction lives then. */
const FORGOTTEN_MS = 4_000_000;

const CAUSES: readonly [HangupCause, ...HangupCause[]] = ["normal", "busy", "rejected", "failed", "no-answer"];

const weatherOf = (random: SeededRandom): Weather =>
  random.chance(25)
    ? FAIR
    : {
        lossPercent: random.between(0, 25),
        duplicatePercent: random.between(0, 25),
        delayMs: { least: random.between(0, 40), most: random.between(40, 700) },
      };

/** What someone does with a call that is up: holds it, takes it back, and perhaps hangs up. */
function talk(leg: Leg, random: SeededRandom, clock: VirtualClock): void {
  for (let change = 0; change < random.between(0, 3); change++) {
    const on = random.chance(50);
    clock.after(random.between(0, 25_000), () => void leg.hold(on));
  }
  if (random.chance(50)) clock.after(random.between(0, 40_000), () => void leg.hangup(random.pick(CAUSES)));
}

/** How the called party treats a call. */
function taking(random: SeededRandom) {
  return (leg: Leg, clock: VirtualClock): void => {
    const afterMs = random.pick([0, 20, 300, 2_000, 9_000]);
    if (random.chance(30)) clock.after(random.between(0, afterMs), () => void leg.progress());
    if (random.chance(15)) clock.after(afterMs, () => void leg.hangup(random.pick(CAUSES)));
    else if (random.chance(90))
      clock.after(afterMs, () => {
        void leg.answer().then(() => talk(leg, random, clock));
      });
  };
}

function call({ parties, clock }: Line, random: SeededRandom, number: number): void {
  const [from, to] = random.chance(50) ? parties : ([parties[1], parties[0]] as const);
  const giveUp = new AbortController();
  const patienceMs = random.chance(30) ? random.between(0, 12_000) : 45_000;
  clock.after(random.between(0, 5_000), () => {
    clock.after(patienceMs, () => giveUp.abort());
    void from.dial(to, String(8_000 + number), giveUp.signal).then((leg) => leg && talk(leg, random, clock));
  });
}

/** Nothing goes through any more. */
function breakDown(network: VirtualNetwork): void {
  network.weather = { ...FAIR, lossPercent: 100 };
}

const keyOf = (key: SrtpKey | undefined) => key && `${key.suite} ${Buffer.from(key.masterKeyAndSalt).toString("base64")}`;

/** The two ends of a call that is up send what the other receives, to where it listens, and by the same codec. */
function expectMirrored([one, other]: readonly [Party, Party]): number {
  let up = 0;
  for (const port of one.ports) {
    const peer = other.ports.find((found) => found.open && found.localPort === port.remote?.port);
    if (!port.open || !peer?.remote || peer.remote.port !== port.localPort || !port.remote) continue;
    up += 1;
    expect([port.remote.send, port.remote.receive]).toEqual([peer.remote.receive, peer.remote.send]);
    expect(keyOf(port.remote.srtp?.local)).toEqual(keyOf(peer.remote.srtp?.remote));
    expect([port.remote.codec, port.remote.payloadType]).toEqual([peer.remote.codec, peer.remote.payloadType]);
  }
  return up;
}

const isUp = ({ parties }: Line) => parties.map(({ legs }) => legs.filter(({ ended }) => ended === undefined));

test.for(FIRST_SEEDS)(
  "calls from seed %i on over bad lines: one outcome each, both ends agree, nothing is left",
  async (first) => {
    const count = { calls: 0, answered: 0, mirrored: 0 };
    await forSeeds(
      RUNS,
      async (random, tell) => {
        const srtp = random.pick<readonly [Srtp, Srtp]>([
          ["prefer", "prefer"],
          ["prefer", "require"],
          ["require", "prefer"],
          ["off", "prefer"],
          ["require", "off"],
        ]);
        await using line = await openLine({ random, take: taking(random), srtp });
        const { clock, network, parties } = line;
        tell(() => network.story);
        const before = clock.pending;
        network.weather = weatherOf(random);
        for (let number = 0; number < random.between(1, 4); number++) call(line, random, number);
        if (random.chance(15)) clock.after(random.between(0, 60_000), () => breakDown(network));
        await clock.advance(SETTLED_MS);
        for (const { dialled, outcomes } of parties) expect(outcomes.length).toBe(dialled);
        network.weather = FAIR;
        // What is still open, e.g. a change that a lost message held up, is settled now.
        await clock.advance(SETTLED_MS);
        count.mirrored += expectMirrored(parties);
        for (const { leg } of isUp(line).flat()) void leg.hangup("normal");
        await clock.advance(FORGOTTEN_MS);
        expect(isUp(line)).toEqual([[], []]);
        expect(parties.flatMap(({ ports }) => ports.filter(({ open }) => open))).toEqual([]);
        expect([clock.pending, network.inFlight]).toEqual([before, 0]);
        for (const { outcomes } of parties) {
          count.calls += outcomes.length;
          count.answered += outcomes.filter(({ type }) => type === "answered").length;
        }
      },
      first,
    );
    // The histories are worth something only if most calls come about, and some are still up at the end.
    expect(count.answered).toBeGreaterThan(count.calls / 3);
    expect(count.mirrored).toBeGreaterThan(RUNS / 10);
  },
);

test("a telephone that rings unheard is told when nobody waits any more", async () => {
  await forSeeds(1, async (random, tell) => {
    await using line = await openLine({ random, take: () => {}, srtp: ["prefer", "prefer"] });
    const { clock, network, parties } = line;
    tell(() => network.story);
    const before = clock.pending;
    void parties[0].dial(parties[1], "8000", new AbortController().signal);
    await clock.advance(30_000);
    breakDown(network);
    await clock.advance(151_000);
    expect(isUp(line)[1]).toHaveLength(1);
    network.weather = FAIR;
    await clock.advance(2_500);
    expect(parties[0].outcomes).toMatchObject([{ type: "unreachable" }]);
    expect(parties[1].legs).toMatchObject([{ ended: "no-answer" }]);
    await clock.advance(40_000);
    expect(clock.pending).toBe(before);
  });
});
