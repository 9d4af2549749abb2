import type { RtpPort } from "@sitebox/drivers/line";
import { PCMA, PCMU } from "@sitebox/drivers/sound";
import type { types } from "mediasoup";
import {
  type BrowserSession,
  type ConsumerOffer,
  type DtlsParameters,
  type RtpCapabilities,
  type RtpParameters,
  type SessionEnd,
  type TransportOffer,
  WebRtcError,
} from "./browser-legs.ts";

/** What a session is made of; all of it ends with the session. */
export interface SessionParts {
  readonly router: types.Router;
  readonly server: types.WebRtcServer;
  /** mediasoup's side of the RTP between it and us. */
  readonly plain: types.PlainTransport;
  /** What we say, as mediasoup knows it. */
  readonly voice: types.Producer;
  readonly port: RtpPort;
}

/** Our laws, as capabilities of the receiver that we are. */
const OUR_CODECS: types.RtpCapabilities = {
  codecs: [
    { kind: "audio", mimeType: "audio/PCMA", clockRate: 8_000, preferredPayloadType: PCMA, channels: 1, rtcpFeedback: [] },
    { kind: "audio", mimeType: "audio/PCMU", clockRate: 8_000, preferredPayloadType: PCMU, channels: 1, rtcpFeedback: [] },
  ],
  headerExtensions: [],
};

/** A picture of a tap that drips needs no more, and a site's uplink may carry several. */
const MOST_BITS_A_SECOND = 1_500_000;
const LOOPBACK = "127.0.0.1";
/** Ports on loopback for mediasoup's side; outside of the usual range for lines. */
const PLAIN_PORTS = { min: 30_000, max: 39_999 };

/** Builds the RTP between our worker and mediasoup: both ends on loopback, the SSRC stated before the first packet. */
export async function joinPort(engine: Pick<SessionParts, "router" | "server">, port: RtpPort): Promise<SessionParts> {
  const plain = await engine.router.createPlainTransport({
    listenInfo: { protocol: "udp", ip: LOOPBACK, portRange: PLAIN_PORTS },
    rtcpMux: true,
    comedia: false,
  });
  await plain.connect({ ip: LOOPBACK, port: port.localPort });
  const voice = await plain.produce({
    kind: "audio",
    rtpParameters: {
      codecs: [{ mimeType: "audio/PCMA", payloadType: PCMA, clockRate: 8_000, channels: 1 }],
      encodings: [{ ssrc: port.ssrc }],
    },
  });
  port.connect({
    address: LOOPBACK,
    port: plain.tuple.localPort,
    codec: "PCMA",
    payloadType: PCMA,
    send: true,
    receive: true,
    rtcp: "muxed",
  });
  return { ...engine, plain, voice, port };
}

