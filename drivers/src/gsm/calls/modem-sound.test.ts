import { Channel, silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { type ByteStream, LineError, putSamples, samplesOf } from "../../line/index.ts";
import { ModemSound } from "./modem-sound.ts";

const FRAME_BYTES = 320;

/** A port for sound of which the test is the modem. */
class Port implements ByteStream {
  readonly chunks = new Channel<Uint8Array>();
  readonly written: Uint8Array[] = [];
  /** How the next writes go; as it should where empty. */
  readonly writes: (() => Promise<void>)[] = [];
  closed = false;

  async write(bytes: Uint8Array): Promise<void> {
    this.written.push(bytes);
    await this.writes.shift()?.();
  }

  /** The modem brings a frame of this value. */
  bring(value: number): void {
    const bytes = new Uint8Array(FRAME_BYTES);
    putSamples(new Int16Array(160).fill(value), bytes, 0);
    this.chunks.push(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    this.chunks.close();
  }
}

interface Rig {
  readonly clock: VirtualClock;
  readonly sound: ModemSound;
  readonly ports: Port[];
  /** The values of the frames that were given out so far. */
  readonly heard: number[];
  readonly lost: unknown[];
}

/** `failing`: which openings of the port fail, by their place. */
async function open({ writeBytes = FRAME_BYTES, failing = [] as readonly number[] } = {}): Promise<Rig> {
  const clock = new VirtualClock();
  const ports: Port[] = [];
  const lost: unknown[] = [];
  const heard: number[] = [];
  let openings = 0;
  const sound = new ModemSound({
    clock,
    log: silentLog,
    writeBytes,
    onHeard: () => {},
    onLost: (reason) => lost.push(reason),
    open: async () => {
      openings += 1;
      if (failing.includes(openings)) throw new LineError("no device is there");
      const port = new Port();
      ports.push(port);
      return port;
    },
  });
  await sound.open();
  void (async () => {
    for await (const frame of sound.frames) heard.push(frame[0] ?? Number.NaN);
  })();
  return { clock, sound, ports, heard, lost };
}

/** The values of the frames that the modem was given. */
const said = (port: Port | undefined) =>
  (port?.written ?? []).flatMap((piece) => [...samplesOf(piece)].filter((_, at) => at % 160 === 0));
const frameOf = (value: number) => new Int16Array(160).fill(value);

test("frames come at 50 a second, with silence where the modem brings nothing", async () => {
  const { clock, sound, ports, heard } = await open();
  sound.talk();
  await clock.advance(1_000);
  expect(heard.length).toBe(51);
  for (let n = 1; n <= 5; n++) {
    ports[0]?.bring(n);
    await clock.advance(20);
  }
  expect(heard.slice(51)).toEqual([1, 2, 3, 4, 5]);
  expect(sound.counts.filled).toBeGreaterThan(40);
  expect(sound.counts).toMatchObject({ came: 5, quietMs: 20 });
  await sound[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
});

test("a frame is given out a few milliseconds after it came", async () => {
  const { clock, sound, ports, heard } = await open();
  await clock.advance(1_013);
  ports[0]?.bring(7);
  await clock.advance(6);
  expect(heard.at(-1)).toBe(7);
  await sound[Symbol.asyncDispose]();
});

test("what is written goes out every 20 ms in pieces as the modem wants them, silence between", async () => {
  const { clock, sound, ports } = await open({ writeBytes: 2 * FRAME_BYTES });
  await clock.advance(100);
  sound.write(frameOf(9));
  expect(ports[0]?.written).toEqual([]);
  sound.talk();
  for (const value of [1, 2, 3]) sound.write(frameOf(value));
  await clock.advance(120);
  expect(ports[0]?.written.map(({ length }) => length)).toEqual([640, 640, 640]);
  expect(said(ports[0])).toEqual([1, 2, 3, 0, 0, 0]);
  await sound[Symbol.asyncDispose]();
});

test("what is inserted takes the place of what is written", async () => {
  const { clock, sound, ports } = await open();
  sound.talk();
  sound.insert([frameOf(100), frameOf(101)]);
  for (const value of [1, 2, 3]) sound.write(frameOf(value));
  await clock.advance(60);
  expect(said(ports[0])).toEqual([100, 101, 3]);
  await sound[Symbol.asyncDispose]();
});

test("a piece that the modem refuses is lost, and the next ones go on", async () => {
  const { clock, sound, ports } = await open();
  sound.talk();
  ports[0]?.writes.push(() => Promise.reject(new LineError("takes no bytes")));
  for (const value of [1, 2]) sound.write(frameOf(value));
  await clock.advance(40);
  expect(said(ports[0])).toEqual([1, 2]);
  expect(sound.counts.unsaid).toBe(1);
  await sound[Symbol.asyncDispose]();
});

test("while the modem takes nothing, sound is dropped and not kept for later", async () => {
  const { clock, sound, ports, lost } = await open();
  const stuck = Promise.withResolvers<void>();
  sound.talk();
  ports[0]?.writes.push(() => stuck.promise);
  for (let value = 1; value <= 20; value++) {
    sound.write(frameOf(value));
    await clock.advance(20);
  }
  stuck.resolve();
  sound.write(frameOf(99));
  await clock.advance(20);
  expect(said(ports[0])).toEqual([1, 2, 3, 99]);
  expect([sound.counts.unsaid, lost]).toEqual([17, []]);
  await sound[Symbol.asyncDispose]();
});

test("after a halt of the process sound that is late by more than 40 ms is not written", async () => {
  const { clock, sound, ports } = await open();
  sound.talk();
  await clock.advance(20);
  const before = ports[0]?.written.length ?? 0;
  const real = clock.monotonic.bind(clock);
  clock.monotonic = () => real() + 200;
  await clock.advance(20);
  expect((ports[0]?.written.length ?? 0) - before).toBeLessThanOrEqual(4);
  await sound[Symbol.asyncDispose]();
});

test("a port that is lost is opened once more, with silence meanwhile", async () => {
  const { clock, sound, ports, heard, lost } = await open();
  sound.talk();
  await clock.advance(100);
  ports[0]?.chunks.close();
  await clock.advance(300);
  expect([ports.length, ports[0]?.closed, lost]).toEqual([2, true, []]);
  ports[1]?.bring(5);
  await clock.advance(20);
  expect(heard.at(-1)).toBe(5);
  sound.write(frameOf(6));
  await clock.advance(20);
  expect(said(ports[1])).toContain(6);
  ports[1]?.chunks.close();
  await clock.advance(1_000);
  expect([ports.length, lost.length, sound.counts.reopened]).toEqual([2, 1, 1]);
  await sound[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
});

test("a port that cannot be opened again is told of once", async () => {
  const { clock, sound, ports, lost } = await open({ failing: [2] });
  ports[0]?.chunks.close();
  await clock.advance(1_000);
  expect(lost).toEqual([new LineError("no device is there")]);
  await sound[Symbol.asyncDispose]();
});

test("closing while it waits to open the port again tells of nothing", async () => {
  const { clock, sound, ports, lost } = await open();
  ports[0]?.chunks.close();
  await clock.advance(50);
  await sound[Symbol.asyncDispose]();
  await clock.advance(1_000);
  expect([ports.length, lost, clock.pending]).toEqual([1, [], 0]);
});
