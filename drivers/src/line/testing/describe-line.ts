import { describe, expect, test } from "vitest";
import { type DialOptions, FRAME_SAMPLES, type Leg, type Line, type LineDeps, type LineState, type Traffic } from "../index.ts";
import { steadyRun } from "./steady-run.ts";
import { until } from "./until.ts";

/** A line, and the device that it is of. Disposing closes both. */
export interface LineRig extends AsyncDisposable {
  readonly line: Line;
  /** The device is taken away, or dies. */
  deviceGoes(): Promise<void>;
  deviceReturns(): Promise<void>;
  /** A call on the line that was answered, and that was dialled with these options where it went out. The far end says nothing. */
  call(options?: Pick<DialOptions, "emergency">): Promise<Leg>;
  /** A number that rings, or is silent, and is not answered. */
  readonly unanswered: string;
}

/** What a rig has to give to the line that it opens. */
export type LineRigDeps = Required<Pick<LineDeps, "onTraffic">>;

export interface LineClaims {
  /** False where the calls go on without what tells how the line stands. True when absent. */
  readonly callsEndWithDevice?: boolean;
  /** False where the device itself can have no further call, so that even a call for help has to be refused. True when absent. */
  readonly takesHelpWhenFull?: boolean;
}

/** A level that no silence has. */
const STEADY = 4_000;
/** Less than the 80 bytes that 10 ms of it have as A-law, more than the steadiest words. */
const SOUND_BYTES = 64;

const isUp = ({ state }: LineState) => state === "up";
const isDown = ({ state }: LineState) => state === "down";

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** As many calls as the line says that it carries. */
async function fill({ line, call }: LineRig): Promise<readonly Leg[]> {
  const { maxCalls } = await until(line, isUp);
  const legs: Leg[] = [];
  while (legs.length < maxCalls) legs.push(await call());
  await until(line, ({ calls }) => calls === maxCalls);
  return legs;
}

/**
 * What every line owes us beside its calls, which {@link describeTrunk} judges. `open`: with the device there, or gone from the start; the line
 * is to be opened with those dependencies too.
 */
