import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { FAIR, forSeeds, type SeededRandom, VirtualNetwork, weatherOf } from "../testing/virtual-network/index.ts";
import { End, type Script, type Sent } from "./ends.testing.ts";
import { LIFETIME_MS } from "./index.ts";
import { acksDueAt, dueAt, exchangesOf, repeatsDueAt } from "./wire.testing.ts";

/** Histories that are tried in one test. */
const RUNS = 750;
const FIRST_SEEDS = [1, 1_001, 2_001, 3_001];
const RINGING_MS = 180_000;

function scriptOf(random: SeededRandom, method: string): Script {
  const ringing = method === "INVITE" ? [100, 180, 183] : [100];
  const provisionals = Array.from({ length: random.between(0, 3) }, () => ({
    afterMs: random.between(0, 8_000),
    status: ringing[random.between(0, ringing.length - 1)] ?? 100,
  }));
  const afterMs = random.pick([0, 50, 400, 2_000, 10_000, 40_000, 200_000]);
  const status = random.pick([200, 200, 202, 302, 404, 486, 503, 603]);
  return random.chance(10) ? { provisionals } : { provisionals, final: { afterMs, status } };
}

interface History {
  readonly clock: VirtualClock;
  readonly network: VirtualNetwork;
  readonly ends: readonly [End, End];
  readonly scripts: ReadonlyMap<string, Script>;
  readonly cancelled: ReadonlySet<string>;
}

/** Two ends that send each other requests through a network of any weather. */
async function begin(random: SeededRandom, weather = weatherOf(random)): Promise<History> {
  const clock = new VirtualClock(0);
  const network = new VirtualNetwork({ clock, random, weather });
  const scripts = new Map<string, Script>();
  const cancelled = new Set<string>();
  const scriptFor = (callId: string) => scripts.get(callId) ?? { provisionals: [] };
  const ends = [new End(clock, "192.0.2.1", scriptFor), new End(clock, "192.0.2.2", scriptFor)] as const;
  for (const end of ends) await end.open(network);
  for (let number = 0; number < random.between(1, 4); number++) {
    const method = random.pick(["INVITE", "INVITE", "OPTIONS", "INFO"]);
    const callId = `call-${number}`;
    scripts.set(callId, scriptOf(random, method));
    const [from, to] = random.chance(50) ? ends : ([ends[1], ends[0]] as const);
    const cancelAfterMs = method === "INVITE" && random.chance(30) ? random.between(0, 12_000) : undefined;
    if (cancelAfterMs !== undefined) cancelled.add(callId);
    clock.after(random.between(0, 3_000), () => void from.request(to.peer, method, callId, cancelAfterMs));
  }
  return { clock, network, ends, scripts, cancelled };
}

/** Each transaction that is alive has a timer of its own that will end it. */
function expectTimers({ clock, network, ends }: History): void {
  expect(clock.pending - network.inFlight).toBeGreaterThanOrEqual(ends[0].transactions.size + ends[1].transactions.size);
}

/** The user of a request hears of its end exactly once and in time, and of nothing after it. */
function expectOneOutcome({ request, outcomes, outcomeAt = Number.NaN, startedAt, provisionalsAt, late }: Sent): void {
  expect([request.method, outcomes.length, late]).toEqual([request.method, 1, 0]);
  const lastSign = provisionalsAt.at(-1);
  const limit = request.method === "INVITE" && lastSign !== undefined ? lastSign + RINGING_MS : startedAt + LIFETIME_MS;
  expect(outcomeAt).toBeLessThanOrEqual(limit);
}

/** The ACKs of a 2xx are requests of their own with branches of their own. */
const accepted = ({ heard }: { readonly heard: readonly { readonly status: number }[] }) =>
  heard.some(({ status }) => status >= 200 && status < 300);

/** Copies go out when they are due and not otherwise, each that comes is answered again, and each refusal of an INVITE acknowledged. */
function expectOnTheWire({ network }: History): void {
  for (const exchange of exchangesOf(network.fates)) {
    const { method, sentAt, acksAt } = exchange;
    expect([method, sentAt]).toEqual([method, dueAt(exchange)]);
    if (method === "INVITE" && !accepted(exchange)) expect(acksAt).toEqual(acksDueAt(exchange));
    const answersAt = exchange.answers.map(({ at }) => at);
    expect(answersAt).toEqual(expect.arrayContaining([...repeatsDueAt(exchange)]));
  }
}

