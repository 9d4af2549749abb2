import { silentLog, systemClock } from "@sitebox/core/kernel";
import { describe, expect, test } from "vitest";
import { type ByteStream, bytesOf, type DialProgress, type Digit, type Leg, LineError, samplesOf } from "../../line/index.ts";
import { hearTone, playTone, toneFrames } from "../../line/testing/index.ts";
import { openSerial } from "../../serial/index.ts";
import { KeyDetector } from "../../sound/index.ts";
import { type CallMisbehaviour, callsOf } from "../testing/index.ts";
import { ModemRig, type ModemTrunk } from "./rig.testing.ts";

const SIM = "13900000001";
const CALLER = "13800138000";
const soon = () => AbortSignal.timeout(10_000);

async function next({ incoming }: ModemTrunk): Promise<Leg> {
  for await (const leg of incoming) return leg;
  throw new Error("the modem was closed without a call");
}

function misbehave({ modem }: ModemTrunk, how: CallMisbehaviour): void {
  const calls = callsOf(modem);
  if (calls) calls.misbehaviour = how;
}

/** A telephone's tone until the signal aborts. */
const say = (phone: { say(frame: Buffer): void }, hertz: number, signal: AbortSignal) =>
  playTone((frame) => phone.say(bytesOf(frame)), hertz, signal);

describe("a call that comes in", () => {
  test.each([
    [CALLER, CALLER],
    ["+8613800138000", "+8613800138000"],
    ["", ""],
  ])("from %o has the number %o", async (shown, remote) => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    void rig.phone(CALLER).call(SIM, shown);
    const leg = await next(trunk);
    expect([leg.remote, leg.dialled, leg.line]).toEqual([remote, SIM, "gsm"]);
    expect(leg.facts).toEqual({ codec: "L16", wireId: expect.stringMatching(/^gsm-\d+-1$/) });
  });

  test("waits for the number that comes with the second ring", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    misbehave(trunk, { clipFromRing: 2, ringEveryMs: 300 });
    void rig.phone(CALLER).call(SIM);
    expect((await next(trunk)).remote).toBe(CALLER);
  });

  test("is told without a number soon after a second ring that had none", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    misbehave(trunk, { clipFromRing: 99, ringEveryMs: 700 });
    void rig.phone(CALLER).call(SIM);
    expect((await next(trunk)).remote).toBe("");
  });

  test("comes and goes although every code about it is missed", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    misbehave(trunk, { lostCodes: 1 });
    await trunk.settled();
    const phone = rig.phone(CALLER);
    void phone.call(SIM);
    const leg = await next(trunk);
    await leg.answer();
    await trunk.settled();
    expect(phone.state).toBe("active");
    phone.hangUp();
    expect(await leg.ended).toBe("normal");
    expect(trunk.calls.calls).toBe(0);
  });

  test("is answered although the modem refuses to list it", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    misbehave(trunk, { noList: true });
    const phone = rig.phone(CALLER);
    void phone.call(SIM);
    const leg = await next(trunk);
    await leg.answer();
    phone.hangUp();
    expect(await leg.ended).toBe("normal");
  });

  test("is busy to a second caller, of whom the first hears nothing", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    trunk.modem.settings.set("+CCWA", "1,1");
    const phone = rig.phone(CALLER);
    void phone.call(SIM);
    const leg = await next(trunk);
    await leg.answer();
    const second = rig.phone("13700000000");
    expect(await second.call(SIM)).toBe(17);
    const stop = new AbortController();
    const playing = say(phone, 440, stop.signal);
    await hearTone(leg.audio.frames, 440);
    stop.abort();
    await playing;
    expect([phone.state, trunk.calls.calls]).toEqual(["active", 1]);
  });

  test("is ended for a second caller where its owner says so, and the second one comes in", async () => {
    await using rig = await ModemRig.open();
    let first: Leg | undefined;
    const callWaits = () => {
      void first?.hangup("normal");
      return first !== undefined;
    };
    const trunk = await rig.trunk({ number: SIM, callWaits });
    trunk.modem.settings.set("+CCWA", "1,1");
    const phone = rig.phone(CALLER);
    const calling = phone.call(SIM);
    first = await next(trunk);
    await first.answer();
    const second = rig.phone("13700000000");
    const called = second.call(SIM);
    expect(await first.ended).toBe("normal");
    const leg = await next(trunk);
    expect(leg.remote).toBe("13700000000");
    await leg.answer();
    expect([second.state, trunk.calls.calls]).toEqual(["active", 1]);
    await leg.hangup("normal");
    expect([await calling, await called]).toEqual([16, 16]);
  });

  test("that has no sound because its port cannot be opened fails when it is answered", async () => {
    await using rig = await ModemRig.open();
    const openAudio = () => Promise.reject(new LineError("no device is there"));
    const trunk = await rig.trunk({ number: SIM, openAudio });
    const calling = rig.phone(CALLER).call(SIM);
    const leg = await next(trunk);
    await leg.answer();
    expect([await leg.ended, await calling]).toEqual(["failed", 17]);
  });

  test("goes on when its port for sound is lost once, and fails when it is lost again", async () => {
    await using rig = await ModemRig.open();
    const opened: ByteStream[] = [];
    let path = "";
    const openAudio = async () => {
      const stream = await openSerial(path, { clock: systemClock, log: silentLog });
      opened.push(stream);
      return stream;
    };
    const trunk = await rig.trunk({ number: SIM, openAudio });
    path = trunk.modem.audioPath;
    const phone = rig.phone(CALLER);
    const calling = phone.call(SIM);
    const leg = await next(trunk);
    await leg.answer();
    const stop = new AbortController();
    const playing = say(phone, 440, stop.signal);
    await hearTone(leg.audio.frames, 440);
    await opened[0]?.[Symbol.asyncDispose]();
    await hearTone(leg.audio.frames, 440, { count: 1 });
    for (let n = 0; opened.length < 2 && n < 100; n++) await hearTone(leg.audio.frames, 440, { count: 1 });
    await hearTone(leg.audio.frames, 440);
    await opened[1]?.[Symbol.asyncDispose]();
    expect([await leg.ended, await calling]).toEqual(["failed", 16]);
    stop.abort();
    await playing;
  });

  test("ends as failed when the modem is pulled out", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    void rig.phone(CALLER).call(SIM);
    const leg = await next(trunk);
    await leg.answer();
    await trunk.modem.unplug();
    expect(await leg.ended).toBe("failed");
    expect(await trunk.dial(CALLER, { signal: soon() })).toEqual({ type: "unreachable", reason: "the modem is gone" });
  });
});

