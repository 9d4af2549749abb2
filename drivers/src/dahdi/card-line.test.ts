import { existsSync } from "node:fs";
import { join } from "node:path";
import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { describe, expect, test } from "vitest";
import type { DialProgress, Digit, Leg, LegRequest, Traffic } from "../line/index.ts";
import { hearTone, playTone, until } from "../line/testing/index.ts";
import { openCardLine } from "./index.ts";
import { type LineSound, LineSounds } from "./signals/index.ts";
import { nextCall, OUTSIDE, openSite, type Site } from "./testing/index.ts";

const program = join(import.meta.dirname, "../../../.cache/native/sitebox-dahdi");
const patience = () => AbortSignal.timeout(18_000);

/** The first sounds of an exchange that are heard and are wanted. */
async function listen(frames: AsyncIterable<Int16Array>, wanted: LineSound): Promise<LineSound> {
  const sounds = new LineSounds();
  for await (const frame of frames) if (sounds.hear(frame) === wanted) return wanted;
  throw new Error("the sound ended");
}

async function first<T>(items: AsyncIterable<T>): Promise<T> {
  for await (const item of items) return item;
  throw new Error("nothing came");
}

/** The outside telephone dials as soon as it hears the dial tone. */
async function callIn({ outside }: Site, number = "8001"): Promise<void> {
  outside.liftUp();
  await listen(outside.heard, "dial-tone");
  outside.press(number);
}

async function callOut({ line, outside }: Site): Promise<Leg> {
  const dialling = line.dial(OUTSIDE, { signal: patience() });
  await outside.ringing();
  outside.liftUp();
  outside.talk(2_000);
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(`not answered but ${outcome.type}`);
  return outcome.leg;
}

describe.concurrent("the caller's number", () => {
  test.each([
    ["fsk", OUTSIDE],
    ["fsk-sdmf", OUTSIDE],
    ["dtmf-before", OUTSIDE],
    ["dtmf-between", OUTSIDE],
    ["broken", ""],
    ["none", ""],
  ] as const)("that comes as %s is %j", async (callerId, number) => {
    await using site = await openSite({ lines: [{ callerId }] });
    await callIn(site);
    const leg = await nextCall(site.line);
    expect([leg.remote, leg.dialled, leg.line]).toEqual([number, "8001", "card"]);
  });

  test.each(["fsk", "dtmf-between"] as const)("that is withheld in %s is empty", async (callerId) => {
    await using site = await openSite({ lines: [{ callerId }], outside: { withheld: true } });
    await callIn(site);
    expect((await nextCall(site.line)).remote).toBe("");
  });

  test("is not waited for where it is switched off", async () => {
    await using site = await openSite({ port: { callerId: "off" } });
    await callIn(site);
    expect((await nextCall(site.line)).remote).toBe("");
  });
});

describe.concurrent("a call that comes in", () => {
  test("has sound both ways, keys in it, and ends when the far end hangs up with a busy tone", async () => {
    await using site = await openSite({ lines: [{ callerId: "dtmf-before" }] });
    await callIn(site);
    const leg = await nextCall(site.line);
    await leg.answer();
    site.outside.press("5#");
    const keys: Digit[] = [];
    for await (const key of leg.digits) if (keys.push(key) === 2) break;
    expect(keys).toEqual(["5", "#"]);
    const stop = new AbortController();
    const playing = playTone((frame) => leg.audio.write(frame), 1_000, stop.signal);
    await hearTone(site.outside.heard, 1_000);
    stop.abort();
    await playing;
    expect(site.line.state).toMatchObject({ calls: 1, maxCalls: 1, ports: [{ port: 1, number: "8001", state: "busy" }] });
    site.outside.hangUp();
    expect(await leg.ended).toBe("normal");
    await until(site.line, ({ ports = [] }) => ports[0]?.state === "idle");
    expect(site.line.state.calls).toBe(0);
  });

  test("ends at once where the exchange opens the loop", async () => {
    await using site = await openSite({ port: { callerId: "off" } });
    const [channel] = site.card.channels.values();
    await callIn(site);
    const leg = await nextCall(site.line);
    await leg.answer();
    channel?.voice?.event("on-hook");
    expect(await leg.ended).toBe("normal");
  });
});

