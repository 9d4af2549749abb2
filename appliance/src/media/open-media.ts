import type { Clock, Log } from "@sitebox/core/kernel";
import type { AudioPort, RtpPorts } from "@sitebox/drivers/line";
import { LegClient } from "./leg-client.ts";
import type { Media, MediaLeg } from "./media.ts";
import { carryFrames, WorkerMediaLeg } from "./media-leg.ts";
import { PortPool, type PortRange } from "./port-pool.ts";
import { WorkerRtpPort, WorkerRtpPorts } from "./rtp-port.ts";
import { WorkerHost } from "./worker-host.ts";

export interface MediaOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** UDP ports for RTP, 10000 to 20000 unless told. */
  readonly rtpPortRange?: PortRange;
  /** Legs that one worker thread carries before another is started; 100 unless told. */
  readonly maxLegsPerWorker?: number;
}

/** The media plane over worker threads. A worker that dies costs its legs only; the next leg gets a new one. */
export class WorkerMedia implements Media {
  readonly rtp: RtpPorts;
  readonly #log: Log;
  readonly #maxLegs: number;
  readonly #workers = new Set<WorkerHost>();
  readonly #carried = new Set<Promise<void>>();
  #closing = false;

  constructor({ clock, log, rtpPortRange = { first: 10_000, last: 20_000 }, maxLegsPerWorker = 100 }: MediaOptions) {
    this.#log = log.child("media");
    this.#maxLegs = maxLegsPerWorker;
    this.rtp = new WorkerRtpPorts(() => this.#workerWithRoom(), new PortPool(rtpPortRange, clock));
  }

  /** The running workers. */
  get workers(): readonly WorkerHost[] {
    return [...this.#workers];
  }

  attach(port: AudioPort): MediaLeg {
    if (port instanceof WorkerRtpPort) return new WorkerMediaLeg(port.leg, () => Promise.resolve());
    const released = new AbortController();
    const leg = new LegClient(this.#workerWithRoom(), {
      onSpoken: (frame) => port.write(frame),
      onEnd: () => released.abort(),
    });
    leg.host.tell({ type: "openFrames", leg: leg.id });
    const carried = carryFrames(port, leg, released.signal).catch((err: unknown) => {
      this.#log.warn("a port's frames broke off", { err });
      return leg.close();
    });
    this.#carried.add(carried);
    return new WorkerMediaLeg(leg, async () => {
      released.abort();
      await carried;
      this.#carried.delete(carried);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#workers].map((worker) => worker[Symbol.asyncDispose]()));
    await Promise.all(this.#carried);
  }

  /** Has a worker up before the first leg asks for it. */
  async warm(): Promise<void> {
    await this.#workerWithRoom().ready;
  }

  #workerWithRoom(): WorkerHost {
    for (const worker of this.#workers) if (worker.isAlive && worker.legCount < this.#maxLegs) return worker;
    const worker: WorkerHost = new WorkerHost(this.#log, (wasReady) => {
      this.#workers.delete(worker);
      // One that never came up would not the next time either: then it is the next leg that tries again.
      if (wasReady && !this.#closing) this.#workerWithRoom();
    });
    this.#workers.add(worker);
    return worker;
  }
}

/** Opens the media plane with its first worker running. Rejects with {@link MediaError} where that does not come up. */
export async function openMedia(options: MediaOptions): Promise<Media> {
  const media = new WorkerMedia(options);
  await media.warm();
  return media;
}
