import { describe, expect, test } from "vitest";
import type { IncomingText, TextPort, TextReport } from "../index.ts";

/** A text that a telephone behind the network is to send to the line. */
export interface FarText {
  readonly text: string;
  /** The telephone's number; {@link TextRig.far} when absent. */
  readonly from?: string;
  /** By the network's clock, epoch ms, whole seconds; its present time when absent. */
  readonly sentAt?: number;
  /** A network that misbehaves delivers the parts of a long text backwards, or everything twice. */
  readonly backwards?: boolean;
  readonly twice?: boolean;
}

/** A line's texts and the network behind them. Disposing closes all of it, once. */
export interface TextRig extends AsyncDisposable {
  readonly texts: TextPort;
  /** A telephone that takes every text. */
  readonly far: string;
  /** A number to which the network refuses to send for good. */
  readonly refused: string;
  /** A number to which it cannot send now. */
  readonly busy: string;
  /** A number whose texts the network takes, and reports later as failed. */
  readonly lost: string;
  /** The next text that the telephone at `far` gets, whole; it has to wait for it. */
  received(): Promise<string>;
  /** Sends a text to the line. Resolves when the network has handed it to the device. */
  comeIn(text: FarText): Promise<void>;
  /** Closes the line and opens it anew on the same device, as after a restart of the box. */
  reopen(): Promise<TextPort>;
}

/** What a line owes us beside the rest. */
export interface TextClaims {
  /** Tells what becomes of texts that were sent. */
  readonly reports: boolean;
  /** What was not stored is told again after a restart. */
  readonly reopen: boolean;
  /** The line itself puts parts together and finds duplicates. */
  readonly parts: boolean;
}

/** 200 Chinese characters, no two neighbours alike, so that parts in a wrong order are seen. */
export const LONG_CHINESE = Array.from({ length: 200 }, (_, at) => String.fromCodePoint(0x4e00 + at * 7)).join("");

const EMOJI = "空调好了😀👨‍👩‍👧‍👦👍🏽🇨🇳 谢谢";
const AWKWARD = "806 \"空调\": 100% a&b=c;d,e|{x}[y]~^\\ 'z' <q> £5 €6\n第二行 Message: 3 --END";
const AWKWARD_LATIN = 'a&b=c;d,e|{x}[y]~^\\ "z" <q> £5 €6 @_\nline 2: 100%';

const soon = () => AbortSignal.timeout(10_000);

async function first<T>(of: AsyncIterable<T>): Promise<T> {
  for await (const one of of) return one;
  throw new Error("the line was closed without another");
}

/** The next text, which is told to be stored. */
async function take(texts: TextPort): Promise<IncomingText> {
  const text = await first(texts.incoming);
  await text.stored();
  return text;
}

async function sent(texts: TextPort, to: string, text: string): Promise<{ parts: number; reference?: string }> {
  const outcome = await texts.send(to, text, { signal: soon() });
  if (outcome.type !== "sent") throw new Error(`not sent: ${outcome.reason}`);
  return outcome;
}