describe("a call that is dialled", () => {
  test("tells that it rings, lets the far end be heard before it answers, and has its sound then", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    const heard: Buffer[] = [];
    const phone = rig.phone(CALLER, { onHeard: (frame) => heard.push(frame) });
    const ringing = Promise.withResolvers<void>();
    const early = Promise.withResolvers<DialProgress>();
    const dialling = trunk.dial(CALLER, {
      signal: soon(),
      onProgress: (one) => {
        if (one.type === "ringing") ringing.resolve();
        else early.resolve(one);
      },
    });
    const stop = new AbortController();
    const playing = say(phone, 450, stop.signal);
    const told = await early.promise;
    if (told.type === "early-media") await hearTone(told.audio.frames, 450);
    await ringing.promise;
    phone.answer();
    const outcome = await dialling;
    stop.abort();
    await playing;
    if (outcome.type !== "answered" || told.type !== "early-media") throw new Error(outcome.type);
    expect(outcome.leg.audio).toBe(told.audio);
  });

  test("is the only one of its modem", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    rig.phone(CALLER, { answers: true });
    const first = await trunk.dial(CALLER, { signal: soon() });
    expect(first.type).toBe("answered");
    expect(await trunk.dial("10086", { signal: soon() })).toEqual({ type: "unreachable", reason: "the modem is in a call" });
  });

  test("may follow at once on one that we ended", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    rig.phone(CALLER, { answers: true });
    for (let n = 0; n < 3; n++) {
      const outcome = await trunk.dial(CALLER, { signal: soon() });
      if (outcome.type !== "answered") throw new Error(outcome.type);
      await outcome.leg.hangup("normal");
    }
  });

  test.each(["*31#13800138000", "13800138000;+CFUN=1", "sip:1@x", ""])("to %o is not", async (number) => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    expect(await trunk.dial(number, { signal: soon() })).toEqual({ type: "unreachable", reason: "not a telephone number" });
  });

  test("to a number for help is dialled as it is", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    rig.phone("110", { answers: true });
    expect((await trunk.dial("110", { signal: soon(), emergency: true })).type).toBe("answered");
  });

  test("without sound from the modem is given up", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM, voice: { up: ["+NOSUCH"], upRetryMs: 200 } });
    rig.phone(CALLER, { answers: true });
    const outcome = await trunk.dial(CALLER, { signal: soon() });
    expect(outcome).toEqual({ type: "unreachable", reason: "the modem or its sound was lost" });
  });
});