/** A session over mediasoup: WebRTC transports to the browser, a plain transport to our RTP worker, nothing transcoded. */
export class MediasoupSession implements BrowserSession {
  readonly ended: Promise<SessionEnd>;
  readonly #parts: SessionParts;
  readonly #end = Promise.withResolvers<SessionEnd>();
  #microphone: types.WebRtcTransport | undefined;
  #loudspeaker: types.WebRtcTransport | undefined;
  #camera: types.Producer | undefined;
  /** What the loudspeaker's transport carries: the voice, and the other's camera. */
  readonly #consumers = new Map<"audio" | "video", types.Consumer>();
  #isOver = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.ended = this.#end.promise;
  }

  get routerRtpCapabilities(): types.RtpCapabilities {
    return this.#parts.router.rtpCapabilities;
  }

  get port(): RtpPort {
    return this.#parts.port;
  }

  get isConnected(): boolean {
    const transport = this.#microphone;
    return transport?.dtlsState === "connected" && (transport.iceState === "connected" || transport.iceState === "completed");
  }

  createTransport(direction: "send" | "receive"): Promise<TransportOffer> {
    return this.#step(async ({ router, server }) => {
      const transport = await router.createWebRtcTransport({ webRtcServer: server, preferUdp: true });
      if (direction === "send") {
        this.#camera = undefined;
        this.#microphone?.close();
        this.#microphone = transport;
      } else {
        this.#loudspeaker?.close();
        this.#loudspeaker = transport;
      }
      const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
      return { id, iceParameters, iceCandidates, dtlsParameters };
    });
  }

  connectTransport(transportId: string, dtlsParameters: DtlsParameters): Promise<void> {
    return this.#step(async () => {
      const transport = [this.#microphone, this.#loudspeaker].find((one) => one?.id === transportId);
      if (!transport) throw new WebRtcError("refused", "no such transport");
      await transport.connect({ dtlsParameters });
    });
  }

  produce(transportId: string, kind: string, rtpParameters: RtpParameters): Promise<string> {
    return this.#step(async ({ plain }) => {
      if (this.#microphone?.id !== transportId) throw new WebRtcError("refused", "no such transport");
      if (kind !== "audio" && kind !== "video") throw new WebRtcError("refused", "only sound and pictures are taken");
      const producer = await this.#microphone.produce({ kind, rtpParameters });
      if (kind === "video") {
        this.stopCamera();
        this.#camera = producer;
        await this.#microphone.setMaxIncomingBitrate(MOST_BITS_A_SECOND);
        return producer.id;
      }
      // It ends with its producer, and that with its transport.
      await plain.consume({ producerId: producer.id, rtpCapabilities: OUR_CODECS });
      return producer.id;
    });
  }

  consume(rtpCapabilities: RtpCapabilities): Promise<ConsumerOffer> {
    return this.#step(async ({ voice }) => {
      if (!this.#loudspeaker) throw new WebRtcError("refused", "there is no transport to receive by");
      const consumer = await this.#loudspeaker.consume({ producerId: voice.id, rtpCapabilities, paused: true });
      this.#consumers.set("audio", consumer);
      return { id: consumer.id, producerId: voice.id, kind: "audio", rtpParameters: consumer.rtpParameters };
    });
  }

  consumeCamera(of: BrowserSession, rtpCapabilities: RtpCapabilities): Promise<ConsumerOffer> {
    return this.#step(async () => {
      const camera = of instanceof MediasoupSession ? of.#camera : undefined;
      if (!camera || camera.closed) throw new WebRtcError("refused", "there is no camera to look through");
      if (!this.#loudspeaker) throw new WebRtcError("refused", "there is no transport to receive by");
      const consumer = await this.#loudspeaker.consume({ producerId: camera.id, rtpCapabilities, paused: true });
      this.#consumers.get("video")?.close();
      this.#consumers.set("video", consumer);
      return { id: consumer.id, producerId: camera.id, kind: "video", rtpParameters: consumer.rtpParameters };
    });
  }

  stopCamera(): void {
    this.#camera?.close();
    this.#camera = undefined;
  }

  resume(consumerId: string): Promise<void> {
    return this.#step(async () => {
      const consumer = [...this.#consumers.values()].find(({ id }) => id === consumerId);
      if (!consumer) throw new WebRtcError("refused", "no such consumer");
      await consumer.resume();
    });
  }

  /** Ends the session, with mediasoup's objects and the port. Safe to call twice. */
  async end(reason: SessionEnd): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#microphone?.close();
    this.#loudspeaker?.close();
    this.#parts.plain.close();
    await this.#parts.port[Symbol.asyncDispose]();
    this.#end.resolve(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end("closed");
  }

  /** One step of the handshake. What mediasoup says to parameters it cannot use is the browser's mistake. */
  async #step<T>(step: (parts: SessionParts) => Promise<T>): Promise<T> {
    if (this.#isOver) throw new WebRtcError("ended", "the session is over");
    try {
      return await step(this.#parts);
    } catch (error) {
      throw this.#isOver ? new WebRtcError("ended", "the session is over", { cause: error }) : refused(error);
    }
  }
}

function refused(error: unknown): WebRtcError {
  if (error instanceof WebRtcError) return error;
  return new WebRtcError("refused", error instanceof Error ? error.message : "refused by mediasoup", { cause: error });
}
