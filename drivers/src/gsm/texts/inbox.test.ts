import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { IncomingText } from "../../line/index.ts";
import { LONG_CHINESE } from "../../line/testing/index.ts";
import { encodeDeliver, splitText } from "../pdu/index.ts";
import { type ModemTexts, openModemTexts } from "./index.ts";
import { MemoryModem } from "./memory-modem.testing.ts";

const HOUR = 3_600_000;

interface Sent {
  readonly text: string;
  readonly from?: string;
  readonly sentAt?: number;
  readonly reference?: number;
}

const STARTED_AT = 1_700_000_000_000;

function hexesOf({ text, from = "13800000002", sentAt = STARTED_AT, reference = 1 }: Sent): string[] {
  const parts = splitText(text);
  return parts.map((content, at) => {
    const concatenation = { reference, total: parts.length, part: at + 1 };
    return encodeDeliver({ from, sentAt, content, ...(parts.length > 1 && { concatenation }) }).hex;
  });
}

/** The texts of a modem, with a clock that tests move. */
class Rig implements AsyncDisposable {
  readonly memory: MemoryModem;
  readonly clock = new VirtualClock(STARTED_AT);
  readonly told: IncomingText[] = [];
  nearlyFull: boolean | undefined;
  texts: ModemTexts;

  constructor(memory = new MemoryModem()) {
    this.memory = memory;
    this.texts = this.#open();
  }

  /** Lets it look, as it does every minute. */
  async look(ms = 60_000): Promise<string[]> {
    const before = this.told.length;
    await this.clock.advance(ms);
    return this.told.slice(before).map(({ text }) => text);
  }

  async restart(): Promise<void> {
    await this.texts[Symbol.asyncDispose]();
    this.texts = this.#open();
    await this.clock.advance(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.texts[Symbol.asyncDispose]();
    expect(this.clock.pending).toBe(0);
  }

  #open(): ModemTexts {
    return openModemTexts(this.memory.open(), {
      clock: this.clock,
      log: silentLog,
      deliveryReports: true,
      incoming: (text) => this.told.push(text),
      report: () => {},
      nearlyFull: (is) => {
        this.nearlyFull = is;
      },
    });
  }
}

const open = (memory?: MemoryModem): Rig => new Rig(memory);

test("a text stays in the modem until it is stored, with all its parts", async () => {
  await using rig = open();
  for (const hex of hexesOf({ text: LONG_CHINESE })) rig.memory.deliver(hex);
  expect(await rig.look()).toEqual([LONG_CHINESE]);
  expect(await rig.look()).toEqual([]);
  expect(rig.memory.kept.size).toBe(3);
  await rig.told[0]?.stored();
  expect(rig.memory.kept.size).toBe(0);
});

test("a text that lacks a part is told after a day, with a mark, and kept until it is stored", async () => {
  await using rig = open();
  const [one = "", , three = ""] = hexesOf({ text: LONG_CHINESE });
  rig.memory.deliver(three);
  rig.memory.deliver(one);
  expect(await rig.look(23 * HOUR)).toEqual([]);
  expect(await rig.look(HOUR)).toEqual([`${LONG_CHINESE.slice(0, 67)}[…]${LONG_CHINESE.slice(134)}`]);
  expect(rig.memory.kept.size).toBe(2);
  await rig.told[0]?.stored();
  expect(rig.memory.kept.size).toBe(0);
});

test("a text that waited longer than a day while the box was off still waits a little for its parts", async () => {
  await using rig = open();
  const [one = "", two = "", three = ""] = hexesOf({ text: LONG_CHINESE, sentAt: STARTED_AT - 48 * HOUR });
  rig.memory.deliver(one);
  rig.memory.deliver(two);
  expect(await rig.look(4 * 60_000)).toEqual([]);
  rig.memory.deliver(three);
  expect(await rig.look()).toEqual([LONG_CHINESE]);
});

test("a part that comes after its text was told without it completes it", async () => {
  await using rig = open();
  const [one = "", two = "", three = ""] = hexesOf({ text: LONG_CHINESE });
  rig.memory.deliver(one);
  rig.memory.deliver(two);
  expect(await rig.look(24 * HOUR + 60_000)).toHaveLength(1);
  rig.memory.deliver(three);
  expect(await rig.look()).toEqual([LONG_CHINESE]);
  for (const text of rig.told) await text.stored();
  expect(rig.memory.kept.size).toBe(0);
});