describe.concurrent("a call that goes out", () => {
  test("is told to ring, and known to be answered by the voice that follows", async () => {
    await using site = await openSite();
    const progress: DialProgress["type"][] = [];
    const dialling = site.line.dial(OUTSIDE, { signal: patience(), onProgress: ({ type }) => progress.push(type) });
    await site.outside.ringing();
    // The first burst of ring-back has to be over to be known.
    await site.outside.ringing();
    site.outside.liftUp();
    site.outside.talk(2_000);
    const outcome = await dialling;
    expect(outcome).toMatchObject({ type: "answered", leg: { facts: { answerKnownBy: "heard" }, line: "card" } });
    expect(progress).toEqual(["ringing"]);
  });

  test("lets music be heard in place of ring-back, which is no answer; polarity is", async () => {
    await using site = await openSite({
      lines: [{ polarity: true }],
      outside: { ringBack: "music" },
      port: { hangUp: "polarity" },
    });
    const heard = Promise.withResolvers<AsyncIterable<Int16Array>>();
    const dialling = site.line.dial(OUTSIDE, {
      signal: patience(),
      onProgress: (progress) => {
        if (progress.type === "early-media") heard.resolve(progress.audio.frames);
      },
    });
    await listen(await heard.promise, "voice");
    site.outside.liftUp();
    expect(await dialling).toMatchObject({ type: "answered", leg: { facts: { answerKnownBy: "told" } } });
  });

  test("dials without a dial tone after three seconds", async () => {
    await using site = await openSite({ lines: [{ dialTone: false, polarity: true }] });
    const dialling = site.line.dial(OUTSIDE, { signal: patience() });
    await site.outside.ringing();
    site.outside.liftUp();
    expect(await dialling).toMatchObject({ type: "answered" });
  });

  test("meets the busy tone of a number that talks", async () => {
    await using site = await openSite();
    site.outside.liftUp();
    expect(await site.line.dial(OUTSIDE, { signal: patience() })).toEqual({ type: "busy" });
  });

  test("takes the first line that is free, in their order, and none of those that are dead", async () => {
    await using site = await openSite({ lines: [{ polarity: true }, { polarity: true }, { polarity: true }] });
    site.card.alarm(1, "red");
    const state = await until(site.line, ({ ports = [] }) => ports[0]?.fault === "no-line");
    expect([state.state, state.ports?.map((port) => port.state)]).toEqual(["up", ["down", "idle", "idle"]]);
    const leg = await callOut(site);
    expect(leg.facts.peer).toBe("channel 2");
    expect(await site.line.dial("8001", { signal: AbortSignal.timeout(3_000) })).toEqual({ type: "no-answer" });
    expect(site.card.told.filter((text) => text.endsWith("hook off"))).toEqual(["2 hook off", "3 hook off"]);
  });

  test("is not dialled where all lines are taken, or where a number has letters", async () => {
    await using site = await openSite({ lines: [{ polarity: true }] });
    expect(await site.line.dial("+8610", { signal: patience() })).toMatchObject({ type: "unreachable" });
    await callOut(site);
    expect(await site.line.dial("8002", { signal: patience() })).toEqual({
      type: "unreachable",
      reason: "all ports of the card are in use",
    });
  });
});

