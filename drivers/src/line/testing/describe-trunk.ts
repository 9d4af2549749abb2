import { describe, expect, test } from "vitest";
import type { DialOptions, DialOutcome, Digit, Leg, Trunk } from "../index.ts";
import { hearTone, playTone } from "./tones.ts";

/** Two ends of a trunk, which may be one: dialling `number` at the caller rings at the called. Disposing closes both. */
export interface TrunkRig extends AsyncDisposable {
  readonly caller: Trunk;
  readonly called: Trunk;
  readonly number: string;
  /** What the called end knows the number by, where the caller has to write it otherwise. */
  readonly dialled?: string;
  /** A number that rings nowhere. */
  readonly nobody: string;
  /** Presses a key on the telephone behind the called leg, i.e. at the caller's end. */
  press(callerLeg: Leg, digit: Digit): Promise<void>;
}

/** What is mostly wrong where nothing rings. */
const READY =
  "open() of the suite has to resolve only when both ends can have calls – a line that is “up” before its device is known by its number to the exchange says so too early – and `number` has to lead to the called end";
const RING_MS = 10_000;
const soon = () => AbortSignal.timeout(RING_MS);

async function next(trunk: Trunk): Promise<Leg> {
  for await (const leg of trunk.incoming) return leg;
  throw new Error("the called end's trunk was closed without a call");
}

/** Resolves when the called end rings. Where it never does, says what is wrong with the rig instead of waiting for the test's end. */
async function ring(
  { caller, called, number }: TrunkRig,
  options: Partial<DialOptions> = {},
): Promise<{ far: Leg; dialling: Promise<DialOutcome> }> {
  const dialling = caller.dial(number, { signal: soon(), ...options });
  const ended = dialling.then((outcome) => {
    const why = outcome.type === "unreachable" ? `${outcome.type} (${outcome.reason})` : outcome.type;
    throw new Error(`dialling ${number} ended as ${why}, and the called end was not rung: ${READY}`);
  });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${number} was dialled and nothing rang for ten seconds: ${READY}`)),
    RING_MS,
  );
  try {
    const far = await Promise.race([next(called), ended, late.promise]);
    ended.catch(() => undefined);
    return { far, dialling };
  } finally {
    clearTimeout(timer);
  }
}

/** The behaviour that every trunk owes us. */
export function describeTrunk(name: string, open: () => Promise<TrunkRig>): void {
  describe(name, () => {
    /** Why the first test found nothing rung: the others need not wait for the same. */
    let unready: unknown;
    const rung: typeof ring = async (rig, options) => {
      if (unready !== undefined) throw unready;
      try {
        return await ring(rig, options);
      } catch (err) {
        unready = err;
        throw err;
      }
    };
    const connect = async (rig: TrunkRig, callerNumber = "8009"): Promise<{ near: Leg; far: Leg }> => {
      const { far, dialling } = await rung(rig, { callerNumber });
      await far.answer();
      const outcome = await dialling;
      if (outcome.type !== "answered") throw new Error(`not answered but ${outcome.type}`);
      return { near: outcome.leg, far };
    };

    test("an answered call joins two legs that know both numbers", async () => {
      await using rig = await open();
      const { near, far } = await connect(rig, "8009");
      expect([far.dialled, far.remote, near.dialled]).toEqual([rig.dialled ?? rig.number, "8009", rig.number]);
    });

    test("sound flows both ways", async () => {
      await using rig = await open();
      const { near, far } = await connect(rig);
      const stop = new AbortController();
      const playing = [
        playTone((frame) => near.audio.write(frame), 440, stop.signal),
        playTone((frame) => far.audio.write(frame), 1_000, stop.signal),
      ];
      await Promise.all([hearTone(far.audio.frames, 440), hearTone(near.audio.frames, 1_000)]);
      stop.abort();
      await Promise.all(playing);
    });

    test("keys arrive once each and in order", async () => {
      await using rig = await open();
      const { near, far } = await connect(rig);
      const keys: readonly Digit[] = ["8", "0", "0", "#", "*"];
      for (const key of keys) await rig.press(near, key);
      const heard: Digit[] = [];
      for await (const digit of far.digits) if (heard.push(digit) === keys.length) break;
      expect(heard).toEqual(keys);
    });

    test.for(["caller", "called"] as const)("when the %s hangs up, both legs end and their streams with them", async (who) => {
      await using rig = await open();
      const { near, far } = await connect(rig);
      await (who === "caller" ? near : far).hangup("normal");
      expect(await Promise.all([near.ended, far.ended])).toEqual(["normal", "normal"]);
      for (const leg of [near, far]) {
        for await (const _ of leg.audio.frames);
        for await (const _ of leg.digits);
      }
    });

    test("hanging up twice changes nothing", async () => {
      await using rig = await open();
      const { near, far } = await connect(rig);
      await near.hangup("normal");
      await near.hangup("failed");
      await far.hangup("failed");
      expect(await near.ended).toBe("normal");
    });

    test.for(["busy", "rejected"] as const)("a call refused as %s is busy to the caller", async (cause) => {
      await using rig = await open();
      const { far, dialling } = await rung(rig);
      await far.hangup(cause);
      expect(await dialling).toEqual({ type: "busy" });
      expect(await far.ended).toBe(cause);
    });

    test("giving up before the answer is no-answer at both ends, not an error", async () => {
      await using rig = await open();
      const giveUp = new AbortController();
      const { far, dialling } = await rung(rig, { signal: giveUp.signal });
      giveUp.abort();
      expect(await dialling).toEqual({ type: "no-answer" });
      expect(await far.ended).toBe("no-answer");
    });

    test("a dial that was given up before it began rings nowhere", async () => {
      await using rig = await open();
      expect(await rig.caller.dial(rig.number, { signal: AbortSignal.abort() })).toEqual({ type: "no-answer" });
    });

    test("answering a leg that has ended is harmless", async () => {
      await using rig = await open();
      const giveUp = new AbortController();
      const { far, dialling } = await rung(rig, { signal: giveUp.signal });
      giveUp.abort();
      await dialling;
      await far.ended;
      await far.answer();
    });

    test("a number that nobody has is unreachable", async () => {
      await using rig = await open();
      expect(await rig.caller.dial(rig.nobody, { signal: soon() })).toMatchObject({ type: "unreachable" });
    });

    test("closing the trunk ends its calls and the stream of incoming ones", async () => {
      await using rig = await open();
      const { near, far } = await connect(rig);
      await rig.called[Symbol.asyncDispose]();
      expect(await Promise.all([near.ended, far.ended])).toEqual(["normal", "normal"]);
      for await (const leg of rig.called.incoming) throw new Error(`a call from ${leg.remote}`);
    });
  });
}