export function describeLine(
  name: string,
  openRig: (device: "there" | "gone", deps: LineRigDeps) => Promise<LineRig>,
  { callsEndWithDevice = true, takesHelpWhenFull = true }: LineClaims = {},
): void {
  const open = (device: "there" | "gone", onTraffic: LineRigDeps["onTraffic"] = () => {}) => openRig(device, { onTraffic });
  describe(name, () => {
    test("comes up by itself", async () => {
      await using rig = await open("there");
      const { fault, calls, maxCalls } = await until(rig.line, isUp);
      expect(fault).toBeUndefined();
      expect(calls).toBe(0);
      expect(maxCalls).toBeGreaterThan(0);
    });

    test("opens without its device, says why it is down, and comes up when the device is there", async () => {
      await using rig = await open("gone");
      const { fault, reason = "" } = await until(rig.line, isDown);
      expect(fault).toBeDefined();
      expect(reason).not.toBe("");
      const outcome = await rig.line.dial("10086", { signal: AbortSignal.timeout(5_000) });
      expect(outcome).toMatchObject({ type: "unreachable", reason: expect.stringMatching(/./) });
      await rig.deviceReturns();
      expect((await until(rig.line, isUp)).fault).toBeUndefined();
    });

    test("is down with a fault and a reason when the device goes, and up again by itself when it returns", async () => {
      await using rig = await open("there");
      await until(rig.line, isUp);
      for (let time = 0; time < 2; time++) {
        await rig.deviceGoes();
        const { fault, reason = "" } = await until(rig.line, isDown);
        expect(fault).toBeDefined();
        expect(reason).not.toBe("");
        await rig.deviceReturns();
        await until(rig.line, isUp);
      }
    });

    test.runIf(callsEndWithDevice)("its calls end as failed when the device goes, and the next one goes through", async () => {
      await using rig = await open("there");
      await until(rig.line, isUp);
      const leg = await rig.call();
      await rig.deviceGoes();
      expect(await leg.ended).toBe("failed");
      expect((await until(rig.line, (state) => isDown(state) && state.calls === 0)).fault).toBeDefined();
      for (const stream of [leg.audio.frames, leg.digits, leg.requests]) await drain(stream);
      await rig.deviceReturns();
      await until(rig.line, isUp);
      await (await rig.call()).hangup("normal");
    });

    test.runIf(callsEndWithDevice)(
      "a number that is being dialled when the device goes is unreachable, and says why",
      async () => {
        await using rig = await open("there");
        await until(rig.line, isUp);
        const dialling = rig.line.dial(rig.unanswered, { signal: AbortSignal.timeout(15_000) });
        await until(rig.line, ({ calls }) => calls === 1);
        await rig.deviceGoes();
        expect(await dialling).toMatchObject({ type: "unreachable", reason: expect.stringMatching(/./) });
        await until(rig.line, (state) => isDown(state) && state.calls === 0);
        await rig.deviceReturns();
        await until(rig.line, isUp);
        await (await rig.call()).hangup("normal");
      },
    );

    test("a line that is full takes no further call, says so, and takes one again when one has ended", async () => {
      await using rig = await open("there");
      const legs = await fill(rig);
      // A number that would ring: one that nobody has would be unreachable for another reason.
      const outcome = await rig.line.dial(rig.unanswered, { signal: AbortSignal.timeout(5_000) });
      expect(outcome).toMatchObject({ type: "unreachable", reason: expect.stringMatching(/./) });
      expect(rig.line.state.calls).toBe(rig.line.state.maxCalls);
      await legs[0]?.hangup("normal");
      await until(rig.line, ({ calls, maxCalls }) => calls < maxCalls);
      await (await rig.call()).hangup("normal");
    });

    test("a call for help goes out by a free line", async () => {
      await using rig = await open("there");
      await until(rig.line, isUp);
      await (await rig.call({ emergency: true })).hangup("normal");
    });

    test.runIf(takesHelpWhenFull)("a call for help is tried also when the line is full", async () => {
      await using rig = await open("there");
      const legs = await fill(rig);
      const help = await rig.call({ emergency: true });
      for (const leg of [...legs, help]) await leg.hangup("normal");
      await until(rig.line, ({ calls }) => calls === 0);
    });

    test("its traffic has sound under the port “audio” only, which is all that is left out of what is written down", async () => {
      const told = new Map<string, Uint8Array[]>();
      await using rig = await open("there", ({ port, direction, bytes }: Traffic) => {
        const key = `${port} ${direction}`;
        told.set(key, [...(told.get(key) ?? []), Uint8Array.from(bytes)]);
      });
      await until(rig.line, isUp);
      const leg = await rig.call();
      let heard = 0;
      for await (const _ of leg.audio.frames) {
        leg.audio.write(new Int16Array(FRAME_SAMPLES).fill(STEADY));
        if (++heard === 50) break;
      }
      await leg.hangup("normal");
      const withSound = [...told].filter(([, pieces]) => steadyRun(pieces) >= SOUND_BYTES).map(([key]) => key);
      expect(withSound.filter((key) => !key.startsWith("audio "))).toEqual([]);
    });

    test("counts its calls, and tells a change once", async () => {
      await using rig = await open("there");
      await until(rig.line, isUp);
      const told = [JSON.stringify(rig.line.state)];
      using _telling = rig.line.onChanged((state) => void told.push(JSON.stringify(state)));
      const leg = await rig.call();
      expect((await until(rig.line, ({ calls }) => calls === 1)).maxCalls).toBeGreaterThan(0);
      await leg.hangup("normal");
      await until(rig.line, ({ calls }) => calls === 0);
      expect(told.length).toBeGreaterThan(2);
      expect(told.filter((state, at) => state === told[at - 1])).toEqual([]);
    });

    test("silence is filled in where the far end says nothing", async () => {
      await using rig = await open("there");
      await until(rig.line, isUp);
      const leg = await rig.call();
      let frames = 0;
      for await (const frame of leg.audio.frames) {
        expect(frame).toHaveLength(160);
        if (++frames === 25) break;
      }
      expect(frames).toBe(25);
    });

    test("frames, keys and requests end with the leg", async () => {
      await using rig = await open("there");
      await until(rig.line, isUp);
      const leg = await rig.call();
      const ending = [leg.audio.frames, leg.digits, leg.requests].map(drain);
      await leg.hangup("normal");
      expect(await leg.ended).toBe("normal");
      await Promise.all(ending);
    });

    test("a listener that fails harms nobody", async () => {
      await using rig = await open("there");
      const heard: number[] = [];
      using _failing = rig.line.onChanged(() => {
        throw new Error("a listener's own trouble");
      });
      using _other = rig.line.onChanged(({ calls }) => void heard.push(calls));
      await until(rig.line, isUp);
      const leg = await rig.call();
      await until(rig.line, ({ calls }) => calls === 1);
      await leg.hangup("normal");
      await until(rig.line, ({ calls }) => calls === 0);
      expect(heard).toContain(1);
      expect(heard.at(-1)).toBe(0);
    });

    test.for(["up", "down"] as const)("disposing it twice while it is %s is harmless, and ends what comes in", async (state) => {
      await using rig = await open(state === "up" ? "there" : "gone");
      const { line } = rig;
      await until(line, (now) => now.state === state);
      const { incoming, texts } = line;
      const ending = Promise.all([incoming, ...(texts ? [texts.incoming, texts.reports] : [])].map((stream) => drain(stream)));
      await Promise.all([line[Symbol.asyncDispose](), line[Symbol.asyncDispose]()]);
      await line[Symbol.asyncDispose]();
      await ending;
      expect((await line.dial("10086", { signal: AbortSignal.timeout(5_000) })).type).toBe("unreachable");
    });
  });
}
