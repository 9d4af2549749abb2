import { silentLog, systemClock } from "@sitebox/core/kernel";
import { playTone, toneShare } from "@sitebox/drivers/line/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openMedia } from "../media/index.ts";
import { type CallsRig, openCallsRig, type TestLeg } from "./testing/index.ts";

/** Each telephone says a tone of its own, all the time; whole periods fit into a frame. */
const TONES = [400, 700, 1_000, 1_300];
/** Frames that are looked at together. */
const WINDOW = 15;
/** Less than this of what is heard is no tone: music has something of every pitch. */
const AUDIBLE = 0.12;

let owned: AsyncDisposableStack;
let rig: CallsRig;
let legs: TestLeg[];
let heard: Map<TestLeg, Int16Array[]>;

beforeEach(async () => {
  owned = new AsyncDisposableStack();
  const clock = systemClock;
  const media = owned.use(await openMedia({ clock, log: silentLog, rtpPortRange: { first: 56_002, last: 57_000 } }));
  rig = owned.use(await openCallsRig({ clock, media, calls: { recording: { enabled: false } } }));
  legs = [];
  heard = new Map();
});

afterEach(async () => {
  await Promise.all(legs.map((leg) => leg.hangup("normal")));
  await owned.disposeAsync();
  expect(rig.calls.held).toBe(0);
});

/** The leg's user begins to say its tone and to listen. */
function speaks(leg: TestLeg): TestLeg {
  const hertz = TONES[legs.length] ?? 0;
  legs.push(leg);
  const frames: Int16Array[] = [];
  heard.set(leg, frames);
  const over = new AbortController();
  void leg.ended.then(() => over.abort());
  void playTone((frame) => leg.audio.say(frame), hertz, over.signal);
  const listen = async () => {
    for await (const frame of leg.audio.heard) {
      frames.push(frame);
      if (frames.length > WINDOW) frames.shift();
    }
  };
  void listen();
  return leg;
}

const answers = async (number: string) => speaks((await rig.dialler.rings(number)).answer());

/** Whose tones a leg hears, by their place in `legs`. */
function hears(leg: TestLeg): number[] {
  if (!leg.up) return [];
  const frames = heard.get(leg) ?? [];
  if (frames.length < WINDOW) return [-1];
  return TONES.flatMap((hertz, at) => {
    const share = frames.reduce((sum, frame) => sum + toneShare(frame, hertz), 0) / frames.length;
    return share > AUDIBLE ? [at] : [];
  });
}

/** Waits until every leg hears exactly these, and makes sure that it stays so for a while. */
async function hearing(...expected: (readonly number[])[]) {
  const now = () => legs.slice(0, expected.length).map(hears);
  const wanted = expected.map((one) => [...one]);
  const until = performance.now() + 8_000;
  for (let same = 0; same < WINDOW; ) {
    same = JSON.stringify(now()) === JSON.stringify(wanted) ? same + 1 : 0;
    if (performance.now() > until) expect(now()).toEqual(wanted);
    await systemClock.sleep(20);
  }
}

/** Waits until there is sound, which is nobody's. */
async function hearsMusic(leg: TestLeg) {
  const loud = () => heard.get(leg)?.some((frame) => frame.some((sample) => Math.abs(sample) > 500)) ?? false;
  for (let waits = 0; !loud(); waits++) {
    if (waits > 400) throw new Error("no music is heard");
    await systemClock.sleep(20);
  }
}

test("two who talk hear each other; on hold, whoever holds, neither hears the other; taken back they do again", async () => {
  const caller = speaks(rig.from("8002", "8001"));
  const callee = await answers("8001");
  await hearing([1], [0]);
  for (const leg of [caller, callee, caller]) {
    leg.ask({ type: "hold" });
    await hearing([], []);
    await hearsMusic(leg === caller ? callee : caller);
    leg.ask({ type: "resume" });
    await hearing([1], [0]);
  }
});

test("a call that is transferred is heard by its target and no longer by who transferred it", async () => {
  speaks(rig.outside("8001"));
  const first = await answers("8001");
  await hearing([1], [0]);
  first.ask({ type: "transfer", target: "8002", report: () => {} });
  await answers("8002");
  await hearing(
    [2],
    [1].filter(() => false),
    [0],
  );
});

test("in a consultation the one who waits hears and is heard by nobody; then all three hear both others and never themselves", async () => {
  speaks(rig.outside("8001"));
  const first = await answers("8001");
  await hearing([1], [0]);
  first.ask({ type: "consult", target: "8002" });
  await answers("8002");
  await hearing([], [2], [1]);
  first.ask({ type: "join" });
  await hearing([1, 2], [0, 2], [0, 1]);
});

test("two calls at once do not hear each other, and an attended transfer joins what belongs together", async () => {
  speaks(rig.outside("8001"));
  const first = await answers("8001");
  const asking = speaks(rig.from("8001", "8002"));
  await answers("8002");
  await hearing([1], [0], [3], [2]);
  first.ask({ type: "transfer", target: "8002", consulted: asking, report: () => {} });
  await hearing([3], [], [], [0]);
  expect([first.up, asking.up]).toEqual([false, false]);
});

test("a page is heard by its members, who hear neither each other nor are heard", async () => {
  speaks(rig.from("8003", "8190"));
  await answers("8001");
  await answers("8002");
  await hearing([], [0], [0]);
});