test("where the memory is nearly full, what lacks parts is told, the oldest first, but not what still comes in", async () => {
  await using rig = open(new MemoryModem(10));
  for (let at = 1; at <= 8; at++)
    rig.memory.deliver(hexesOf({ text: LONG_CHINESE, reference: at, sentAt: STARTED_AT + at * 1_000 })[0] ?? "");
  expect(rig.nearlyFull).toBeUndefined();
  expect(await rig.look(6 * 60_000)).toEqual([]);
  expect(rig.nearlyFull).toBe(false);
  rig.memory.deliver(hexesOf({ text: LONG_CHINESE, reference: 9, sentAt: STARTED_AT + 9_000 })[0] ?? "");
  expect(await rig.look()).toEqual([`${LONG_CHINESE.slice(0, 67)}[…]`]);
  expect(rig.nearlyFull).toBe(true);
  await rig.told[0]?.stored();
  expect(rig.memory.kept.size).toBe(8);
  await rig.look();
  expect(rig.nearlyFull).toBe(false);
});

test("what cannot be read blocks nothing, and goes where room is needed", async () => {
  await using rig = open(new MemoryModem(10));
  rig.memory.deliver("07911326040000F0040B");
  rig.memory.deliver(...(hexesOf({ text: "806" }) as [string]));
  expect(await rig.look()).toEqual(["806"]);
  await rig.told[0]?.stored();
  expect([...rig.memory.kept.values()]).toEqual(["07911326040000F0040B"]);
  for (let at = 0; at < 8; at++) rig.memory.deliver(hexesOf({ text: `${at}` })[0] ?? "");
  await rig.look();
  await rig.look();
  expect([...rig.memory.kept.values()]).not.toContain("07911326040000F0040B");
});

test("a place that was filled anew is not deleted", async () => {
  await using rig = open();
  const [mine = ""] = hexesOf({ text: "1" });
  const [other = ""] = hexesOf({ text: "2" });
  rig.memory.deliver(mine);
  expect(await rig.look()).toEqual(["1"]);
  rig.memory.kept.set(0, other);
  await rig.told[0]?.stored();
  expect([...rig.memory.kept.values()]).toEqual([other]);
  expect(await rig.look()).toEqual(["2"]);
});

test("a text that comes into the place of a stored one while it is looked is told", async () => {
  await using rig = open();
  rig.memory.deliver(hexesOf({ text: "1" })[0] ?? "");
  await rig.look();
  rig.memory.afterListing = () => {
    void rig.told[0]?.stored();
    rig.memory.deliver(hexesOf({ text: "2" })[0] ?? "");
  };
  expect(await rig.look()).toEqual([]);
  expect(await rig.look()).toEqual(["2"]);
  expect(rig.memory.kept.size).toBe(1);
});

test("copies that come after their text was stored are deleted, not told", async () => {
  await using rig = open();
  const hexes = hexesOf({ text: LONG_CHINESE });
  for (const hex of hexes) rig.memory.deliver(hex);
  await rig.look();
  await rig.told[0]?.stored();
  rig.memory.deliver(hexes[1] ?? "");
  expect(await rig.look(25 * HOUR)).toEqual([]);
  expect(rig.memory.kept.size).toBe(0);
});

test("what could not be deleted is deleted later, and not told again", async () => {
  await using rig = open();
  rig.memory.deliver(hexesOf({ text: "1" })[0] ?? "");
  await rig.look();
  rig.memory.failures.push(["+CMGD=", "+CMS ERROR: 314"]);
  await rig.told[0]?.stored();
  expect(rig.memory.kept.size).toBe(1);
  expect(await rig.look()).toEqual([]);
  expect(rig.memory.kept.size).toBe(0);
});

test("a modem that is not ready for texts is set up later", async () => {
  const memory = new MemoryModem();
  for (let at = 0; at < 3; at++) memory.failures.push(["+CMGF=", "+CMS ERROR: 314"]);
  memory.failures.push(["+CMGL=", "+CMS ERROR: 500"]);
  memory.deliver(hexesOf({ text: "1" })[0] ?? "");
  await using rig = open(memory);
  expect(await rig.look()).toEqual(["1"]);
});

