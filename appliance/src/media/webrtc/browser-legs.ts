import type { RtpPort } from "@sitebox/drivers/line";
import type { types } from "mediasoup";

export type DtlsParameters = types.DtlsParameters;
export type RtpCapabilities = types.RtpCapabilities;
export type RtpParameters = types.RtpParameters;

/** What mediasoup-client's `createSendTransport` and `createRecvTransport` take. */
export interface TransportOffer {
  readonly id: string;
  readonly iceParameters: types.IceParameters;
  readonly iceCandidates: readonly types.IceCandidate[];
  readonly dtlsParameters: types.DtlsParameters;
}

/** What mediasoup-client's `transport.consume` takes. */
export interface ConsumerOffer {
  readonly id: string;
  readonly producerId: string;
  readonly kind: "audio" | "video";
  readonly rtpParameters: types.RtpParameters;
}

/** Why a session is over: somebody here closed it, or the media process died and was started anew. */
export type SessionEnd = "closed" | "media-restarted";

/**
 * One person at a browser. The methods are the steps of mediasoup-client's handshake, one each, to be carried by a WebSocket.
 * A page that was loaded anew runs them again on the same session: {@link port}, and the call it is in, stay.
 * They reject with {@link WebRtcError}: "refused" for parameters that will not do, "ended" once the session is over.
 */
export interface BrowserSession extends AsyncDisposable {
  readonly routerRtpCapabilities: types.RtpCapabilities;
  /** The browser's sound, in the RTP workers like any line's. Closed with the session. It has no digits: mediasoup carries no telephone events. */
  readonly port: RtpPort;
  readonly ended: Promise<SessionEnd>;
  /** Whether the browser's microphone can reach us now. */
  readonly isConnected: boolean;
  /** "send" is for the microphone, "receive" for the loudspeaker. A second one of a direction replaces the first. */
  createTransport(direction: "send" | "receive"): Promise<TransportOffer>;
  connectTransport(transportId: string, dtlsParameters: DtlsParameters): Promise<void>;
  /** Takes the microphone, or the camera ("video"), which replaces an earlier one; gives the producer's id. */
  produce(transportId: string, kind: string, rtpParameters: RtpParameters): Promise<string>;
  /** Offers what the port says; it starts paused. */
  consume(rtpCapabilities: RtpCapabilities): Promise<ConsumerOffer>;
  /** Offers what another session's camera sees; it starts paused and ends with that camera. "refused" where there is none. */
  consumeCamera(of: BrowserSession, rtpCapabilities: RtpCapabilities): Promise<ConsumerOffer>;
  /** Nobody sees the camera any more. */
  stopCamera(): void;
  resume(consumerId: string): Promise<void>;
}

/** Legs that are browsers. */
export interface BrowserLegs extends AsyncDisposable {
  /** Begins a session. Rejects with {@link WebRtcError} "unavailable" while the media process does not run. */
  open(): Promise<BrowserSession>;
}

export class WebRtcError extends Error {
  override name = "WebRtcError";
  readonly fault: "unavailable" | "refused" | "ended";
  constructor(fault: WebRtcError["fault"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
