/** Frames of 20 ms below this mean amplitude are silence, about −46 dBFS. */
const AUDIBLE = 160;
const FRAME_MS = 20;

/** The packets of one stream: when each left, in ms on any clock. */
export type Departures = ReadonlyMap<string, readonly number[]>;

/** The times between each packet of a stream and the next, in ms, of all streams together, ascending. */
export function interDepartures(streams: Departures): Float64Array {
  const gaps: number[] = [];
  for (const times of streams.values()) for (let n = 1; n < times.length; n++) gaps.push((times[n] ?? 0) - (times[n - 1] ?? 0));
  return Float64Array.from(gaps).sort();
}

export interface Silence {
  readonly totalMs: number;
  readonly longestMs: number;
}

/** How much of what was heard is silence, between the first sound and the last. One mean amplitude a frame. */
export function silenceIn(levels: readonly number[]): Silence {
  const first = levels.findIndex((level) => level >= AUDIBLE);
  const last = levels.findLastIndex((level) => level >= AUDIBLE);
  let [total, longest, run] = [0, 0, 0];
  for (let n = Math.max(first, 0); n < last; n++) {
    run = (levels[n] ?? 0) < AUDIBLE ? run + 1 : 0;
    total += run > 0 ? 1 : 0;
    longest = Math.max(longest, run);
  }
  return { totalMs: total * FRAME_MS, longestMs: longest * FRAME_MS };
}

/** Which packets are lost: bursts of `meanBurst` on average, as many of all as `share` says (Gilbert's model). `random` gives 0 to 1. */
export function* bursts(share: number, meanBurst: number, random: () => number): Generator<boolean, never> {
  const end = 1 / meanBurst;
  const begin = share >= 1 ? 1 : (share * end) / (1 - share);
  for (let lost = false; ; lost = random() < (lost ? 1 - end : begin)) yield lost;
}

/** A generator of 0 to 1 that gives the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const GLOBAL_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = 14;
const UDP = 17;

/** The departures of UDP packets over IPv4 in a capture (pcap, little-endian, micro- or nanoseconds), by "from:port>to:port". */
export function departuresIn(capture: Buffer): Map<string, number[]> {
  const magic = capture.readUInt32LE(0);
  if (magic !== 0xa1b2c3d4 && magic !== 0xa1b23c4d) throw new Error("not a little-endian pcap file");
  const fractionsPerMs = magic === 0xa1b23c4d ? 1e6 : 1e3;
  const streams = new Map<string, number[]>();
  for (let at = GLOBAL_HEADER; at + RECORD_HEADER <= capture.length; ) {
    const captured = capture.readUInt32LE(at + 8);
    const frame = capture.subarray(at + RECORD_HEADER, at + RECORD_HEADER + captured);
    const ms = capture.readUInt32LE(at) * 1_000 + capture.readUInt32LE(at + 4) / fractionsPerMs;
    const stream = udpStream(frame);
    if (stream !== undefined) {
      const times = streams.get(stream);
      if (times) times.push(ms);
      else streams.set(stream, [ms]);
    }
    at += RECORD_HEADER + captured;
  }
  return streams;
}

function udpStream(frame: Buffer): string | undefined {
  if (frame.length < ETHERNET + 20 || frame.readUInt16BE(12) !== 0x0800 || frame[ETHERNET + 9] !== UDP) return undefined;
  const ports = ETHERNET + ((frame[ETHERNET] ?? 0) & 15) * 4;
  if (frame.length < ports + 4) return undefined;
  const address = (at: number) => [...frame.subarray(at, at + 4)].join(".");
  const [from, to] = [address(ETHERNET + 12), address(ETHERNET + 16)];
  return `${from}:${frame.readUInt16BE(ports)}>${to}:${frame.readUInt16BE(ports + 2)}`;
}
