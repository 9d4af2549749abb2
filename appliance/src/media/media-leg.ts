import type { AudioCounts, AudioPort } from "@sitebox/drivers/line";
import type { LegClient } from "./leg-client.ts";
import type {
  BridgeOptions,
  HeardFrame,
  MediaEvent,
  MediaLeg,
  MediaStats,
  Pcm8k,
  Played,
  PlayOptions,
  Recording,
} from "./media.ts";
import { MediaError } from "./media-error.ts";

/** A leg's sound under the control of the call. Letting go of it stops what was started here; the port stays its opener's. */
export class WorkerMediaLeg implements MediaLeg {
  readonly #leg: LegClient;
  readonly #recordings = new Set<Recording>();
  readonly #letGo = new AbortController();
  readonly #release: () => Promise<void>;
  readonly #port: AudioPort;

  constructor(leg: LegClient, port: AudioPort, release: () => Promise<void>) {
    this.#leg = leg;
    this.#port = port;
    this.#release = release;
  }

  play(audio: Pcm8k | AsyncIterable<Pcm8k>, options?: PlayOptions): Promise<Played> {
    return this.#leg.play(audio, options);
  }

  flush(): Promise<void> {
    return this.#leg.flush();
  }

  listen(signal: AbortSignal): AsyncIterable<HeardFrame> {
    return this.#leg.listen(AbortSignal.any([signal, this.#letGo.signal]));
  }

  watch(signal: AbortSignal): AsyncIterable<MediaEvent> {
    return this.#leg.watch(AbortSignal.any([signal, this.#letGo.signal]));
  }

  async bridge(other: MediaLeg, { direction = "both" }: BridgeOptions = {}): Promise<void> {
    await this.#leg.links.join(ours(other).#leg, direction);
  }

  async unbridge(other?: MediaLeg): Promise<void> {
    await this.#leg.links.part(other && ours(other).#leg);
  }

  async record(file: string): Promise<Recording> {
    const recording = await this.#leg.record(file);
    this.#recordings.add(recording);
    return recording;
  }

  async stats(): Promise<MediaStats> {
    const stats = await this.#leg.stats();
    const { counts } = this.#port;
    return counts ? countedStats(stats, counts) : stats;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#letGo.abort();
    await this.#leg.flush();
    await this.#leg.links.part();
    for (const recording of this.#recordings) await recording.stop();
    await this.#release();
  }
}

const FRAME_MS = 20;

/** To a worker, silence that a port fills in is sound like any other: what came of it, the port knows. */
function countedStats(stats: MediaStats, { came, filled, dropped, unsaid, quietMs }: AudioCounts): MediaStats {
  return {
    ...stats,
    receivedPackets: came,
    lostPackets: filled,
    sentPackets: Math.max(0, stats.sentPackets - unsaid),
    concealedMs: filled * FRAME_MS,
    lateMs: dropped * FRAME_MS,
    ...(quietMs !== undefined && { quietMs }),
  };
}

function ours(leg: MediaLeg): WorkerMediaLeg {
  if (leg instanceof WorkerMediaLeg) return leg;
  throw new MediaError("refused", "only legs of one media plane can be bridged");
}

/** Carries the frames of a port that is not ours into its leg, until either ends. */
export async function carryFrames(port: AudioPort, leg: LegClient, signal: AbortSignal): Promise<void> {
  const frames = port.frames[Symbol.asyncIterator]();
  let stop = () => {};
  signal.addEventListener("abort", () => stop());
  while (!signal.aborted) {
    const next = await new Promise<IteratorResult<Int16Array> | undefined>((resolve, reject) => {
      stop = () => resolve(undefined);
      frames.next().then(resolve, reject);
    });
    if (!next || next.done) break;
    leg.host.offer({ type: "heard", leg: leg.id, samples: next.value });
  }
  // Not waited for: a generator in the middle of its frame ends with it, which may be long after.
  frames.return?.().catch(() => undefined);
  await leg.close();
}
