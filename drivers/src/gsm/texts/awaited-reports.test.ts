import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StatusReport } from "../pdu/index.ts";
import { AwaitedReports, type AwaitedText, type ReportMemory } from "./index.ts";

const TO = "13800000002";

function report(reference: number, status = 0, to = TO): StatusReport {
  const outcome = status < 0x20 ? "delivered" : status < 0x40 ? "trying" : "failed";
  return { type: "status-report", reference, to, outcome, status, at: 1_700_000_000_000 };
}

const open = (clock = new VirtualClock(), memory?: ReportMemory) => new AwaitedReports({ clock, log: silentLog, memory });

/** What a disk would have. */
class Kept implements ReportMemory {
  readonly texts = new Map<string, AwaitedText>();
  full = false;

  async load() {
    return [...this.texts.values()];
  }

  async keep(text: AwaitedText) {
    if (this.full) throw new Error("database or disk is full");
    this.texts.set(text.reference, text);
  }

  async forget(reference: string) {
    this.texts.delete(reference);
  }
}

test("a text is delivered once all its parts are, in any order", () => {
  const awaited = open();
  const { reference } = awaited.expect(TO, [254, 255, 0]);
  expect([255, 254].map((part) => awaited.take(report(part)))).toEqual([undefined, undefined]);
  expect(awaited.take(report(0))).toEqual({ reference, outcome: "delivered", at: 1_700_000_000_000 });
  expect(awaited.take(report(0))).toBeUndefined();
});

test("a text is failed as soon as one part is, and is told once", () => {
  const awaited = open();
  const { reference } = awaited.expect(TO, [1, 2, 3]);
  expect(awaited.take(report(1, 0x30))).toBeUndefined();
  expect(awaited.take(report(2, 0x46))).toMatchObject({
    reference,
    outcome: "failed",
    reason: expect.stringContaining("in time"),
  });
  expect([1, 3].map((part) => awaited.take(report(part, 0x46)))).toEqual([undefined, undefined]);
});

test("numbers with and without country code are the same, others are not", () => {
  const awaited = open();
  awaited.expect(TO, [1]);
  expect(awaited.take(report(1, 0, "13800000003"))).toBeUndefined();
  expect(awaited.take(report(1, 0, `+86${TO}`))?.outcome).toBe("delivered");
  awaited.expect("10086", [1]);
  expect(awaited.take(report(1, 0, "8610086"))).toBeUndefined();
  expect(awaited.take(report(1, 0, "10086"))?.outcome).toBe("delivered");
});

test("where a reference comes round again, the newer text is meant", () => {
  const awaited = open();
  awaited.expect(TO, [7]);
  const { reference } = awaited.expect(TO, [7]);
  expect(awaited.take(report(7))?.reference).toBe(reference);
});

test("a report that came before its text was known is told with it, but not an old one", async () => {
  const clock = new VirtualClock();
  const awaited = open(clock);
  awaited.take(report(1));
  expect(awaited.expect(TO, [1]).settled).toMatchObject({ outcome: "delivered" });
  awaited.take(report(2));
  await clock.advance(60_001);
  expect(awaited.expect(TO, [2]).settled).toBeUndefined();
});

test("what is awaited outlasts a restart, with the parts that have reported, for three days", async () => {
  const clock = new VirtualClock();
  const kept = new Kept();
  const restart = async () => {
    const awaited = open(clock, kept);
    await awaited.load();
    return awaited;
  };
  let reference: string;
  {
    await using awaited = await restart();
    ({ reference } = awaited.expect(TO, [7, 8]));
    expect(awaited.take(report(7))).toBeUndefined();
    awaited.expect(TO, [9]);
  }
  {
    await using awaited = await restart();
    expect(awaited.take(report(8))).toMatchObject({ reference, outcome: "delivered" });
    expect(awaited.take(report(8))).toBeUndefined();
  }
  expect([...kept.texts.values()]).toMatchObject([{ to: TO, parts: [9] }]);
  await clock.advance(3 * 86_400_000);
  {
    await using awaited = await restart();
    expect(awaited.take(report(9))).toBeUndefined();
  }
  expect(kept.texts.size).toBe(0);
});

test("what no report ever came of is forgotten after three days, also while nothing restarts", async () => {
  const clock = new VirtualClock();
  const kept = new Kept();
  await using awaited = open(clock, kept);
  awaited.expect(TO, [1]);
  await clock.advance(3 * 86_400_000);
  awaited.expect(TO, [2]);
  await clock.advance(0);
  expect([...kept.texts.values()]).toMatchObject([{ parts: [2] }]);
});

test("a disk that takes nothing costs what is awaited its restart, and nothing else", async () => {
  const kept = new Kept();
  kept.full = true;
  await using awaited = open(new VirtualClock(), kept);
  const { reference } = awaited.expect(TO, [1]);
  expect(awaited.take(report(1))).toMatchObject({ reference });
});

test("whatever comes in whatever order, each text is told at most once, and right", () => {
  const come = fc.record({ part: fc.nat(11), status: fc.constantFrom(0, 0, 0x30, 0x46, 0x61) });
  fc.assert(
    fc.property(fc.array(come, { maxLength: 60 }), (all) => {
      const awaited = open();
      const texts = [0, 1, 2, 3].map((at) => ({
        parts: [at * 3, at * 3 + 1, at * 3 + 2],
        ...awaited.expect(TO, [at * 3, at * 3 + 1, at * 3 + 2]),
      }));
      const told = all.map(({ part, status }) => awaited.take(report(part, status))).filter((one) => one !== undefined);
      expect(new Set(told.map(({ reference }) => reference)).size).toBe(told.length);
      for (const { parts, reference } of texts) {
        const final = parts.map((part) => all.find((one) => one.part === part && one.status !== 0x30)?.status);
        const wanted = final.some((status) => status !== undefined && status >= 0x40)
          ? "failed"
          : final.includes(undefined)
            ? undefined
            : "delivered";
        expect(told.find((one) => one.reference === reference)?.outcome).toBe(wanted);
      }
    }),
  );
});
