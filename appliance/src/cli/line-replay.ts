import { readFile } from "node:fs/promises";
import { CardLine, GatewayLine, GsmLine } from "@sitebox/core/contract";
import { ConfigError, silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { openCardLine, replayedHelper } from "@sitebox/drivers/dahdi";
import { openGatewayLine } from "@sitebox/drivers/gateway";
import { openGsmLine } from "@sitebox/drivers/gsm";
import type { Line, LineDeps } from "@sitebox/drivers/line";
import { parseTranscript, Replay, type ReplayResult, type Transcript, TranscriptError } from "@sitebox/drivers/transcript";
import { z } from "zod";
import { type CommandIo, UsageError, writeLine } from "./command.ts";
import { stateTold, tellOfComing } from "./line-told.ts";
import { silentCarrier } from "./silent-carrier.ts";

/** Pieces of time in which a recording's clock goes on. */
const STEP_MS = 20;
/** How long a driver has after the end of a recording to say what it still has to say. */
const BEHIND_MS = 120_000;
const SOUND = "/replay/audio";
/** Where a line has a secret, its recording has *** in head and traffic; for a PIN, the line's schema would not have that. */
const ModemAtReplay = z.looseObject({ pin: z.string().optional() });

/**
 * Plays a transcript to the driver that it came from, on a clock of its own: an hour takes moments. What happens to the line is written as JSON
 * lines, and last how far it went; where the driver says something else than in the recording, that is told and it ends. @returns 0 when the
 * driver did as in the recording, else 1 @throws UsageError, ConfigError
 */
export async function runLineReplay(args: readonly string[], { stdout }: CommandIo): Promise<number> {
  const [file, ...more] = args;
  if (file === undefined || more.length > 0) throw new UsageError("usage: sitebox line replay <file>");
  const transcript = await transcriptOf(file);
  const clock = new VirtualClock(Date.parse(transcript.head.at));
  await using replay = new Replay(transcript, clock);
  const facts: object[] = [];
  const startedAt = clock.monotonic();
  const tell = (fact: object) => facts.push({ ms: clock.monotonic() - startedAt, ...fact });
  let result: ReplayResult | undefined;
  {
    const line = await openReplayed(transcript, replay, { clock, log: silentLog });
    using _states = line.onChanged((state) => tell(stateTold(state)));
    tell(stateTold(line.state));
    tellOfComing(line, tell);
    void replay.done.then((done) => (result = done));
    const untilMs = (transcript.traffic.at(-1)?.ms ?? 0) + BEHIND_MS;
    while (!result && clock.monotonic() - startedAt < untilMs) await clock.advance(STEP_MS);
    // A driver that is asked to end may wait for its device: the clock goes on meanwhile.
    const closing = line[Symbol.asyncDispose]();
    let closed = false;
    void closing.then(() => (closed = true));
    while (!closed) await clock.advance(STEP_MS);
    await closing;
  }
  for (const fact of facts) await writeLine(stdout, JSON.stringify(fact));
  const { replayed, of, departure } = result ?? replay.result;
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  const departed = departure && { ...departure, expected: text(departure.expected), got: text(departure.got) };
  await writeLine(stdout, JSON.stringify({ replayed, of, ...(departed && { departure: departed }) }));
  return replayed === of ? 0 : 1;
}

async function transcriptOf(file: string): Promise<Transcript> {
  try {
    const transcript = parseTranscript(await readFile(file, "utf8"));
    if (transcript.traffic.length > 0) return transcript;
  } catch (cause) {
    if (cause instanceof TranscriptError) throw new ConfigError(`${file}: ${cause.message}`, { cause });
    throw new ConfigError(`${file} cannot be read`, { cause });
  }
  throw new ConfigError(`${file} holds no traffic: the line was not up while it was recorded, and there is nothing to replay`);
}

/** The driver of a transcript, with the transcript in the place of its device. @throws ConfigError where its kind cannot be replayed so */
async function openReplayed({ head }: Transcript, replay: Replay, deps: LineDeps): Promise<Line> {
  const config = { ...(typeof head.config === "object" ? head.config : {}), kind: head.kind, name: head.line };
  if (head.kind === "gsm") {
    const { pin, ...stated } = ModemAtReplay.parse(config);
    const { usbPath: _, ...rest } = GsmLine.parse({ atPort: "/replay/at", ...stated });
    const ports = { ...rest, atPort: "/replay/at", audioPort: SOUND, ...(pin !== undefined && { pin }) };
    return openGsmLine(ports, { ...deps, openSerial: async (path) => replay.open(path === SOUND ? "audio" : "at") });
  }
  if (head.kind === "gateway") {
    return openGatewayLine(GatewayLine.parse(config), {
      ...deps,
      sip: silentCarrier,
      connect: async (port) => replay.open(port),
    });
  }
  if (head.kind === "dahdi") {
    const connect = async () => replayedHelper((port) => replay.open(port));
    return openCardLine(CardLine.parse(config), { ...deps, connect });
  }
  throw new ConfigError(`there is no driver of the kind ${head.kind} that could be replayed`);
}
