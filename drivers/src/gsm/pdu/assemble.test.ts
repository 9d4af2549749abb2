import fc from "fast-check";
import { expect, test } from "vitest";
import { assemble, type Carried, decodeIncoming, encodeDeliver, splitText } from "./index.ts";
import { anyText } from "./testing/index.ts";

interface Sent {
  readonly from: string;
  readonly text: string;
  readonly sentAt: number;
  readonly reference: number;
  readonly wide: boolean;
}

/** What a telephone gets of a text, through octets. */
function delivered({ from, text, sentAt, reference, wide }: Sent): Carried<string>[] {
  const parts = splitText(text, { wide });
  return parts.map((content, at) => {
    const concatenation = { reference, total: parts.length, part: at + 1, wide };
    const { hex } = encodeDeliver({ from, sentAt, content, ...(parts.length > 1 && { concatenation }) });
    const deliver = decodeIncoming(hex);
    if (deliver.type !== "deliver") throw new Error(deliver.type);
    return { deliver, carrier: hex };
  });
}

const text = fc.oneof(
  anyText,
  anyText.map((some) => `${some}长`.repeat(3)),
);
const sent = fc.record({
  text,
  sentAt: fc.integer({ min: 1_000_000_000, max: 2_000_000_000 }).map((seconds) => seconds * 1_000),
  reference: fc.constantFrom(0, 7, 255),
  wide: fc.boolean(),
});

test("texts of several senders with equal references come together in any order and any number of copies", () => {
  fc.assert(
    fc.property(
      fc.array(sent, { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (all, luck) => {
        const texts = all.map((one, at) => ({ ...one, from: `1390000000${at}` }));
        const messages = texts
          .flatMap(delivered)
          .flatMap((message) => (luck.next().value < 0.3 ? [message, message] : [message]));
        const shuffled = messages.map((message) => ({ message, at: luck.next().value })).sort((one, other) => one.at - other.at);
        const got = assemble(shuffled.map(({ message }) => message));
        const plain = got.map(({ from, text: told, sentAt, missing }) => ({ from, text: told, sentAt, missing }));
        const expected = texts.map(({ from, text: wanted, sentAt }) => ({
          from,
          text: wanted.toWellFormed(),
          sentAt,
          missing: 0,
        }));
        expect(plain.sort((one, other) => one.from.localeCompare(other.from))).toEqual(expected);
        expect(got.flatMap(({ carriers }) => carriers).sort()).toEqual(messages.map(({ carrier }) => carrier).sort());
        const inOrder = new Map(assemble(messages).map(({ from, id }) => [from, id]));
        for (const { from, id } of got) expect(id).toBe(inOrder.get(from));
      },
    ),
  );
});

const LONG = "一二三四五六七八九十".repeat(20);
const base: Sent = { from: "13900000001", text: LONG, sentAt: 1_700_000_000_000, reference: 9, wide: false };

test("a sender that uses its reference again sends two texts", () => {
  const one = delivered(base);
  const other = delivered({ ...base, text: `又${LONG}`, sentAt: base.sentAt + 60_000 });
  for (const messages of [[...one, ...other], one.flatMap((message, at) => [message, other[at] ?? message])])
    expect(assemble(messages).map(({ text: told, missing }) => [told, missing])).toEqual([
      [LONG, 0],
      [`又${LONG}`, 0],
    ]);
});

test("parts that are not there leave a mark", () => {
  const [one, two, three] = delivered(base);
  if (!one || !two || !three) throw new Error("three parts were expected");
  const cut = [LONG.slice(0, 67), LONG.slice(67, 134), LONG.slice(134)];
  const told = (messages: Carried<string>[]) => assemble(messages).map(({ text: got, missing }) => [got, missing]);
  expect(told([one, three])).toEqual([[`${cut[0]}[…]${cut[2]}`, 1]]);
  expect(told([two])).toEqual([[`[…]${cut[1]}[…]`, 2]]);
  expect(told([three])).toEqual([[`[…]${cut[2]}`, 2]]);
  const ids = [[one], [one, two], [one, two, three]].map((messages) => assemble(messages)[0]?.id);
  expect(new Set(ids).size).toBe(3);
});

test("a sender that cuts within a character is read all the same", () => {
  const units = `${"空".repeat(66)}😀${"调".repeat(10)}`;
  const contents = [
    { alphabet: "ucs2", units: units.slice(0, 67) },
    { alphabet: "ucs2", units: units.slice(67) },
  ] as const;
  const messages = contents.map((content, at) => {
    const { hex } = encodeDeliver({ from: "1", sentAt: 0, content, concatenation: { reference: 1, total: 2, part: at + 1 } });
    const deliver = decodeIncoming(hex);
    if (deliver.type !== "deliver") throw new Error(deliver.type);
    return { deliver, carrier: at };
  });
  expect(assemble(messages).map(({ text: told }) => told)).toEqual([units]);
});

test("the same words in another second are another text, the same message twice is one", () => {
  const single = { ...base, text: "1" };
  const got = assemble([...delivered(single), ...delivered({ ...single, sentAt: single.sentAt + 1_000 }), ...delivered(single)]);
  expect(got.map(({ carriers }) => carriers.length)).toEqual([2, 1]);
});
