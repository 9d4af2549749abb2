import { describe, expect, test } from "vitest";
import type { Leg, Line, LineState } from "../index.ts";
import { until } from "./until.ts";

/** A line, and the device that it is of. Disposing closes both. */
export interface LineRig extends AsyncDisposable {
  readonly line: Line;
  /** The device is taken away, or dies. */
  deviceGoes(): Promise<void>;
  deviceReturns(): Promise<void>;
  /** A call on the line that was answered, whichever way it went. The far end says nothing. */
  call(): Promise<Leg>;
}

export interface LineClaims {
  /** False where the calls go on without what tells how the line stands. True when absent. */
  readonly callsEndWithDevice?: boolean;
}

const isUp = ({ state }: LineState) => state === "up";
const isDown = ({ state }: LineState) => state === "down";

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** What every line owes us beside its calls, which {@link describeTrunk} judges. `open`: with the device there, or gone from the start. */
export function describeLine(
  name: string,
  open: (device: "there" | "gone") => Promise<LineRig>,
  { callsEndWithDevice = true }: LineClaims = {},
): void {
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