test("a text told at once is acknowledged when it is stored, its earlier parts as soon as they are here", async () => {
  const acknowledged: number[] = [];
  await using rig = open();
  await rig.look();
  const at = rig.memory.kept;
  for (const [part, hex] of hexesOf({ text: LONG_CHINESE }).entries()) {
    rig.memory.failures.push(["+CNMA", "ERROR"]);
    rig.memory.say(`+CMT: ,24\n${hex}`);
    await rig.clock.advance(0);
    acknowledged.push(rig.memory.failures.length);
    if (part < 2) rig.memory.failures.length = 0;
  }
  expect(rig.told.map(({ text }) => text)).toEqual([LONG_CHINESE]);
  // 0: +CNMA was said and met its failure; 1: not yet.
  expect(acknowledged).toEqual([0, 0, 1]);
  await rig.told[0]?.stored();
  expect([rig.memory.failures.length, at.size]).toEqual([0, 0]);
});

test("a text told at once is acknowledged in time even where it is not stored soon", async () => {
  await using rig = open();
  await rig.look();
  rig.memory.failures.push(["+CNMA", "ERROR"]);
  rig.memory.say(`+CMT: ,24\n${hexesOf({ text: "1" })[0]}`);
  await rig.clock.advance(7_000);
  expect(rig.memory.failures).toHaveLength(1);
  await rig.clock.advance(1_000);
  expect(rig.memory.failures).toHaveLength(0);
  expect(rig.told).toHaveLength(1);
});

type Event = { readonly is: "deliver" | "copy" | "look" | "store" | "restart" | "fail"; readonly which: number };

test("whatever happens in whatever order, each text is told as it was sent, under one id, until it is stored, and nothing stays behind", async () => {
  const event: fc.Arbitrary<Event> = fc.record({
    is: fc.constantFrom("deliver", "deliver", "deliver", "copy", "look", "store", "restart", "fail"),
    which: fc.nat(1_000),
  });
  const sent = fc.record({
    length: fc.integer({ min: 1, max: 200 }),
    from: fc.constantFrom("10086", "13800000002"),
    reference: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(sent, { minLength: 1, maxLength: 5 }),
      fc.array(event, { maxLength: 40 }),
      async (sents, events) => {
        await using rig = open();
        const texts = sents.map(({ length, from, reference }, at) => {
          // A reference of one sender is used again only when all parts of its last text are through, so each has one of its own here.
          return {
            text: `${at}${LONG_CHINESE}`.slice(0, length),
            from,
            reference: reference * 8 + at,
            sentAt: STARTED_AT + at * 1_000,
          };
        });
        const coming = texts.flatMap(hexesOf);
        const gone: string[] = [];
        const deliver = (at: number) => {
          const [hex] = coming.splice(at % coming.length, 1);
          if (hex !== undefined && rig.memory.deliver(hex)) gone.push(hex);
        };
        for (const { is, which } of events) {
          if (is === "deliver" && coming.length > 0) deliver(which);
          else if (is === "copy" && gone.length > 0) rig.memory.deliver(gone[which % gone.length] ?? "");
          else if (is === "look") await rig.look();
          else if (is === "store" && rig.told.length > 0) await rig.told[which % rig.told.length]?.stored();
          else if (is === "restart") await rig.restart();
          else if (is === "fail") rig.memory.failures.push([["+CMGD=", "+CMGR=", "+CMGL="][which % 3] ?? "", "+CMS ERROR: 500"]);
        }
        while (coming.length > 0) deliver(0);
        rig.memory.failures.length = 0;
        await rig.restart();
        await rig.look();
        for (const text of rig.told) await text.stored();
        const told = new Map(rig.told.map(({ id, text, from }) => [id, { text, from }]));
        const wanted = new Set(texts.map(({ text, from }) => JSON.stringify({ text, from })));
        // Copies of parts whose text was stored before a restart cannot be told from a text that lacks parts; they wait for a day.
        expect(told.size).toBe(texts.length);
        expect(new Set([...told.values()].map((one) => JSON.stringify(one)))).toEqual(wanted);
        for (const hex of rig.memory.kept.values()) expect(gone).toContain(hex);
      },
    ),
    { numRuns: 150 },
  );
});
