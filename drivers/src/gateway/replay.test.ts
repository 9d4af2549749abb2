import { type Clock, silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { IncomingText, Leg, Line, LinePort, TextReport } from "../line/index.ts";
import { until } from "../line/testing/index.ts";
import type { SipEndpoint } from "../sip/index.ts";
import { HIDDEN, parseTranscript, Replay, TranscriptWriter } from "../transcript/index.ts";
import { type GatewayDeps, openGatewayLine } from "./index.ts";
import { openDinstarRig, openGoipRig, openYeastarRig, type Rig, take } from "./rig.testing.ts";
import type { ComingText } from "./testing/index.ts";

type Device = AsyncDisposable & { comeIn(text: ComingText): Promise<void> };

interface Maker {
  readonly open: (deps: Partial<GatewayDeps>) => Promise<Rig<Device>>;
  /** The network's reports are passed on. */
  readonly reports: boolean;
}

/** What a line's user sees of a session. */
interface Session {
  readonly ports: readonly LinePort[] | undefined;
  readonly text: Omit<IncomingText, "stored"> | undefined;
  readonly outcome: string | undefined;
  readonly report: TextReport["outcome"] | undefined;
  readonly answer: string | undefined;
}

const FAR = "13900139000";
const never = new AbortController().signal;

const ready = (line: Line) =>
  until(line, ({ state, ports }) => state === "up" && ports !== undefined && ports.every((port) => port.state === "idle"));

/** The ports, a text that comes, one that goes with what becomes of it, and a service code. */
async function session(line: Line, { reports }: Maker): Promise<Session> {
  const { ports } = await ready(line);
  const [text] = await take(line.texts, 1);
  await text?.stored();
  const outcome = await line.texts?.send(FAR, "806空调修好了", { signal: never });
  const report = reports ? await first(line.texts?.reports) : undefined;
  const answer = await line.ussd?.("*100#", { signal: never });
  const { stored: _, ...read } = text ?? { stored: undefined };
  return { ports, text: text && (read as Omit<IncomingText, "stored">), outcome: outcome?.type, report: report?.outcome, answer };
}

async function first<T>(items: AsyncIterable<T> = nothing()): Promise<T> {
  for await (const item of items) return item;
  throw new Error("nothing came");
}
async function* nothing(): AsyncGenerator<never> {}

/** Numbers from one on, the same in each session. */
function counted(): () => number {
  let last = 0;
  return () => ++last;
}

/** GoIPs report how they stand once a second, until this test has begun: what it does then has to come in the same order again. */
let quiet = false;
const hushed = (packet: string) => quiet && packet.startsWith("req:");

const makers: Readonly<Record<string, Maker>> = {
  Dinstar: { open: (deps) => openDinstarRig({ deps }), reports: true },
  Yeastar: { open: (deps) => openYeastarRig({ deps, management: { pollSeconds: 600 } }), reports: false },
  GoIP: { open: (deps) => openGoipRig({ deps, device: { repeatMs: 1_000, loses: hushed } }), reports: true },
};

/** A session with a simulated gateway, and its transcript. */
async function recorded(maker: Maker) {
  let text = "";
  let open = true;
  quiet = false;
  const writer = new TranscriptWriter({ kind: "gateway", line: "gateway" }, systemClock, (line) => {
    // What closing says is not part of it.
    if (open) text += line;
  });
  await using rig = await maker.open({ onTraffic: writer.take, newId: counted() });
  const seen = session(rig.line, maker);
  await ready(rig.line);
  quiet = true;
  await rig.device.comeIn({ port: 2, from: "13800138000", text: "806空调坏了" });
  const result = await seen;
  open = false;
  return { text, result, config: rig.config };
}

/** Stands for a SIP line that is up. */
const sip: Pick<SipEndpoint, "addLine"> = {
  async addLine({ name }) {
    return {
      incoming: (async function* (): AsyncGenerator<Leg> {})(),
      state: { name, state: "up", calls: 0, maxCalls: 2 },
      onChanged: () => ({ [Symbol.dispose]() {} }),
      dial: async () => ({ type: "unreachable", reason: "nobody is there" }),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

/** Lets a virtual clock go on until this is settled. */
async function passing<T>(clock: VirtualClock, promise: PromiseLike<T>): Promise<T> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  void promise.then(settle, settle);
  while (!settled) await clock.advance(5);
  return await promise;
}

async function open(replay: Replay, clock: Clock, { config }: Awaited<ReturnType<typeof recorded>>): Promise<Line> {
  const { management, ...rest } = config;
  if (!management) throw new Error("the gateway has no management");
  return await openGatewayLine(
    { ...rest, management: { ...management, password: HIDDEN } },
    { clock, log: silentLog, sip, textGapMs: 0, newId: counted(), connect: async (port) => replay.open(port) },
  );
}

test.for(Object.entries(makers))("a session with a %s is the same when it is replayed, in no time", async ([, maker]) => {
  const recording = await recorded(maker);
  expect(recording.result).toMatchObject({ outcome: "sent", text: { from: "13800138000", text: "806空调坏了", port: 2 } });
  expect(recording.text).not.toContain("secret");
  const transcript = parseTranscript(recording.text);
  const clock = new VirtualClock(Date.parse(transcript.head.at));
  await using replay = new Replay(transcript, clock);
  const line = await open(replay, clock, recording);
  expect(await passing(clock, session(line, maker))).toEqual(recording.result);
  expect(await passing(clock, replay.done)).toEqual({ replayed: transcript.traffic.length, of: transcript.traffic.length });
  await passing(clock, line[Symbol.asyncDispose]());
});

test.for(Object.entries(makers))("a driver of a %s that says something else is told where", async ([, maker]) => {
  const recording = await recorded(maker);
  const transcript = parseTranscript(recording.text.replaceAll("*100#", "*101#"));
  const clock = new VirtualClock(Date.parse(transcript.head.at));
  await using replay = new Replay(transcript, clock);
  const line = await open(replay, clock, recording);
  const seen = session(line, maker).catch(() => undefined);
  const { departure } = await passing(clock, replay.done);
  expect(Buffer.from(departure?.expected ?? []).toString()).toContain("*101#");
  expect(Buffer.from(departure?.got ?? []).toString()).toContain("*100#");
  await passing(clock, line[Symbol.asyncDispose]());
  await seen;
});
