import type { Clock } from "@sitebox/core/kernel";
import { z } from "zod";
import type { Traffic } from "../line/index.ts";

/** The first line of a transcript. */
export const TranscriptHead = z.object({
  transcript: z.literal(1),
  /** The driver's kind, e.g. "gsm". */
  kind: z.string(),
  line: z.string(),
  /** When it began, ISO 8601. */
  at: z.string(),
  /** What the line was configured with; *** stands for its secrets. */
  config: z.unknown().optional(),
});
export type TranscriptHead = z.infer<typeof TranscriptHead>;

/** Every further line: one piece of traffic, as text where it is readable ASCII, else in base 64. */
export const TranscriptEntry = z.union([
  z.object({ ms: z.number(), port: z.string(), dir: z.enum(["in", "out"]), text: z.string() }),
  z.object({ ms: z.number(), port: z.string(), dir: z.enum(["in", "out"]), base64: z.base64() }),
]);
export type TranscriptEntry = z.infer<typeof TranscriptEntry>;

/** Traffic with its time since the transcript began, ms. */
export interface TimedTraffic extends Traffic {
  readonly ms: number;
}

/** What went between a driver and its device, in order. */
export interface Transcript {
  readonly head: TranscriptHead;
  readonly traffic: readonly TimedTraffic[];
}

/** A transcript that cannot be read; the message says which line of it and why. */
export class TranscriptError extends Error {
  override name = "TranscriptError";
}

/** Carriage return, line feed, and what ends and gives up a text at a modem: Ctrl-Z and ESC. */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([0x0d, 0x0a, 0x1a, 0x1b]);

const isReadable = (bytes: Uint8Array) => bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || TEXT_CONTROLS.has(byte));

/** One line of the file, without its line feed. */
function formatEntry({ ms, port, direction, bytes }: TimedTraffic): string {
  const base = { ms: Math.round(ms), port, dir: direction };
  const whole = Buffer.from(bytes);
  const entry: TranscriptEntry = isReadable(whole)
    ? { ...base, text: whole.toString("ascii") }
    : { ...base, base64: whole.toString("base64") };
  return JSON.stringify(entry);
}

/** Writes a transcript line by line: JSON Lines, so that what a crash leaves can be read up to its last whole line. */
export class TranscriptWriter {
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  readonly #startedAt: number;

  constructor(head: Pick<TranscriptHead, "kind" | "line" | "config">, clock: Clock, write: (line: string) => void) {
    this.#clock = clock;
    this.#write = write;
    this.#startedAt = clock.monotonic();
    const whole: TranscriptHead = { transcript: 1, at: new Date(clock.now()).toISOString(), ...head };
    write(`${JSON.stringify(whole)}\n`);
  }

  /** To be given as `onTraffic` of a driver. */
  readonly take = (traffic: Traffic): void => {
    this.#write(`${formatEntry({ ...traffic, ms: this.#clock.monotonic() - this.#startedAt })}\n`);
  };
}

/** Reads a transcript's text. @throws TranscriptError with the number of the line that is wrong */
export function parseTranscript(text: string): Transcript {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const [first, ...rest] = lines.map((line, at) => ({ json: jsonOf(line, at), at }));
  if (!first) throw new TranscriptError("the transcript is empty");
  const head = TranscriptHead.safeParse(first.json);
  if (!head.success)
    throw new TranscriptError('line 1 is not the head of a transcript: it has to state "transcript":1, kind and line');
  return { head: head.data, traffic: rest.map(({ json, at }) => trafficOf(json, at)) };
}

function jsonOf(line: string, at: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new TranscriptError(`line ${at + 1} is not JSON`, { cause });
  }
}

function trafficOf(json: unknown, at: number): TimedTraffic {
  const { success, data } = TranscriptEntry.safeParse(json);
  if (!success) throw new TranscriptError(`line ${at + 1} has no ms, port, dir ("in" or "out") and text or base64`);
  const bytes = "text" in data ? Buffer.from(data.text, "ascii") : Buffer.from(data.base64, "base64");
  return { ms: data.ms, port: data.port, direction: data.dir, bytes };
}