/** The behaviour that every line with texts owes us. */
export function describeTexts(name: string, open: () => Promise<TextRig>, claims: TextClaims): void {
  describe(name, () => {
    describe("going out", () => {
      test.for([
        ["a short one", "Room 806: done."],
        ["a Chinese one", "806空调坏了"],
        ["one with everything that means something to a protocol", AWKWARD],
        ["the same in the telephone's own alphabet", AWKWARD_LATIN],
        ["emoji", EMOJI],
        ["one of 200 Chinese characters", LONG_CHINESE],
        ["one of 500 Latin letters", "The quick brown fox [jumps] over the lazy dog. ".repeat(11).trim()],
        ["emoji wherever parts may be cut", "😀".repeat(70)],
      ] as const)("%s arrives as it was written", async ([, text]) => {
        await using rig = await open();
        expect((await sent(rig.texts, rig.far, text)).parts).toBeGreaterThan(0);
        expect(await rig.received()).toBe(text);
      });

      test("texts that are sent at once arrive in their order", async () => {
        await using rig = await open();
        const all = ["第一", LONG_CHINESE, "third", "第四"];
        await Promise.all(all.map((text) => sent(rig.texts, rig.far, text)));
        const got: string[] = [];
        while (got.length < all.length) got.push(await rig.received());
        expect(got).toEqual(all);
      });

      test("one to a number that the network refuses fails for good and says why", async () => {
        await using rig = await open();
        const outcome = await rig.texts.send(rig.refused, "你好", { signal: soon() });
        expect(outcome).toMatchObject({ type: "failed", retry: false, reason: expect.stringMatching(/\S/) });
      });

      test("one that the network cannot take now may be tried again, and holds nobody up", async () => {
        await using rig = await open();
        const outcome = await rig.texts.send(rig.busy, "你好", { signal: soon() });
        expect(outcome).toMatchObject({ type: "failed", retry: true, reason: expect.stringMatching(/\S/) });
        await sent(rig.texts, rig.far, "下一条");
        expect(await rig.received()).toBe("下一条");
      });

      test("one that is longer than any network takes is refused whole", async () => {
        await using rig = await open();
        const outcome = await rig.texts.send(rig.far, "长".repeat(20_000), { signal: soon() });
        expect(outcome).toMatchObject({ type: "failed", retry: false });
        await sent(rig.texts, rig.far, "短");
        expect(await rig.received()).toBe("短");
      });

      test("one that was given up before its turn is not sent", async () => {
        await using rig = await open();
        const outcome = await rig.texts.send(rig.far, "不要", { signal: AbortSignal.abort() });
        expect(outcome).toMatchObject({ type: "failed", retry: true });
        await sent(rig.texts, rig.far, "要");
        expect(await rig.received()).toBe("要");
      });
    });

    describe("coming in", () => {
      test.for([
        ["a short one", "Room 806: broken"],
        ["a Chinese one", "806空调坏了"],
        ["one with everything that means something to a protocol", AWKWARD],
        ["the same in the telephone's own alphabet", AWKWARD_LATIN],
        ["emoji", EMOJI],
        ["one of 200 Chinese characters", LONG_CHINESE],
        ["one of 500 Latin letters", "The quick brown fox [jumps] over the lazy dog. ".repeat(11).trim()],
      ] as const)("%s is told as it was written, with its sender", async ([, text]) => {
        await using rig = await open();
        await rig.comeIn({ text });
        const { from, text: told, sentAt } = await take(rig.texts);
        expect([from, told]).toEqual([rig.far, text]);
        expect(sentAt).toBeGreaterThan(0);
      });

      test("texts are told in their order", async () => {
        await using rig = await open();
        const all = ["第一", LONG_CHINESE, "third", "第四"];
        for (const text of all) await rig.comeIn({ text });
        const got: string[] = [];
        while (got.length < all.length) got.push((await take(rig.texts)).text);
        expect(got).toEqual(all);
      });

      test("the same words sent again later are another text", async () => {
        await using rig = await open();
        await rig.comeIn({ text: "1", sentAt: 1_700_000_000_000 });
        const one = await take(rig.texts);
        await rig.comeIn({ text: "1", sentAt: 1_700_000_060_000 });
        const other = await take(rig.texts);
        expect(other.text).toBe("1");
        expect(other.id).not.toBe(one.id);
      });

      test("storing twice changes nothing", async () => {
        await using rig = await open();
        await rig.comeIn({ text: "806" });
        const text = await take(rig.texts);
        await text.stored();
        await rig.comeIn({ text: "807" });
        expect((await take(rig.texts)).text).toBe("807");
      });

      test.runIf(claims.parts)("a long one whose parts come backwards and twice is told once, in order", async () => {
        await using rig = await open();
        await rig.comeIn({ text: LONG_CHINESE, backwards: true, twice: true });
        expect((await take(rig.texts)).text).toBe(LONG_CHINESE);
        await rig.comeIn({ text: "下一条" });
        expect((await take(rig.texts)).text).toBe("下一条");
      });

      test.runIf(claims.reopen).for([
        ["a short one", "806"],
        ["a long one", LONG_CHINESE],
      ] as const)("%s that was not stored is told again after a restart, as the same", async ([, text]) => {
        await using rig = await open();
        await rig.comeIn({ text });
        const once = await first(rig.texts.incoming);
        const again = await take(await rig.reopen());
        expect([again.id, again.from, again.text, again.sentAt]).toEqual([once.id, once.from, text, once.sentAt]);
      });

      test.runIf(claims.reopen)("one that was stored is not told again after a restart", async () => {
        await using rig = await open();
        await rig.comeIn({ text: LONG_CHINESE });
        await take(rig.texts);
        const texts = await rig.reopen();
        await rig.comeIn({ text: "以后" });
        expect((await take(texts)).text).toBe("以后");
      });
    });

    describe.runIf(claims.reports)("reports", () => {
      test.for(["好", LONG_CHINESE])("what was delivered is told once, by its reference", async (text) => {
        await using rig = await open();
        const reports: TextReport[] = [];
        const one = await sent(rig.texts, rig.far, text);
        const other = await sent(rig.texts, rig.far, "下一条");
        for await (const report of rig.texts.reports) if (reports.push(report) === 2) break;
        expect(one.reference).toBeDefined();
        expect(reports.map(({ reference, outcome }) => [reference, outcome])).toEqual([
          [one.reference, "delivered"],
          [other.reference, "delivered"],
        ]);
      });

      test("what was lost is told as failed", async () => {
        await using rig = await open();
        const { reference } = await sent(rig.texts, rig.lost, "你好");
        expect(await first(rig.texts.reports)).toMatchObject({ reference, outcome: "failed" });
      });
    });

    test("closing the line ends its streams, and nothing more is sent", async () => {
      await using rig = await open();
      const { texts } = rig;
      await rig[Symbol.asyncDispose]();
      for await (const text of texts.incoming) throw new Error(`a text from ${text.from}`);
      for await (const report of texts.reports) throw new Error(`a report of ${report.reference}`);
      expect(await texts.send(rig.far, "晚了", { signal: soon() })).toMatchObject({ type: "failed", retry: true });
    });
  });
}
