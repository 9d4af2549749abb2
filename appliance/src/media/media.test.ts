import { join } from "node:path";
import { Channel } from "@sitebox/core/kernel";
import { goertzel, tone } from "@sitebox/drivers/sound";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readWav } from "./sound/index.ts";
import { frames, hear, MediaRig } from "./testing/index.ts";

let rig: MediaRig;
beforeEach(async () => {
  rig = await MediaRig.open({ maxLegsPerWorker: 2 });
});
afterEach(() => rig[Symbol.asyncDispose]());

const strength = (frequency: number) => (frame: Int16Array) => goertzel(frame, frequency);
const isSound = (frame: Int16Array) => frame.some((sample) => Math.abs(sample) > 500);
/** Until a second has come since the first sound. */
function aSecondOfSound(heard: Int16Array[]): boolean {
  const first = heard.findIndex(isSound);
  return first >= 0 && heard.length - first > 50;
}
const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("a sound that is played is heard at the far end, and told as finished when it has left", async () => {
  const { near, far } = await rig.call();
  const heard = hear(far.leg, aSecondOfSound);
  expect(await near.leg.play(tone(500, 1_000))).toEqual({ outcome: "finished", playedMs: 1_000 });
  const voiced = (await heard).filter((frame) => goertzel(frame, 500) > 7_000);
  expect(voiced.length).toBeGreaterThanOrEqual(40);
});

test("frames come without anybody speaking, each 20 ms after the last", async () => {
  const { far } = await rig.call();
  const places: number[] = [];
  for await (const { samples, atMs } of far.leg.listen(new AbortController().signal)) {
    expect(samples.length).toBe(160);
    places.push(atMs);
    if (places.length === 20) break;
  }
  expect(places.map((at) => at - (places[0] ?? 0))).toEqual(Array.from({ length: 20 }, (_, n) => n * 20));
});

test("a streamed sound is played as it arrives, pulled no further ahead than a second", async () => {
  const { near, far } = await rig.call();
  let pulled = 0;
  let done = 0;
  async function* voice() {
    for (; pulled < 20; pulled++) yield tone(500, 100);
  }
  const heard = hear(far.leg, aSecondOfSound);
  const played = near.leg.play(voice()).then((result) => {
    done = pulled;
    return result;
  });
  await heard;
  expect(pulled).toBeLessThan(20);
  expect(await played).toEqual({ outcome: "finished", playedMs: 2_000 });
  expect(done).toBe(20);
});

test("a streamed sound is stopped while its source is still thinking, and fails with its source", async () => {
  const { near, far } = await rig.call();
  const never = Promise.withResolvers<Int16Array>();
  async function* hesitating() {
    yield tone(500, 200);
    yield await never.promise;
  }
  const played = near.leg.play(hesitating());
  await hear(far.leg, (heard) => heard.some(isSound));
  await near.leg.flush();
  expect((await played).outcome).toBe("stopped");
  async function* broken(): AsyncGenerator<Int16Array> {
    yield tone(500, 40);
    throw new Error("the voice is gone");
  }
  await expect(near.leg.play(broken())).rejects.toThrow("the voice is gone");
  expect(await near.leg.play(tone(500, 100))).toEqual({ outcome: "finished", playedMs: 100 });
});

test("flush stops what is playing and what waits, and tells how much was heard", async () => {
  const { near, far } = await rig.call();
  const first = near.leg.play(tone(500, 5_000));
  const second = near.leg.play(tone(900, 5_000));
  await hear(far.leg, (heard) => heard.some((frame) => goertzel(frame, 500) > 5_000));
  await near.leg.flush();
  const stopped = await first;
  expect(stopped.outcome).toBe("stopped");
  expect(stopped.playedMs).toBeGreaterThan(0);
  expect(stopped.playedMs).toBeLessThan(5_000);
  expect(await second).toEqual({ outcome: "stopped", playedMs: 0 });
  const after = await hear(far.leg, frames(30));
  expect(after.slice(-10).every((frame) => goertzel(frame, 500) < 100)).toBe(true);
});

test("aborting a sound stops that one, and the next follows", async () => {
  const { near, far } = await rig.call();
  const abort = new AbortController();
  const first = near.leg.play(tone(500, 5_000), { signal: abort.signal });
  const second = near.leg.play(tone(900, 200));
  await hear(far.leg, (heard) => heard.some((frame) => goertzel(frame, 500) > 5_000));
  abort.abort();
  expect((await first).outcome).toBe("stopped");
  expect(await second).toEqual({ outcome: "finished", playedMs: 200 });
  expect(await near.leg.play(tone(500, 200), { signal: abort.signal })).toEqual({ outcome: "stopped", playedMs: 0 });
});

