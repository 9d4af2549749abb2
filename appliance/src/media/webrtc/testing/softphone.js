// A page that is a telephone: `rpc` is given by the test and speaks to the session. Bundled by Vite for a real browser.
import { Device } from "mediasoup-client";

const rpc = (method, ...args) => globalThis.rpc(method, args);

async function connected(device, direction) {
  const offer = await rpc("createTransport", direction);
  const transport = direction === "send" ? device.createSendTransport(offer) : device.createRecvTransport(offer);
  transport.on("connect", ({ dtlsParameters }, done, failed) => {
    rpc("connectTransport", transport.id, dtlsParameters).then(done, failed);
  });
  return transport;
}

let analyser;
let device;
let send;
let receive;

/** Sends the microphone and listens; resolves when both are set up, with the codec that is sent. */
globalThis.call = async () => {
  device = await Device.factory();
  await device.load({ routerRtpCapabilities: await rpc("routerRtpCapabilities") });
  send = await connected(device, "send");
  send.on("produce", ({ kind, rtpParameters }, done, failed) => {
    rpc("produce", send.id, kind, rtpParameters).then((id) => done({ id }), failed);
  });
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const microphone = await navigator.mediaDevices.getUserMedia({ audio });
  const producer = await send.produce({ track: microphone.getAudioTracks()[0] });
  receive = await connected(device, "receive");
  const consumer = await receive.consume(await rpc("consume", device.recvRtpCapabilities ?? device.rtpCapabilities));
  const stream = new MediaStream([consumer.track]);
  // Chromium decodes a remote track only while a media element plays it.
  const element = new Audio();
  element.srcObject = stream;
  element.muted = true;
  await element.play();
  const context = new AudioContext();
  analyser = context.createAnalyser();
  analyser.fftSize = 4_096;
  context.createMediaStreamSource(stream).connect(analyser);
  await context.resume();
  await rpc("resume", consumer.id);
  return producer.rtpParameters.codecs[0].mimeType;
};

/** The strongest frequency heard now, in Hz; 0 in silence. */
globalThis.loudest = () => {
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const best = bins.indexOf(Math.max(...bins));
  return bins[best] < -60 ? 0 : (best * analyser.context.sampleRate) / analyser.fftSize;
};

/** Shows the camera; resolves with the codec that is sent. */
globalThis.camera = async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  const producer = await send.produce({ track: stream.getVideoTracks()[0] });
  return producer.rtpParameters.codecs[0].mimeType;
};

/** Looks through the other's camera; resolves with the width of the first picture that was decoded. */
globalThis.watchCamera = async () => {
  const consumer = await receive.consume(await rpc("consumeCamera", device.recvRtpCapabilities ?? device.rtpCapabilities));
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = new MediaStream([consumer.track]);
  document.body.append(video);
  await rpc("resume", consumer.id);
  await video.play();
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  return video.videoWidth;
};
