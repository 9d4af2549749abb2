/**
 * Measures the box as its callers find it, and prints the figures with the machine they belong to.
 * `--write` keeps them in bench/RESULTS.md; `--only telephony`, `--only assistant` or `--only modem` measures one part, and keeps the others' figures.
 */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hotelTemplate } from "@sitebox/provisioning";
import { childrenOf, World } from "@sitebox/test";
import { measureAccuracy } from "./accuracy.ts";
import { measureCalls } from "./calls.ts";
import { quantile } from "./latency.ts";
import { machine, residentMb } from "./machine.ts";
import { modemSection } from "./modem/index.ts";
import { telephonySection } from "./telephony/index.ts";

const progress = (text: string) => void process.stderr.write(`  ${text}\n`);
const ms = (values: readonly number[], share: number) => `${Math.round(quantile(values, share))} ms`;

/** From the start of the process to the first state in which a call is understood. */
async function measureColdStart(world: World): Promise<{ readyMs: number; listeningMs: number }> {
  const startedAt = performance.now();
  await world.startBox();
  const readyMs = performance.now() - startedAt;
  const desk = await world.login("box", "admin");
  type Health = { parts: { name: string; state: string }[] };
  await desk.until<Health>("/api/health", ({ parts }) =>
    parts.some(({ name, state }) => name === "pocketsphinx" && state === "ok"),
  );
  return { readyMs, listeningMs: performance.now() - startedAt };
}

async function memory(world: World): Promise<string[]> {
  const programs = ["sitebox-pocketsphinx", "mediasoup-worker", "vad-child"];
  const rows = [`| box (Node: SIP, RTP, dialog, tickets, sync, web) | ${await residentMb(world.box.pid)} MB |`];
  for (const name of programs)
    for (const pid of await childrenOf(world.box.pid, name)) rows.push(`| ${name} | ${await residentMb(pid)} MB |`);
  rows.push(`| headquarters | ${await residentMb(world.headquarters.pid)} MB |`);
  return rows;
}

/** What callers find who speak with the assistant: how soon it answers, what it understands. */
async function assistantSections(): Promise<Sections> {
  const folder = await mkdtemp(join(tmpdir(), "sitebox-bench-"));
  const siteFile = join(folder, "site.json");
  await writeFile(siteFile, JSON.stringify(hotelTemplate));
  const accuracy = await measureAccuracy(siteFile, progress);
  await using world = await World.open();
  const cold = await measureColdStart(world);
  await world.enrol();
  const calls = await measureCalls(world, progress);
  const percent = (right: number, of: number) => (of === 0 ? "–" : `${right}/${of} (${Math.round((100 * right) / of)} %)`);
  return {
    "Calls, measured from their two-channel recordings": [
      "| Figure | Value |",
      "|---|---|",
      `| Reply latency P50 (${calls.replies.length} turns of ${calls.calls} calls) | ${ms(calls.replies, 0.5)} |`,
      `| Reply latency P95 | ${ms(calls.replies, 0.95)} |`,
      `| Barge-in stop P50 (${calls.stops.length}) | ${ms(calls.stops, 0.5)} |`,
      `| Barge-in stop P95 | ${ms(calls.stops, 0.95)} |`,
      `| Calls that ended in a repair ticket (the caller says yes to any read-back) | ${percent(calls.confirmed, calls.calls)} |`,
      `| Calls not understood, with a voice message or call-back as the ticket | ${percent(calls.incomplete, calls.calls)} |`,
      `| Repair tickets and others with the right room | ${percent(calls.rightRoom, calls.calls)} |`,
    ],
    "Start and memory": [
      "| Figure | Value |",
      "|---|---|",
      `| Cold start: process to answering calls | ${Math.round(cold.readyMs)} ms |`,
      `| Cold start: process to understanding speech | ${Math.round(cold.listeningMs)} ms |`,
      ...(await memory(world)),
    ],
    "Understanding of freely phrased sentences": [
      "| Flow | Way | Intents right | Slots right |",
      "|---|---|---|---|",
      ...accuracy.map(
        ({ flow, way, sentences, rightIntents, slots, rightSlots }) =>
          `| ${flow} | ${way} | ${percent(rightIntents, sentences)} | ${percent(rightSlots, slots)} |`,
      ),
      "",
      "For `outside` right means: not acted on. The voice is spliced from a human speaker's recorded syllables, at 8 kHz.",
    ],
  };
}

/** Sections by their headings. */
type Sections = Readonly<Record<string, readonly string[]>>;

const TELEPHONY = "Telephony";
const MODEMS = "GSM modems";
const RESULTS = join(import.meta.dirname, "../RESULTS.md");
/** Asterisk to be measured by, where tools/asterisk-root.sh has made a root file system of it. */
const ASTERISK_ROOT = join(import.meta.dirname, "../../.cache/asterisk");

const formatted = (sections: Sections): string =>
  Object.entries(sections)
    .flatMap(([heading, lines]) => [`## ${heading}`, "", ...lines, ""])
    .join("\n");

/** The sections of the kept results, as they stand there. */
async function kept(): Promise<Sections> {
  const text = await readFile(RESULTS, "utf8").catch(() => "");
  const parts = text.split(/^## /m).slice(1);
  return Object.fromEntries(
    parts.map((part) => {
      const [heading = "", ...lines] = part.trimEnd().split("\n");
      return [heading, lines.slice(1)];
    }),
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { write: { type: "boolean" }, only: { type: "string" } } });
  const wanted = (part: string) => values.only === undefined || values.only === part;
  const measured: Sections = {
    ...(wanted("assistant") && (await assistantSections())),
    ...(wanted("telephony") && { [TELEPHONY]: await telephonySection(ASTERISK_ROOT, progress) }),
    ...(wanted("modem") && { [MODEMS]: await modemSection(progress) }),
  };
  const head = `# Figures\n\nMachine: ${machine()}\n\n`;
  process.stdout.write(`${head}${formatted(measured)}`);
  if (values.write) await writeFile(RESULTS, `${head}${formatted({ ...(await kept()), ...measured })}`);
}

await main();
