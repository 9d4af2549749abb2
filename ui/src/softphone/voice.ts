import type { Device, types } from "mediasoup-client";

/** Asks the box over the socket. */
export type Request = (method: string, params?: unknown) => Promise<unknown>;

/** A conversation's sound between this browser and the box. */
export interface Voice {
  mute(muted: boolean): void;
  /** Shows the camera to the other side, which has to be at a browser too. @throws {ClientError} `conflict` where nobody can see it */
  show(camera: MediaStream): Promise<void>;
  /** Shows it no longer. */
  hide(): Promise<void>;
  /** What the other side's camera sees. @throws {ClientError} `refused` where it is off */
  watch(): Promise<MediaStream>;
  close(): void;
}

export interface VoiceDeps {
  readonly request: Request;
  readonly microphone: MediaStream;
  readonly speaker: HTMLAudioElement;
  /** The way to the box has been lost for good; `close` is still the caller's. */
  readonly lost: () => void;
}

/**
 * Sends the microphone to the box as PCMA, which the telephone network speaks, so that nothing is transcoded on the way, and plays what
 * the box says. Resolves when both ways stand, so that a call placed then loses no word of its greeting.
 * @throws {ClientError} the box's fault; {@link VoiceError} when the two do not reach each other within 8 s
 */
export async function openVoice({ request, microphone, speaker, lost }: VoiceDeps): Promise<Voice> {
  const { Device } = await import("mediasoup-client");
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities: (await request("rtc.capabilities", {})) as types.RtpCapabilities });

  const open: types.Transport[] = [];
  const close = () => {
    for (const transport of open) transport.close();
    for (const track of microphone.getTracks()) track.stop();
    speaker.srcObject = null;
  };
  try {
    const send = await openTransport(device, "send", request);
    open.push(send);
    const receive = await openTransport(device, "recv", request);
    open.push(receive);
    const producer = await send.produce(microphoneOptions(device, microphone));
    const consumer = await receive.consume(
      (await request("rtc.consume", { rtpCapabilities: device.recvRtpCapabilities })) as types.ConsumerOptions,
    );
    speaker.srcObject = new MediaStream([consumer.track]);
    // A page that was never touched may not make a sound; the call goes on and the first touch starts it.
    speaker.play().catch(() => addEventListener("pointerdown", () => void speaker.play(), { once: true }));
    await Promise.all(open.map(connected));
    await request("rtc.resume", { consumerId: consumer.id });
    for (const transport of open) {
      transport.on("connectionstatechange", (state) => {
        if (state === "failed") lost();
      });
    }
    const pictures = openPictures({ device, send, receive, request });
    return { mute: (muted) => (muted ? producer.pause() : producer.resume()), ...pictures, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A picture of what is broken has to be sharp enough, and a telephone's uplink is narrow. */
const PICTURE_BITS_A_SECOND = 900_000;

/** Pictures beside the sound, over the same two transports. */
function openPictures(deps: {
  readonly device: Device;
  readonly send: types.Transport;
  readonly receive: types.Transport;
  readonly request: Request;
}): Pick<Voice, "show" | "hide" | "watch"> {
  const { device, send, receive, request } = deps;
  let shown: types.Producer | undefined;
  let watched: types.Consumer | undefined;
  return {
    async show(camera) {
      const track = camera.getVideoTracks()[0];
      if (!track) throw new Error("the camera gives no video track");
      shown?.close();
      const encodings = [{ maxBitrate: PICTURE_BITS_A_SECOND }];
      shown = await send.produce({ track, stopTracks: false, encodings });
    },
    async hide() {
      shown?.close();
      shown = undefined;
      await request("rtc.camera-off", {});
    },
    async watch() {
      watched?.close();
      const asked = { rtpCapabilities: device.recvRtpCapabilities, kind: "video" };
      const consumer = await receive.consume((await request("rtc.consume", asked)) as types.ConsumerOptions);
      watched = consumer;
      await request("rtc.resume", { consumerId: consumer.id });
      return new MediaStream([consumer.track]);
    },
  };
}

/** The box is there, but sound does not get through to it: a firewall between, or an address that it announces wrongly. */
export class VoiceError extends Error {
  override name = "VoiceError";
}

const CONNECT_WITHIN_MS = 8_000;

function connected(transport: types.Transport): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new VoiceError("no way for sound to the box")), CONNECT_WITHIN_MS);
    const look = (state: types.ConnectionState) => {
      if (state !== "connected" && state !== "failed") return;
      clearTimeout(timer);
      if (state === "connected") resolve();
      else reject(new VoiceError("the way for sound to the box failed"));
    };
    transport.on("connectionstatechange", look);
    look(transport.connectionState);
  });
}

function microphoneOptions(device: Device, microphone: MediaStream): types.ProducerOptions {
  const track = microphone.getAudioTracks()[0];
  if (!track) throw new Error("the microphone gives no audio track");
  const codec = device.sendRtpCapabilities.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === "audio/pcma");
  return { track, stopTracks: false, ...(codec && { codec }) };
}

async function openTransport(device: Device, direction: "send" | "recv", request: Request): Promise<types.Transport> {
  const options = (await request("rtc.transport", { direction })) as types.TransportOptions;
  const transport = direction === "send" ? device.createSendTransport(options) : device.createRecvTransport(options);
  transport.on("connect", ({ dtlsParameters }, done, failed) => {
    request("rtc.connect", { transportId: transport.id, dtlsParameters }).then(done, failed);
  });
  transport.on("produce", ({ kind, rtpParameters }, done, failed) => {
    request("rtc.produce", { transportId: transport.id, kind, rtpParameters }).then(
      (answer) => done(answer as { id: string }),
      failed,
    );
  });
  return transport;
}
