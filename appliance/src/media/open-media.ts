import type { Clock, Log } from "@sitebox/core/kernel";
import type { AudioPort, RtpPorts } from "@sitebox/drivers/line";
import { LegClient } from "./leg-client.ts";
import type { Media, MediaLeg } from "./media.ts";
import { carryFrames, WorkerMediaLeg } from "./media-leg.ts";
import { PortPool, type PortRange } from "./port-pool.ts";
import { WorkerRtpPort, WorkerRtpPorts } from "./rtp-port.ts";
import type { WorkerHost } from "./worker-host.ts";
import { WorkerPool } from "./worker-pool.ts";

export interface MediaOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** UDP ports for RTP, 10000 to 20000 unless told. */
  readonly rtpPortRange?: PortRange;
  /** Legs that one worker process carries before another is started; 100 unless told. */
  readonly maxLegsPerWorker?: number;
  /** A folder where the workers' compiled code is kept: they start in a third of the time. Whoever writes there runs code in them. */
  readonly codeCacheDir?: string;
}

/** The media plane over worker processes. A worker that dies costs its legs only; the next leg gets a new one. */
export class WorkerMedia implements Media {
  readonly rtp: RtpPorts;
  readonly #log: Log;
  readonly #pool: WorkerPool;
  readonly #carried = new Set<Promise<void>>();

  constructor({
    clock,
    log,
    rtpPortRange = { first: 10_000, last: 20_000 },
    maxLegsPerWorker = 100,
    codeCacheDir,
  }: MediaOptions) {
    this.#log = log.child("media");
    this.#pool = new WorkerPool({
      clock,
      log: this.#log,
      maxLegs: maxLegsPerWorker,
      ...(codeCacheDir !== undefined && { codeCacheDir }),
    });
    this.rtp = new WorkerRtpPorts(this.#pool, new PortPool(rtpPortRange, clock));
  }

  /** The workers that carry legs; a spare one runs besides. */
  get workers(): readonly WorkerHost[] {
    return this.#pool.busy;
  }

  attach(port: AudioPort): MediaLeg {
    if (port instanceof WorkerRtpPort) return new WorkerMediaLeg(port.leg, port, () => Promise.resolve());
    const released = new AbortController();
    const leg = new LegClient(this.#pool.withRoom(), {
      onSpoken: (frame) => port.write(frame),
      onEnd: () => released.abort(),
    });
    leg.host.tell({ type: "openFrames", leg: leg.id });
    const carried = carryFrames(port, leg, released.signal).catch((err: unknown) => {
      this.#log.warn("a port's frames broke off", { err });
      return leg.close();
    });
    this.#carried.add(carried);
    return new WorkerMediaLeg(leg, port, async () => {
      released.abort();
      await carried;
      this.#carried.delete(carried);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
    await Promise.all(this.#carried);
  }

  /** Has a worker up before the first leg asks for it. */
  warm(): Promise<void> {
    return this.#pool.warm();
  }
}

/** Opens the media plane with its first worker running. Rejects with {@link MediaError} where that does not come up. */
export async function openMedia(options: MediaOptions): Promise<Media> {
  const media = new WorkerMedia(options);
  await media.warm();
  return media;
}
