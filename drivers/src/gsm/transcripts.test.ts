import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { GsmLine } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { Line } from "../line/index.ts";
import { parseTranscript, Replay } from "../transcript/index.ts";
import { openGsmLine } from "./index.ts";

const FOLDER = join(import.meta.dirname, "transcripts");

/** What comes of a transcript: the line's states as they change, and who called and wrote what. */
interface Seen {
  readonly states: string[];
  readonly calls: string[];
  readonly texts: string[];
}

const expected: Readonly<Record<string, Seen>> = {
  "text-and-call.jsonl": {
    states: ["starting", "up", "up 1 call", "up"],
    calls: ["13800138001"],
    texts: ["13800138000: 806空调坏了"],
  },
};

async function replayed(file: string): Promise<Seen> {
  const transcript = parseTranscript(await readFile(join(FOLDER, file), "utf8"));
  const { kind, line: name, config, at } = transcript.head;
  const stated = GsmLine.parse({ ...Object(config), kind, name, atPort: "/at", audioPort: "/audio" });
  const clock = new VirtualClock(Date.parse(at));
  await using replay = new Replay(transcript, clock);
  const line = await openGsmLine(stated, { clock, log: silentLog, openSerial: async (port) => replay.open(port.slice(1)) });
  const seen: Seen = { states: [], calls: [], texts: [] };
  const look = ({ state, calls }: Line["state"]) => {
    const now = calls > 0 ? `${state} ${calls} call` : state;
    if (seen.states.at(-1) !== now) seen.states.push(now);
  };
  look(line.state);
  using _listening = line.onChanged(look);
  void read(line.incoming, ({ remote }) => seen.calls.push(remote));
  if (line.texts) void read(line.texts.incoming, ({ from, text }) => seen.texts.push(`${from}: ${text}`));
  const result = await passing(clock, replay.done);
  expect(result).toEqual({ replayed: transcript.traffic.length, of: transcript.traffic.length });
  await clock.advance(20);
  const before = structuredClone(seen);
  await passing(clock, line[Symbol.asyncDispose]());
  return before;
}

async function read<T>(items: AsyncIterable<T>, take: (item: T) => void): Promise<void> {
  for await (const item of items) take(item);
}

/** Lets a virtual clock go on until this is settled. */
async function passing<T>(clock: VirtualClock, promise: PromiseLike<T>): Promise<T> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  void promise.then(settle, settle);
  while (!settled) await clock.advance(20);
  return await promise;
}

test("every transcript has its expectations", async () => {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".jsonl"));
  expect(new Set(files)).toEqual(new Set(Object.keys(expected)));
});

test.for(Object.entries(expected))("%s comes to the same as when it was recorded", async ([file, seen]) => {
  expect(await replayed(file)).toEqual(seen);
});
