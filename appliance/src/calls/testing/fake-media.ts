import { Channel, type Clock } from "@sitebox/core/kernel";
import type { AudioPort, RtpPorts } from "@sitebox/drivers/line";
import type {
  BridgeOptions,
  HeardFrame,
  Media,
  MediaEvent,
  MediaLeg,
  Pcm8k,
  Played,
  PlayOptions,
  Recording,
} from "../../media/index.ts";

/** A media plane without sound: it knows who is linked and who is played to, and nothing of it may be left when all legs are gone. */
export class FakeMedia implements Media {
  readonly #clock: Clock;
  readonly legs = new Map<AudioPort, FakeMediaLeg>();
  /** Ordered pairs: the first hears the second. */
  readonly links = new Set<string>();
  playing = 0;
  #numbers = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get rtp(): RtpPorts {
    throw new Error("no RTP here");
  }

  attach(port: AudioPort): FakeMediaLeg {
    const known = this.legs.get(port);
    if (known) return known;
    const leg = new FakeMediaLeg(this, this.#clock, String(++this.#numbers), port);
    this.legs.set(port, leg);
    return leg;
  }

  hears(one: AudioPort, other: AudioPort): boolean {
    const [a, b] = [this.legs.get(one), this.legs.get(other)];
    return a !== undefined && b !== undefined && this.links.has(`${a.id}<${b.id}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export class FakeMediaLeg implements MediaLeg {
  readonly id: string;
  readonly events = new Channel<MediaEvent>();
  /** Sounds that play now. */
  sounds = 0;
  readonly #media: FakeMedia;
  readonly #clock: Clock;
  readonly #port: AudioPort;
  readonly #over = new AbortController();
  readonly #listeners = new Set<Channel<HeardFrame>>();

  constructor(media: FakeMedia, clock: Clock, id: string, port: AudioPort) {
    this.#media = media;
    this.#clock = clock;
    this.id = id;
    this.#port = port;
  }

  async play(audio: Pcm8k | AsyncIterable<Pcm8k>, { signal }: PlayOptions = {}): Promise<Played> {
    const until = signal ? AbortSignal.any([signal, this.#over.signal]) : this.#over.signal;
    const startedAt = this.#clock.monotonic();
    this.#media.playing++;
    this.sounds++;
    try {
      for await (const piece of audio instanceof Int16Array ? [audio] : audio) {
        if (until.aborted) break;
        await this.#clock.sleep(piece.length / 8, until).catch(() => undefined);
        if (until.aborted) break;
      }
    } finally {
      this.#media.playing--;
      this.sounds--;
    }
    const playedMs = this.#clock.monotonic() - startedAt;
    return { outcome: this.#over.signal.aborted ? "ended" : signal?.aborted ? "stopped" : "finished", playedMs };
  }

  async flush(): Promise<void> {}

  /** As if the far end had said it. */
  hear(samples: Int16Array): void {
    for (const frames of this.#listeners) frames.push({ samples, atMs: 0 });
  }

  async *listen(signal: AbortSignal): AsyncGenerator<HeardFrame> {
    const frames = new Channel<HeardFrame>();
    this.#listeners.add(frames);
    AbortSignal.any([signal, this.#over.signal]).addEventListener("abort", () => frames.close(), { once: true });
    if (!signal.aborted && !this.#over.signal.aborted) yield* frames;
  }

  async *watch(signal: AbortSignal): AsyncGenerator<MediaEvent> {
    signal.addEventListener("abort", () => this.events.close(), { once: true });
    if (!signal.aborted) yield* this.events;
  }

  async bridge(other: MediaLeg, { direction = "both" }: BridgeOptions = {}): Promise<void> {
    if (!(other instanceof FakeMediaLeg)) throw new Error("not of this plane");
    if (this.#over.signal.aborted || other.#over.signal.aborted) return;
    this.#media.links.add(`${this.id}<${other.id}`);
    if (direction === "both") this.#media.links.add(`${other.id}<${this.id}`);
  }

  async unbridge(other?: MediaLeg): Promise<void> {
    for (const link of this.#media.links) {
      const ends = link.split("<");
      if (ends.includes(this.id) && (!other || (other instanceof FakeMediaLeg && ends.includes(other.id))))
        this.#media.links.delete(link);
    }
  }

  async record(file: string): Promise<Recording> {
    return {
      file,
      pause: async () => {},
      resume: async () => {},
      stop: async () => ({ durationMs: 0, bytes: 0 }),
    };
  }

  async stats() {
    return { receivedPackets: 0, sentPackets: 0, lostPackets: 0, jitterMs: 0, strangerPackets: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.events.close();
    await this.unbridge();
    this.#media.legs.delete(this.#port);
  }
}