test.each([
  ["in one worker", 100],
  ["in different workers", 1],
])("each of three bridged pairs hears its own partner's tone and no other, %s", async (_, maxLegsPerWorker) => {
  await rig[Symbol.asyncDispose]();
  rig = await MediaRig.open({ maxLegsPerWorker });
  const ends = await Promise.all(Array.from({ length: 6 }, () => rig.call()));
  expect(rig.media.workers.length).toBe(maxLegsPerWorker === 1 ? 6 : 1);
  const tones = [400, 700, 1_000, 1_300, 1_600, 1_900];
  for (const [n, { near }] of ends.entries()) {
    const partner = ends[n ^ 1];
    if (partner && n % 2 === 0) await near.leg.bridge(partner.near.leg);
  }
  const heard = ends.map(({ far }) => hear(far.leg, aSecondOfSound));
  const sounds = ends.map(({ far }, n) => far.leg.play(tone(tones[n] ?? 0, 30_000)));
  for (const [n, sound] of (await Promise.all(heard)).entries()) {
    const partner = tones[n ^ 1] ?? 0;
    const steady = sound.slice(-30);
    expect(average(steady.map(strength(partner)))).toBeGreaterThan(4_000);
    for (const other of tones.filter((one) => one !== partner)) expect(average(steady.map(strength(other)))).toBeLessThan(200);
  }
  await Promise.all(ends.map(({ far }) => far.leg.flush()));
  await Promise.all(sounds);
});

test("a sound played to a bridged leg is mixed in for that one alone, and unbridging parts the two", async () => {
  const [a, b] = [await rig.call(), await rig.call()];
  await a.near.leg.bridge(b.near.leg);
  void b.far.leg.play(tone(700, 10_000));
  void a.near.leg.play(tone(1_200, 10_000));
  const heard = (await hear(a.far.leg, aSecondOfSound)).slice(-20);
  expect(average(heard.map(strength(700)))).toBeGreaterThan(4_000);
  expect(average(heard.map(strength(1_200)))).toBeGreaterThan(4_000);
  expect(average((await hear(b.far.leg, frames(20))).map(strength(1_200)))).toBeLessThan(200);
  await b.near.leg.unbridge();
  const after = (await hear(a.far.leg, frames(40))).slice(-20);
  expect(average(after.map(strength(700)))).toBeLessThan(100);
  expect(average(after.map(strength(1_200)))).toBeGreaterThan(4_000);
});

test("a recording holds the far end left and what it hears right", async () => {
  const { near, far } = await rig.call();
  const file = join(rig.folder, "call.wav");
  const recording = await near.leg.record(file);
  const sounds = Promise.all([far.leg.play(tone(600, 1_500)), near.leg.play(tone(1_100, 1_500))]);
  await hear(near.leg, aSecondOfSound);
  await sounds;
  const stopped = await recording.stop();
  expect(await recording.stop()).toEqual(stopped);
  const { sampleRate, channels } = await readWav(file);
  const [left, right] = channels;
  if (!left || !right) throw new Error("two channels are expected");
  expect(sampleRate).toBe(8_000);
  expect(left.length / 8).toBe(stopped.durationMs);
  expect(stopped.bytes).toBe(44 + left.length * 4);
  const middle = (samples: Int16Array) => samples.slice(4_800, 9_600);
  expect(goertzel(middle(left), 600)).toBeGreaterThan(4_000);
  expect(goertzel(middle(left), 1_100)).toBeLessThan(100);
  expect(goertzel(middle(right), 1_100)).toBeGreaterThan(4_000);
  expect(goertzel(middle(right), 600)).toBeLessThan(100);
});

test("closing the port ends sounds, listeners and the recording", async () => {
  const { near } = await rig.call();
  const recording = await near.leg.record(join(rig.folder, "closed.wav"));
  const played = near.leg.play(tone(500, 60_000));
  const listening = hear(near.leg, () => false);
  await hear(near.leg, frames(10));
  await near.port[Symbol.asyncDispose]();
  expect((await played).outcome).toBe("ended");
  expect((await listening).length).toBeGreaterThan(0);
  const { durationMs } = await recording.stop();
  expect(durationMs).toBeGreaterThanOrEqual(180);
  expect(await near.leg.play(tone(500, 100))).toEqual({ outcome: "ended", playedMs: 0 });
  await expect(near.leg.record(join(rig.folder, "never.wav"))).rejects.toMatchObject({ fault: "leg-ended" });
  expect((await near.leg.stats()).sentPackets).toBeGreaterThan(0);
});

