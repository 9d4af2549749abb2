import { networkInterfaces } from "node:os";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import type { types } from "mediasoup";
import type { Media } from "../media.ts";
import { type BrowserLegs, type BrowserSession, WebRtcError } from "./browser-legs.ts";
import { joinPort, MediasoupSession } from "./session.ts";

export interface WebRtcOptions {
  /** The mediasoup-worker program. */
  readonly workerBin: string;
  readonly listen: {
    /** "0.0.0.0" without an announced address listens on each of the machine's IPv4 addresses. */
    readonly ip: string;
    /** What browsers are told instead of `ip`, behind a NAT. */
    readonly announcedAddress?: string;
    /** One port for UDP and TCP; 0 takes any. */
    readonly port: number;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly media: Media;
}

/** How long a session waits for the media process, which may be on its way up. */
const PATIENCE_MS = 5_000;

const CODECS: types.RouterRtpCodecCapability[] = [
  { kind: "audio", mimeType: "audio/PCMA", clockRate: 8_000 },
  { kind: "audio", mimeType: "audio/PCMU", clockRate: 8_000 },
  { kind: "video", mimeType: "video/VP8", clockRate: 90_000 },
  {
    kind: "video",
    mimeType: "video/H264",
    clockRate: 90_000,
    parameters: { "packetization-mode": 1, "profile-level-id": "42e01f", "level-asymmetry-allowed": 1 },
  },
];

interface Engine {
  readonly worker: types.Worker;
  readonly server: types.WebRtcServer;
  readonly router: types.Router;
}

/** Browser legs over one mediasoup process, which is started anew when it dies. */
class MediasoupLegs implements BrowserLegs {
  readonly #options: WebRtcOptions;
  readonly #log: Log;
  readonly #sessions = new Set<MediasoupSession>();
  readonly #closing = new AbortController();
  readonly #supervised: Promise<void>;
  #engine = Promise.withResolvers<Engine>();

  constructor(options: WebRtcOptions) {
    this.#options = options;
    this.#log = options.log.child("webrtc");
    const { clock } = options;
    const backoff = { firstMs: 100, maxMs: 30_000 };
    this.#supervised = supervise("mediasoup", (signal) => this.#run(signal), {
      clock,
      log: this.#log,
      signal: this.#closing.signal,
      backoff,
    });
  }

  async open(): Promise<BrowserSession> {
    const engine = await this.#running();
    const port = await this.#options.media.rtp.open("127.0.0.1");
    try {
      const session = new MediasoupSession(await joinPort(engine, port));
      this.#sessions.add(session);
      void session.ended.then(() => this.#sessions.delete(session));
      return session;
    } catch (error) {
      await port[Symbol.asyncDispose]();
      throw unavailable("the media process does not take a session", error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#sessions].map((session) => session.end("closed")));
    await this.#supervised;
  }

  async #running(): Promise<Engine> {
    const late = Promise.withResolvers<never>();
    using _deadline = this.#options.clock.after(PATIENCE_MS, () => late.reject(unavailable("the media process does not run")));
    return await Promise.race([this.#engine.promise, late.promise]);
  }

  /** One life of the media process. */
  async #run(signal: AbortSignal): Promise<void> {
    const { worker, died } = await this.#startWorker();
    try {
      const server = await worker.createWebRtcServer({ listenInfos: listenInfos(this.#options.listen) });
      const router = await worker.createRouter({ mediaCodecs: CODECS });
      this.#engine.resolve({ worker, server, router });
      this.#log.info("browsers can call", { port: this.#options.listen.port, pid: worker.pid });
      const stopped = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => stopped.resolve());
      if (signal.aborted) stopped.resolve();
      await Promise.race([died, stopped.promise]);
    } finally {
      this.#engine = Promise.withResolvers();
      if (!worker.subprocessClosed) {
        const gone = new Promise<void>((resolve) => worker.once("subprocessclose", resolve));
        worker.close();
        await gone;
      }
      await Promise.all([...this.#sessions].map((session) => session.end(signal.aborted ? "closed" : "media-restarted")));
    }
  }

  async #startWorker() {
    const mediasoup = await import("mediasoup");
    const worker = await mediasoup.createWorker({ workerBin: this.#options.workerBin, logLevel: "error" });
    const died = new Promise<never>((_, reject) => {
      worker.on("died", (error) => reject(unavailable("the mediasoup worker died", error)));
    });
    // It is awaited only once the router stands; dying before that fails a call to the worker as well.
    died.catch(() => undefined);
    return { worker, died };
  }
}

const unavailable = (message: string, cause?: unknown) => new WebRtcError("unavailable", message, { cause });

function listenInfos({ ip, announcedAddress, port }: WebRtcOptions["listen"]): types.TransportListenInfo[] {
  const everywhere = ip === "0.0.0.0" && announcedAddress === undefined;
  const ips = everywhere ? ownAddresses() : [ip];
  return ips.flatMap((address) =>
    (["udp", "tcp"] as const).map((protocol) => ({
      protocol,
      ip: address,
      ...(announcedAddress !== undefined && { announcedAddress }),
      ...(port !== 0 && { port }),
    })),
  );
}

function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family }) => family === "IPv4").map(({ address }) => address);
}

/** Starts the media process for browsers. Resolves at once: a box without it takes telephone calls all the same. */
export async function openWebRtc(options: WebRtcOptions): Promise<BrowserLegs> {
  return new MediasoupLegs(options);
}
