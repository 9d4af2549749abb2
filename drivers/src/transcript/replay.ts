import { Channel, type Clock } from "@sitebox/core/kernel";
import { type ByteStream, LineError } from "../line/index.ts";
import type { TimedTraffic, Transcript } from "./transcript.ts";

/** The driver said something else than in the recording. */
export interface Departure {
  /** Of the recording. */
  readonly ms: number;
  readonly port: string;
  readonly expected: Uint8Array;
  readonly got: Uint8Array;
}

export interface ReplayResult {
  /** Pieces of traffic that were replayed, of how many. */
  readonly replayed: number;
  readonly of: number;
  readonly departure?: Departure;
}

const MOST_WAITING = 100_000;

/** One of the device's connections: what the recording still expects the driver to say there. */
class Port {
  /** What the device says, until it is unplugged. */
  incoming = new Channel<Uint8Array>(MOST_WAITING);
  readonly #expected: TimedTraffic[];
  /** Of the first expected piece, what has been said already. */
  #said = 0;
  /** Pieces of the driver's that were said to their end. */
  matched = 0;

  constructor(expected: readonly TimedTraffic[]) {
    this.#expected = [...expected];
  }

  /** The device says this; nothing: it is unplugged, and what is opened next is a new connection. */
  hear(bytes: Uint8Array): void {
    if (bytes.length > 0) this.incoming.push(bytes);
    else this.unplug();
  }

  unplug(): void {
    this.incoming.close();
    this.incoming = new Channel(MOST_WAITING);
  }

  /** How the driver departs from the recording by saying this; undefined where it does not. What is said behind its end is nobody's matter. */
  say(bytes: Uint8Array): Departure | undefined {
    let rest = bytes;
    for (let next = this.#expected[0]; next && rest.length > 0; next = this.#expected[0]) {
      const open = next.bytes.subarray(this.#said);
      const length = Math.min(open.length, rest.length);
      if (Buffer.compare(open.subarray(0, length), rest.subarray(0, length)) !== 0)
        return { ms: next.ms, port: next.port, expected: open, got: rest };
      this.#said += length;
      rest = rest.subarray(length);
      if (this.#said < next.bytes.length) break;
      this.#expected.shift();
      this.#said = 0;
      this.matched += 1;
    }
    return undefined;
  }
}

/**
 * Plays the device's side of a recording to a driver: what the device said comes again, each piece not before its time and not before the driver
 * has said what it said before it on the same port. The driver's own pieces have to be the same bytes in the same order on each port, however
 * they are cut. On a virtual clock an hour takes a moment.
 */
export class Replay implements AsyncDisposable {
  /** Resolves when all has been replayed, or the driver has departed from the recording. Stays pending while the driver says less. */
  readonly done: Promise<ReplayResult>;
  readonly #transcript: Transcript;
  readonly #clock: Clock;
  readonly #ports = new Map<string, Port>();
  readonly #closing = new AbortController();
  readonly #finished = Promise.withResolvers<ReplayResult>();
  #heard = Promise.withResolvers<void>();
  #told = 0;
  #departure: Departure | undefined;

  constructor(transcript: Transcript, clock: Clock) {
    this.#transcript = transcript;
    this.#clock = clock;
    this.done = this.#finished.promise;
    for (const { port } of transcript.traffic)
      if (!this.#ports.has(port)) {
        const said = transcript.traffic.filter((piece) => piece.port === port && piece.direction === "out");
        this.#ports.set(port, new Port(said));
      }
    void this.#tell();
  }

  /** How far it is. */
  get result(): ReplayResult {
    const matched = [...this.#ports.values()].reduce((sum, port) => sum + port.matched, 0);
    return {
      replayed: this.#told + matched,
      of: this.#transcript.traffic.length,
      ...(this.#departure && { departure: this.#departure }),
    };
  }

  /** The device's side of one port, e.g. "at"; a port that is not in the recording is silent and takes everything. */
  open(name: string): ByteStream {
    const port = this.#ports.get(name) ?? new Port([]);
    this.#ports.set(name, port);
    const { incoming } = port;
    return {
      chunks: incoming,
      write: async (bytes) => {
        if (this.#closing.signal.aborted) throw new LineError("the recording was closed");
        this.#departure ??= port.say(bytes);
        this.#look();
      },
      [Symbol.asyncDispose]: async () => {
        if (port.incoming === incoming) port.unplug();
        else incoming.close();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#look();
    for (const { incoming } of this.#ports.values()) incoming.close();
  }

  async #tell(): Promise<void> {
    const startedAt = this.#clock.monotonic();
    const before = new Map<string, number>();
    for (const { ms, port: name, direction, bytes } of this.#transcript.traffic) {
      const said = before.get(name) ?? 0;
      if (direction === "out") {
        before.set(name, said + 1);
        continue;
      }
      const port = this.#ports.get(name);
      while (port && port.matched < said && !this.#over) await this.#heard.promise;
      const waitMs = startedAt + ms - this.#clock.monotonic();
      if (waitMs > 0 && !this.#over) await this.#clock.sleep(waitMs, this.#closing.signal).catch(() => {});
      if (this.#over) return;
      port?.hear(bytes);
      this.#told += 1;
    }
    this.#look();
  }

  get #over(): boolean {
    return this.#closing.signal.aborted || this.#departure !== undefined;
  }

  #look(): void {
    const { result } = this;
    if (this.#over || result.replayed === result.of) this.#finished.resolve(result);
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }
}