/** A port of a technology that brings its sound to this process, as a modem does. */
function pcmPort() {
  const frames = new Channel<Int16Array>();
  const written = new Channel<Int16Array>();
  return { frames, written, write: (frame: Int16Array) => written.push(frame), [Symbol.asyncDispose]: () => Promise.resolve() };
}

test("a port whose sound comes as frames is played to, heard, bridged and recorded as RTP is", async () => {
  const { near, far } = await rig.call();
  const port = pcmPort();
  const leg = rig.media.attach(port);
  const recording = await leg.record(join(rig.folder, "pcm.wav"));
  await leg.bridge(near.leg);
  void far.leg.play(tone(600, 30_000));
  const sound = tone(900, 30_000);
  const heard = hear(leg, aSecondOfSound);
  const atFarEnd = hear(far.leg, aSecondOfSound);
  let sent = 0;
  let running = 0;
  // The frame that is written paces the one that is read, as a sound card does.
  for await (const frame of port.written) {
    port.frames.push(sound.slice(sent * 160, ++sent * 160));
    running = goertzel(frame, 600) > 6_000 ? running + 1 : 0;
    if (running >= 60) break;
  }
  port.frames.close();
  expect(average((await heard).slice(-20).map(strength(900)))).toBeGreaterThan(4_000);
  expect(average((await atFarEnd).slice(-20).map(strength(900)))).toBeGreaterThan(4_000);
  const { durationMs } = await recording.stop();
  const [left, right] = (await readWav(recording.file)).channels;
  expect(durationMs).toBeGreaterThan(1_000);
  expect(goertzel(left?.slice(-4_800, -2_400) ?? left ?? new Int16Array(0), 900)).toBeGreaterThan(4_000);
  expect(goertzel(right?.slice(-4_800, -2_400) ?? new Int16Array(0), 600)).toBeGreaterThan(4_000);
});

test("when such a port's frames end, so does its leg; when its leg is let go, the port lives on", async () => {
  const ending = pcmPort();
  const leg = rig.media.attach(ending);
  const playing = leg.play(tone(500, 60_000));
  await hear(leg, frames(5));
  ending.frames.close();
  expect((await playing).outcome).toBe("ended");

  const living = pcmPort();
  await rig.media.attach(living)[Symbol.asyncDispose]();
  const again = rig.media.attach(living);
  expect((await hear(again, frames(5))).length).toBe(5);
});

test("of a port that knows what came and what it filled with silence, that is told", async () => {
  const counts = { came: 70, filled: 30, dropped: 2, unsaid: 1_000_000, quietMs: 600 };
  const port = { ...pcmPort(), counts };
  const leg = rig.media.attach(port);
  for (let frame = 0; frame < 100; frame++) port.frames.push(new Int16Array(160));
  await hear(leg, frames(5));
  expect(await leg.stats()).toMatchObject({
    ...{ receivedPackets: 70, lostPackets: 30, sentPackets: 0 },
    ...{ concealedMs: 600, lateMs: 40, quietMs: 600 },
  });
  port.frames.close();
});

test("letting go of a leg stops what was started through it and leaves the port open", async () => {
  const { near, far } = await rig.call();
  const playing = near.leg.play(tone(500, 60_000));
  const listening = hear(near.leg, () => false);
  const recording = await near.leg.record(join(rig.folder, "released.wav"));
  await hear(near.leg, frames(10));
  await near.leg[Symbol.asyncDispose]();
  expect((await playing).outcome).toBe("stopped");
  expect((await listening).length).toBeGreaterThan(0);
  expect((await recording.stop()).durationMs).toBeGreaterThan(0);
  const next = rig.media.attach(near.port);
  const heard = hear(far.leg, aSecondOfSound);
  void next.play(tone(800, 2_000));
  expect(average((await heard).slice(-20).map(strength(800)))).toBeGreaterThan(4_000);
});

test("a leg is not bridged to itself, nor to one that has ended", async () => {
  const { near, far } = await rig.call();
  await expect(near.leg.bridge(near.leg)).rejects.toMatchObject({ fault: "refused" });
  await far.port[Symbol.asyncDispose]();
  await expect(near.leg.bridge(far.leg)).rejects.toMatchObject({ fault: "leg-ended" });
});
