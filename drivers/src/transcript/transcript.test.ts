import { Channel } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ByteStream, Traffic } from "../line/index.ts";
import { parseTranscript, Replay, TranscriptError, TranscriptWriter, traced } from "./index.ts";

const bytes = (text: string) => Buffer.from(text, "ascii");

/** A conversation as a driver has it: each piece at its time. */
function recorded(pieces: readonly (Traffic & { readonly ms: number })[]): string {
  let text = "";
  const clock = new VirtualClock();
  const writer = new TranscriptWriter({ kind: "gsm", line: "sim-1" }, { ...timeOf(clock, pieces) }, (line) => {
    text += line;
  });
  for (const piece of pieces) writer.take(piece);
  return text;
}

/** A clock that stands at the time of each piece in turn. */
function timeOf(clock: VirtualClock, pieces: readonly { readonly ms: number }[]) {
  const times = [0, ...pieces.map(({ ms }) => ms)];
  return {
    now: () => clock.now(),
    monotonic: () => times.shift() ?? 0,
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
    after: (ms: number, task: () => void) => clock.after(ms, task),
  };
}

const piece = (ms: number, direction: "in" | "out", text: string, port = "at") => ({ ms, port, direction, bytes: bytes(text) });

const call = [
  piece(0, "out", "AT\r"),
  piece(5, "in", "\r\nOK\r\n"),
  piece(3_600_000, "in", "\r\nRING\r\n"),
  piece(3_600_010, "out", "ATA\r"),
  piece(3_600_100, "in", "\r\nOK\r\n"),
];

async function heardFrom(stream: ByteStream): Promise<string[]> {
  const heard: string[] = [];
  for await (const chunk of stream.chunks) heard.push(Buffer.from(chunk).toString("ascii"));
  return heard;
}

describe("a transcript", () => {
  test("any traffic comes back as it was written, byte by byte", () => {
    const any = fc.record({
      ms: fc.nat(1e6),
      port: fc.constantFrom("at", "audio"),
      direction: fc.constantFrom("in" as const, "out" as const),
      bytes: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), (pieces) => {
        const { traffic } = parseTranscript(recorded(pieces));
        expect(traffic.map((one) => ({ ...one, bytes: [...one.bytes] }))).toEqual(
          pieces.map((one) => ({ ...one, bytes: [...one.bytes] })),
        );
      }),
    );
  });

  test("what is text can be read as text", () => {
    expect(recorded(call)).toContain('{"ms":5,"port":"at","dir":"in","text":"\\r\\nOK\\r\\n"}');
  });

  test.for([
    ["", "is empty"],
    ["{}\n", "line 1 is not the head"],
    ['{"transcript":1,"kind":"gsm","line":"a","at":"x"}\n{"ms":1\n', "line 2 is not JSON"],
    ['{"transcript":1,"kind":"gsm","line":"a","at":"x"}\n{"ms":1,"port":"at","dir":"up","text":""}\n', "line 2 has no ms"],
  ] as const)("one that cannot be read says where: %s", ([text, problem]) => {
    expect(() => parseTranscript(text)).toThrow(TranscriptError);
    expect(() => parseTranscript(text)).toThrow(problem);
  });

  test("a traced stream tells what passes and passes it on", async () => {
    const told: Traffic[] = [];
    const clock = new VirtualClock();
    await using replay = new Replay(parseTranscript(recorded(call.slice(0, 2))), clock);
    const stream = traced(replay.open("at"), "at", (traffic) => told.push(traffic));
    const hearing = heardFrom(stream);
    await stream.write(bytes("AT\r"));
    await clock.advance(10);
    await replay[Symbol.asyncDispose]();
    expect(await hearing).toEqual(["\r\nOK\r\n"]);
    expect(told.map(({ direction, bytes: { length } }) => [direction, length])).toEqual([
      ["out", 3],
      ["in", 6],
      ["in", 0],
    ]);
  });
});

test("of a piece that is a secret nothing is told, for nothing would be the end of the connection", async () => {
  const told: Traffic[] = [];
  const device: ByteStream = { chunks: new Channel(), write: async () => {}, [Symbol.asyncDispose]: async () => {} };
  const shown = (piece: Uint8Array, direction: string) => (direction === "out" ? new Uint8Array() : piece);
  await traced(device, "at", (traffic) => told.push(traffic), shown).write(bytes("4711"));
  expect(told).toEqual([]);
});

describe("a replay", () => {
  test("an hour takes a moment on a virtual clock, and nothing is said before it was asked for", async () => {
    const clock = new VirtualClock();
    await using replay = new Replay(parseTranscript(recorded(call)), clock);
    const stream = replay.open("at");
    const hearing = heardFrom(stream);
    await clock.advance(100);
    expect(replay.result).toEqual({ replayed: 0, of: 5 });
    await stream.write(bytes("A"));
    await stream.write(bytes("T\r"));
    await clock.advance(3_600_000);
    await stream.write(bytes("ATA\r"));
    await clock.advance(1_000);
    expect(await replay.done).toEqual({ replayed: 5, of: 5 });
    await replay[Symbol.asyncDispose]();
    expect((await hearing).join("")).toBe("\r\nOK\r\n\r\nRING\r\n\r\nOK\r\n");
  });

  test("a driver that says something else is told where it departs", async () => {
    const clock = new VirtualClock();
    await using replay = new Replay(parseTranscript(recorded(call)), clock);
    await replay.open("at").write(bytes("ATI\r"));
    const { departure } = await replay.done;
    expect(departure).toMatchObject({ ms: 0, port: "at", expected: bytes("AT\r"), got: bytes("ATI\r") });
  });

  test("an unplugged device ends its stream, and what is opened next is a new one", async () => {
    const clock = new VirtualClock();
    const text = recorded([piece(1, "in", "RDY"), piece(2, "in", ""), piece(3, "in", "RDY again")]);
    await using replay = new Replay(parseTranscript(text), clock);
    const first = heardFrom(replay.open("at"));
    await clock.advance(2);
    expect(await first).toEqual(["RDY"]);
    const second = heardFrom(replay.open("at"));
    await clock.advance(2);
    await replay[Symbol.asyncDispose]();
    expect(await second).toEqual(["RDY again"]);
  });

  test("ports wait for their own words only", async () => {
    const clock = new VirtualClock();
    const text = recorded([piece(0, "out", "AT\r"), piece(1, "in", "sound", "audio")]);
    await using replay = new Replay(parseTranscript(text), clock);
    const hearing = heardFrom(replay.open("audio"));
    await clock.advance(5);
    expect(replay.result.replayed).toBe(1);
    await replay[Symbol.asyncDispose]();
    expect(await hearing).toEqual(["sound"]);
  });
});
