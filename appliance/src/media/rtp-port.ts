import type { Digit, RtpPort, RtpPorts, RtpRemote } from "@sitebox/drivers/line";
import { LegClient } from "./leg-client.ts";
import { MediaError } from "./media-error.ts";
import type { PortPool } from "./port-pool.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** An RTP session whose socket and sound are in a worker. */
export class WorkerRtpPort implements RtpPort {
  readonly localPort: number;
  readonly ssrc: number;
  readonly leg: LegClient;
  readonly frames: AsyncIterable<Int16Array>;

  constructor(leg: LegClient, localPort: number, ssrc: number) {
    this.leg = leg;
    this.localPort = localPort;
    this.ssrc = ssrc;
    this.frames = { [Symbol.asyncIterator]: () => samplesOf(leg) };
  }

  get digits(): AsyncIterable<Digit> {
    return this.leg.digits;
  }

  get lost(): Promise<void> {
    return this.leg.lost;
  }

  connect(remote: RtpRemote): void {
    this.leg.host.tell({ type: "connect", leg: this.leg.id, remote });
  }

  press(digits: readonly Digit[]): void {
    this.leg.host.tell({ type: "press", leg: this.leg.id, digits });
  }

  write(frame: Int16Array): void {
    this.leg.write(frame);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leg.close();
  }
}

async function* samplesOf(leg: LegClient): AsyncGenerator<Int16Array> {
  for await (const { samples } of leg.listen()) yield samples;
}

/** Opens RTP sessions in whichever worker has room. */
export class WorkerRtpPorts implements RtpPorts {
  readonly #workers: WorkerPool;
  readonly #ports: PortPool;

  constructor(workers: WorkerPool, ports: PortPool) {
    this.#workers = workers;
    this.#ports = ports;
  }

  /** Rejects with {@link MediaError} "no-port" where none of the range is free, "refused" where the address cannot be bound. */
  async open(localAddress: string): Promise<WorkerRtpPort> {
    for (let port = this.#ports.take(); port !== undefined; port = this.#ports.take()) {
      const localPort = port;
      const leg = new LegClient(this.#workers.withRoom(), { onEnd: () => this.#ports.release(localPort) });
      try {
        const socket = await leg.host.ask("openRtp", { leg: leg.id, address: localAddress, port: localPort });
        if (socket.bound) return new WorkerRtpPort(leg, localPort, socket.ssrc);
      } catch (error) {
        leg.abandon();
        throw error;
      }
      // Another process has it.
      leg.abandon();
    }
    throw new MediaError("no-port", "no RTP port is free");
  }
}