describe.concurrent("a telephone at the card", () => {
  test("dials an extension of the box, hears it ring, and talks", async () => {
    await using site = await openSite({ lines: [], extensions: ["6001"] });
    const [telephone] = site.telephones;
    if (!telephone) throw new Error("no telephone");
    telephone.liftUp();
    await listen(telephone.heard, "dial-tone");
    telephone.press("8000#");
    const leg = await nextCall(site.line);
    expect([leg.remote, leg.dialled, leg.line]).toEqual(["6001", "8000", undefined]);
    await listen(telephone.heard, "ring-back");
    await leg.answer();
    const stop = new AbortController();
    const playing = [
      playTone((frame) => leg.audio.write(frame), 1_000, stop.signal),
      playTone((frame) => telephone.say(frame), 700, stop.signal),
    ];
    await Promise.all([hearTone(telephone.heard, 1_000), hearTone(leg.audio.frames, 700)]);
    stop.abort();
    await Promise.all(playing);
    await leg.hangup("normal");
    await listen(telephone.heard, "busy");
    telephone.hangUp();
    await until(site.line, ({ ports = [] }) => ports[0]?.state === "idle");
  });

  test("has its number taken after four seconds without a further digit", async () => {
    await using site = await openSite({ lines: [], extensions: ["6001"] });
    site.telephones[0]?.liftUp();
    site.telephones[0]?.press("110");
    expect((await nextCall(site.line)).dialled).toBe("110");
  });

  test("has each key taken once where the card hears keys too", async () => {
    await using site = await openSite({ lines: [], extensions: ["6001"] });
    const channel = site.card.channels.get(11);
    const [telephone] = site.telephones;
    telephone?.liftUp();
    telephone?.press("1");
    await expect.poll(() => site.card.told).toContain("11 tone none");
    telephone?.press("23");
    for (const key of "123#") channel?.voice?.event(`dtmf ${key}`);
    expect((await nextCall(site.line)).dialled).toBe("123");
  });

  test("shows the number of who rings it, and is answered when it is taken up", async () => {
    await using site = await openSite({ lines: [], extensions: ["6001"] });
    const [telephone] = site.telephones;
    if (!telephone) throw new Error("no telephone");
    const dialling = site.line.dial("6001", { signal: patience(), callerNumber: "8806" });
    expect(await first(telephone.shown)).toEqual({ number: "8806" });
    telephone.liftUp();
    const outcome = await dialling;
    expect(outcome).toMatchObject({ type: "answered", leg: { remote: "6001", line: undefined } });
    if (outcome.type !== "answered") return;
    const requests: LegRequest["type"][] = [];
    telephone.flash();
    telephone.flash();
    for await (const { type } of outcome.leg.requests) if (requests.push(type) === 2) break;
    expect(requests).toEqual(["hold", "resume"]);
    outcome.leg.press(["7"]);
    telephone.hangUp();
    expect(await outcome.leg.ended).toBe("normal");
  });

  test("is busy off its hook, and stops ringing when the caller gives up", async () => {
    await using site = await openSite({ extensions: ["6001", "6002"] });
    const [busy, other] = site.telephones;
    busy?.liftUp();
    await until(site.line, ({ ports = [] }) => ports.some(({ port, state }) => port === 11 && state === "busy"));
    expect(await site.line.dial("6001", { signal: patience() })).toEqual({ type: "busy" });
    const giveUp = new AbortController();
    const dialling = site.line.dial("6002", { signal: giveUp.signal });
    await other?.ringing();
    giveUp.abort();
    expect(await dialling).toEqual({ type: "no-answer" });
    await expect.poll(() => site.card.told).toContain("12 ring off");
  });
});

