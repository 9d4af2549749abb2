import { readFile } from "node:fs/promises";
import { hotelTemplate } from "@sitebox/provisioning";
import { expect, test } from "vitest";
import { compileVocabulary, understand } from "../index.ts";

interface Sample {
  readonly text: string;
  readonly intents: readonly { readonly intent: string; readonly slots: Readonly<Record<string, string>> }[];
}

const vocabulary = compileVocabulary(hotelTemplate);
const samplesOf = async (flow: string): Promise<Sample[]> =>
  (await readFile(new URL(`${flow}.jsonl`, import.meta.url), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Sample);

/** Slots that are wanted and right, over all that are wanted or found. */
function slotScore(wanted: Sample["intents"], got: Sample["intents"]): { right: number; all: number } {
  const pairs = (intents: Sample["intents"]): string[] =>
    intents.flatMap(({ slots }, index) => Object.entries(slots).map(([name, value]) => `${index}.${name}=${value}`));
  const [expected, found] = [new Set(pairs(wanted)), new Set(pairs(got))];
  return { right: [...expected].filter((pair) => found.has(pair)).length, all: new Set([...expected, ...found]).size };
}

// The floors are what was reached; a change may raise them, never lower them.
test.each([
  ["repair", 0.98, 0.97],
  ["delivery", 0.98, 0.98],
  ["to-human", 0.96, 0.96],
  ["message", 0.96, 0.96],
])("%s: sentences of callers are understood", async (flow, intentFloor, slotFloor) => {
  const samples = await samplesOf(flow);
  let intents = 0;
  let [right, all] = [0, 0];
  const wrong: string[] = [];
  for (const sample of samples) {
    const { intents: got } = understand(sample.text, vocabulary);
    const same = JSON.stringify(got.map(({ intent }) => intent)) === JSON.stringify(sample.intents.map(({ intent }) => intent));
    if (same) intents++;
    const score = slotScore(sample.intents, got);
    right += score.right;
    all += score.all;
    if (!same || score.right < score.all) wrong.push(`${sample.text} → ${JSON.stringify(got)}`);
  }
  const [intentAccuracy, slotAccuracy] = [intents / samples.length, all === 0 ? 1 : right / all];
  process.stdout.write(
    `${flow}: intents ${(intentAccuracy * 100).toFixed(1)} %, slots ${(slotAccuracy * 100).toFixed(1)} % of ${samples.length}\n`,
  );
  expect(samples.length).toBeGreaterThanOrEqual(30);
  expect(intentAccuracy, wrong.join("\n")).toBeGreaterThanOrEqual(intentFloor);
  expect(slotAccuracy, wrong.join("\n")).toBeGreaterThanOrEqual(slotFloor);
});

test("outside: what is not offered starts no flow", async () => {
  const samples = await samplesOf("outside");
  const taken = samples.filter(({ text }) =>
    understand(text, vocabulary).intents.some(({ intent }) => intent.startsWith("hotel.") || intent === "common.leave_message"),
  );
  const accuracy = 1 - taken.length / samples.length;
  process.stdout.write(`outside: ${(accuracy * 100).toFixed(1)} % of ${samples.length} start no flow\n`);
  expect(accuracy, taken.map(({ text }) => text).join("\n")).toBeGreaterThanOrEqual(0.97);
});
