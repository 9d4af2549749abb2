import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { describe, expect, test } from "vitest";
import type { Line, Traffic } from "../line/index.ts";
import { parseTranscript, Replay, type Transcript, TranscriptWriter } from "../transcript/index.ts";
import { openCardLine, replayedHelper } from "./index.ts";
import { FrameReader } from "./protocol/index.ts";
import { nextCall, OUTSIDE, openSite, type Site, type SiteOptions } from "./testing/index.ts";

interface Recording<T> {
  readonly transcript: Transcript;
  /** How the line and its port stood, as it changed. */
  readonly states: readonly string[];
  readonly result: T;
}

/** Everything between the driver and a simulated card from the start until `act` is through. */
async function recorded<T>(
  act: (site: Site, ringsAgain: Promise<void>) => Promise<T>,
  options: SiteOptions = {},
): Promise<Recording<T>> {
  let text = "";
  let open = true;
  const writer = new TranscriptWriter({ kind: "dahdi", line: "card" }, systemClock, (line) => {
    // What closing says is not part of it.
    if (open) text += line;
  });
  let rings = 0;
  const ringsAgain = Promise.withResolvers<void>();
  const onTraffic = (traffic: Traffic) => {
    writer.take(traffic);
    if (Buffer.from(traffic.bytes).includes("event ring-begin") && ++rings === 2) ringsAgain.resolve();
  };
  await using site = await openSite({ ...options, onTraffic });
  const states = statesOf(site.line);
  const result = await act(site, ringsAgain.promise);
  open = false;
  return { transcript: parseTranscript(text), states: [...states], result };
}

/** Plays it to a fresh driver, in no time. */
async function replayed<T>(transcript: Transcript, act: (line: Line) => Promise<T>): Promise<Recording<T>> {
  const clock = new VirtualClock();
  await using replay = new Replay(transcript, clock);
  const owner = { number: "8001", owner: "示范酒店", purpose: "前台" };
  const config = CardLine.parse({ kind: "dahdi", name: "card", ports: [{ type: "fxo", channel: 1, line: owner }] });
  const line = openCardLine(config, { clock, log: silentLog, connect: async () => replayedHelper((port) => replay.open(port)) });
  while (line.state.state !== "up") await clock.advance(20);
  const states = statesOf(line);
  const result = await passing(clock, act(line));
  const through = [...states];
  expect(await passing(clock, replay.done)).toEqual({ replayed: transcript.traffic.length, of: transcript.traffic.length });
  await passing(clock, line[Symbol.asyncDispose]());
  return { transcript, states: through, result };
}

function statesOf(line: Line): readonly string[] {
  const states: string[] = [];
  const look = ({ state, ports = [] }: Line["state"]) => {
    const now = [state, ...ports.map((port) => port.state)].join(" ");
    if (states.at(-1) !== now) states.push(now);
  };
  look(line.state);
  line.onChanged(look);
  return states;
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

/** As it is written down where nobody asked for sound. */
const withoutSound = ({ head, traffic }: Transcript): Transcript => ({
  head,
  traffic: traffic.filter(({ port }) => port !== "audio"),
});

/** The frames of what went one way, as words or "sound"; whole, so that each piece can be read by itself. */
const framesOf = ({ traffic }: Transcript, port: string): readonly string[] =>
  traffic
    .filter((piece) => piece.port === port)
    .flatMap(({ bytes }) => new FrameReader().read(bytes))
    .map((frame) => (frame.type === "audio" ? "sound" : frame.words.join(" ")));

const numberOfNext = async (line: Line) => (await nextCall(line)).remote;

const dial = async (line: Line) => (await line.dial(OUTSIDE, { signal: new AbortController().signal })).type;

describe.concurrent("a recorded session with a card is the same when it is replayed, in no time", () => {
  test("with a call that comes in, and its caller's number", async () => {
    const { transcript, ...seen } = await recorded(async ({ line, outside }) => {
      outside.liftUp();
      outside.press("8001");
      return await numberOfNext(line);
    });
    expect(seen.result).toBe(OUTSIDE);
    expect(await replayed(transcript, numberOfNext)).toMatchObject(seen);
  });

  test("with a call that goes out and is answered", async () => {
    const { transcript, ...seen } = await recorded(async ({ line, outside }) => {
      const dialling = dial(line);
      await outside.ringing();
      outside.liftUp();
      outside.talk(2_000);
      return await dialling;
    });
    expect(seen).toMatchObject({ result: "answered", states: ["up idle", "up busy"] });
    expect(await replayed(transcript, dial)).toMatchObject(seen);
  });
});

describe.concurrent("a recorded session with a card of which nobody wanted the sound", () => {
  test("has none of it, although voices came in bursts and pieces", async () => {
    const site = { card: { chunks: "bytes", burst: 3 } } as const;
    const { transcript } = await recorded(async ({ line, outside }) => {
      const dialling = dial(line);
      await outside.ringing();
      outside.liftUp();
      outside.talk(2_000);
      return await dialling;
    }, site);
    const words = framesOf(withoutSound(transcript), "helper");
    expect(words).toEqual(expect.arrayContaining(["hello 1", "opened", "hook off", `dial ${OUTSIDE}`, "event dial-complete"]));
    expect(words).not.toContain("sound");
    expect(withoutSound(transcript).traffic.every(({ bytes }) => bytes.length < 64)).toBe(true);
    expect(new Set(framesOf(transcript, "audio"))).toEqual(new Set(["sound"]));
  });

  test("is replayed as on a silent line: the call comes, without the number that was heard", async () => {
    const { transcript, states } = await recorded(async ({ line, outside }, ringsAgain) => {
      outside.liftUp();
      outside.press("8001");
      await nextCall(line);
      // A driver that hears no number offers the call at the second ring.
      await ringsAgain;
      return "";
    });
    expect(await replayed(withoutSound(transcript), numberOfNext)).toMatchObject({ states, result: "" });
  });
});