describe.concurrent("what goes wrong", () => {
  test("a line that dies ends its call as failed, and is used again when it is back", async () => {
    await using site = await openSite({ lines: [{ polarity: true }] });
    const leg = await callOut(site);
    site.card.alarm(1, "red");
    expect(await leg.ended).toBe("failed");
    expect(site.line.state).toMatchObject({ state: "down", fault: "no-line" });
    site.card.alarm(1, undefined);
    await until(site.line, ({ state, ports = [] }) => state === "up" && ports[0]?.state === "idle");
  });

  test("a card that is taken out ends its calls as failed, and works again when it is put back", async () => {
    await using site = await openSite({ port: { callerId: "off" } });
    await callIn(site);
    const leg = await nextCall(site.line);
    await leg.answer();
    site.card.remove(1);
    expect(await leg.ended).toBe("failed");
    expect(site.line.state).toMatchObject({ state: "down", fault: "unplugged", calls: 0 });
    site.card.putBack(1);
    await until(site.line, ({ state }) => state === "up");
    expect(site.card.told.filter((text) => text === "1 open fxo")).toHaveLength(2);
  });

  test("a helper that crashes ends all calls as failed, and the line is up again with the next", async () => {
    await using site = await openSite({ lines: [{ polarity: true }], extensions: ["6001"] });
    const dialling = site.line.dial("6001", { signal: patience() });
    await site.telephones[0]?.ringing();
    site.card.crash();
    expect(await dialling).toMatchObject({ type: "unreachable" });
    await until(site.line, ({ fault }) => fault === "helper-lost");
    await until(site.line, ({ state, ports = [] }) => state === "up" && ports.every((port) => port.state === "idle"));
  });

  test("a helper that says nonsense is left, and the next one is used", async () => {
    await using site = await openSite();
    site.card.babble(Buffer.from("nonsense of six bytes and more"));
    const { reason } = await until(site.line, ({ fault }) => fault === "helper-lost");
    expect(reason).toMatch(/no frame begins/);
    await until(site.line, ({ state }) => state === "up");
  });

  test("a card without amplifiers and canceller works, one of another kind is told", async () => {
    await using site = await openSite({ card: { refuses: { echo: "unsupported", gain: "unsupported" } } });
    expect(site.line.state.state).toBe("up");
    await using wrong = await openSite({ card: { refuses: { open: "permission" } } });
    expect(wrong.line.state).toMatchObject({ state: "down", fault: "failed", reason: 'the helper refused "open": permission' });
  });

  test.runIf(existsSync(program))("without a card, the helper's program runs and the line says that it is missing", async () => {
    const ports = [{ type: "fxs", channel: 1_000, extension: "6001" }];
    const config = CardLine.parse({ kind: "dahdi", name: "card", ports });
    await using line = openCardLine(config, { clock: systemClock, log: silentLog, helperProgram: program });
    expect(await until(line, ({ state }) => state !== "starting")).toMatchObject({ state: "down", fault: "unplugged" });
  });

  test("a line whose helper is not to be had is there, and says why it is down", async () => {
    const ports = [{ type: "fxs", channel: 1, extension: "6001" }];
    const config = CardLine.parse({ kind: "dahdi", name: "card", ports });
    await using line = openCardLine(config, { clock: systemClock, log: silentLog });
    const { fault, reason } = await until(line, ({ state }) => state === "down");
    expect([fault, reason]).toEqual(["helper-lost", "no program is configured that drives the card"]);
    expect(await line.dial("6001", { signal: patience() })).toMatchObject({ type: "unreachable" });
  });
});

test("the card is set as configured, and all that is said is told to who traces it", async () => {
  const traffic: Traffic[] = [];
  {
    await using site = await openSite({
      port: { receiveGainDb: -3.5, transmitGainDb: 2, echoTaps: 64 },
      onTraffic: (one) => traffic.push(one),
    });
    expect(site.card.told).toEqual(["0 hello 1", "0 channels", "1 open fxo", "1 gain -3.5 2", "1 echo 64"]);
  }
  const text = (direction: Traffic["direction"]) =>
    Buffer.concat(
      traffic.filter((one) => one.port === "helper" && one.direction === direction).map(({ bytes }) => bytes),
    ).toString("latin1");
  expect(text("out")).toContain("hello 1");
  expect(text("in")).toContain("channels-end");
});