test.for(FIRST_SEEDS)(
  "histories from seed %i on: lost, doubled, late and overtaken messages all end in one outcome, in time",
  async (first) => {
    let answered = 0;
    await forSeeds(
      RUNS,
      async (random, tell) => {
        const history = await begin(random);
        const { clock, network, ends } = history;
        tell(() => network.story);
        for (const stepMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 33_000, 70_000, 140_000, 400_000]) {
          await clock.advance(stepMs);
          expectTimers(history);
        }
        expectOnTheWire(history);
        for (const end of ends) {
          for (const sent of end.sent) expectOneOutcome(sent);
          for (const times of end.seen.values()) expect(times).toBe(1);
          for (const { outcome, startedAt, endedAt } of end.accepted.values()) {
            expect(outcome).not.toBe("waiting");
            if (outcome === "abandoned") expect(endedAt).toBe(startedAt + LIFETIME_MS);
          }
          expect(end.transactions.size).toBe(0);
          answered += end.sent.filter(({ outcomes }) => typeof outcomes[0] === "number").length;
        }
        expect([clock.pending, network.inFlight]).toEqual([0, 0]);
      },
      first,
    );
    // The histories are worth something only if most requests get through.
    expect(answered).toBeGreaterThan(RUNS);
  },
);

test("where nothing is lost, each request gets the very answer that the far end gave", async () => {
  await forSeeds(500, async (random, tell) => {
    const delayMs = { least: 1, most: random.between(1, 200) };
    const weather = { ...FAIR, delayMs, duplicatePercent: random.between(0, 50) };
    const { clock, network, ends, scripts, cancelled } = await begin(random, weather);
    tell(() => network.story);
    await clock.advance(700_000);
    for (const [at, end] of ends.entries()) {
      const other = at === 0 ? ends[1] : ends[0];
      for (const { request, outcomes } of end.sent) {
        const { final } = scripts.get(request.callId) ?? {};
        // Whoever is answered later than it waits hears of a timeout instead.
        const inTime = final !== undefined && final.afterMs < (request.method === "INVITE" ? RINGING_MS : LIFETIME_MS) - 1_000;
        if (
          inTime &&
          !cancelled.has(request.callId) &&
          scripts.has(request.callId) &&
          provoked(request.method, scripts, request.callId)
        )
          expect(outcomes).toEqual([other.statuses.get(request.callId)]);
      }
    }
  });
});

/** An INVITE without a sign of life is given up after 64·T1 (timer B), whatever comes later. */
function provoked(method: string, scripts: ReadonlyMap<string, Script>, callId: string): boolean {
  const script = scripts.get(callId);
  return (
    method !== "INVITE" || (script?.provisionals.length ?? 0) > 0 || (script?.final?.afterMs ?? LIFETIME_MS) < LIFETIME_MS - 1_000
  );
}

test("an answer whose ACKs are all lost is given up after 64 T1 with a BYE", async () => {
  const clock = new VirtualClock(0);
  await forSeeds(1, async (random) => {
    const network = new VirtualNetwork({ clock, random });
    const script = { provisionals: [], final: { afterMs: 10, status: 200 } };
    const ends = [new End(clock, "192.0.2.1", () => script), new End(clock, "192.0.2.2", () => script)] as const;
    for (const end of ends) await end.open(network);
    ends[0].request(ends[1].peer, "INVITE", "call");
    await clock.advance(11);
    network.weather = { ...FAIR, lossPercent: 100 };
    await clock.advance(31_999);
    expect(ends[1].sent).toEqual([]);
    network.weather = FAIR;
    await clock.advance(10);
    expect(ends[1].accepted.get("call")).toMatchObject({ outcome: "abandoned" });
    expect(ends[1].sent.map(({ request, outcomes }) => [request.method, outcomes])).toEqual([["BYE", [200]]]);
    await clock.advance(100_000);
    expect([ends[0].transactions.size, ends[1].transactions.size, clock.pending]).toEqual([0, 0, 0]);
  });
});

test("a network that is down from the first message on ends everything within 64 T1", async () => {
  await forSeeds(100, async (random) => {
    const { clock, ends } = await begin(random, { ...FAIR, lossPercent: 100 });
    await clock.advance(3_000 + LIFETIME_MS);
    for (const { outcomes } of [...ends[0].sent, ...ends[1].sent]) expect(outcomes).toEqual(["timeout"]);
    await clock.advance(200);
    expect([ends[0].transactions.size + ends[1].transactions.size, clock.pending]).toEqual([0, 0]);
  });
});