describe("keys", () => {
  test.each(["codes", "tones", "both"] as const)("from the far end that come as %s are heard once", async (keys) => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    misbehave(trunk, { keys });
    const phone = rig.phone(CALLER, { answers: true });
    const outcome = await trunk.dial(CALLER, { signal: soon() });
    if (outcome.type !== "answered") throw new Error(outcome.type);
    for (const key of ["1", "1", "#"]) {
      phone.press(key);
      const { value } = await outcome.leg.digits[Symbol.asyncIterator]().next();
      expect(value).toBe(key);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  });

  test("that the modem refuses to press are sent as tones", async () => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    misbehave(trunk, { noVts: true });
    const detector = new KeyDetector();
    const keys: Digit[] = [];
    const all = Promise.withResolvers<void>();
    const onHeard = (frame: Buffer) => {
      const key = detector.hear(samplesOf(frame));
      if (key && keys.push(key) === 3) all.resolve();
    };
    rig.phone(CALLER, { answers: true, onHeard });
    const outcome = await trunk.dial(CALLER, { signal: soon() });
    if (outcome.type !== "answered") throw new Error(outcome.type);
    outcome.leg.press(["8", "8", "*"]);
    await all.promise;
    expect(keys).toEqual(["8", "8", "*"]);
  });
});

describe("sound", () => {
  test.each([
    ["bursts of 100 ms", { burstMs: 100 }],
    ["pieces that end within samples", { oddSplits: true }],
    ["stalls of 300 ms", { stall: { everyMs: 1_000, forMs: 300 } }],
  ] as const)("that comes in %s is heard, and answered", async (_, sound) => {
    await using rig = await ModemRig.open();
    const trunk = await rig.trunk({ number: SIM });
    misbehave(trunk, { sound });
    const said: Int16Array[] = [];
    const phone = rig.phone(CALLER, { onHeard: (frame) => said.push(samplesOf(frame)) });
    void phone.call(SIM);
    const leg = await next(trunk);
    await leg.answer();
    const stop = new AbortController();
    const playing = [say(phone, 440, stop.signal), playTone((frame) => leg.audio.write(frame), 1_000, stop.signal)];
    await hearTone(leg.audio.frames, 440, { count: 8 });
    const far = (async function* () {
      for (;;) {
        const frame = said.shift();
        if (frame) yield frame;
        else await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await hearTone(far, 1_000);
    stop.abort();
    await Promise.all(playing);
  });

  test("is told of as traffic of its own port", async () => {
    await using rig = await ModemRig.open();
    const ports = new Set<string>();
    const trunk = await rig.trunk({ number: SIM, onTraffic: ({ port, direction }) => ports.add(`${port} ${direction}`) });
    const phone = rig.phone(CALLER, { answers: true });
    const outcome = await trunk.dial(CALLER, { signal: soon() });
    if (outcome.type !== "answered") throw new Error(outcome.type);
    for (const frame of toneFrames(440, 3)) phone.say(bytesOf(frame));
    await hearTone(outcome.leg.audio.frames, 440, { count: 1 });
    expect([...ports].sort()).toEqual(["audio in", "audio out"]);
  });
});
