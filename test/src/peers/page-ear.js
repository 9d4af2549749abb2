// Runs in a page of the product before its own scripts: tells what the page hears.
const devices = navigator.mediaDevices;
if (devices) {
  const ask = devices.getUserMedia.bind(devices);
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  devices.getUserMedia = (wanted) => ask({ ...wanted, ...(wanted?.audio && { audio: plain }) });
}

const ears = [];
const Connection = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Connection {
  constructor(configuration) {
    super(configuration);
    this.addEventListener("track", ({ track }) => {
      if (track.kind !== "audio") return;
      const context = new AudioContext();
      const ear = context.createAnalyser();
      ear.fftSize = 4_096;
      context.createMediaStreamSource(new MediaStream([track])).connect(ear);
      ears.push(ear);
    });
  }
};

/** The strongest frequency that is heard now, in Hz; 0 in silence. */
function loudest() {
  const ear = ears.at(-1);
  if (!ear) return 0;
  const bins = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(bins);
  const best = bins.indexOf(Math.max(...bins));
  return bins[best] < -60 ? 0 : (best * ear.context.sampleRate) / ear.fftSize;
}

let inRow = 0;
/** Whether the tone has been heard now and the last nine times this was asked. */
globalThis.hearsTone = (hertz) => {
  inRow = Math.abs(loudest() - hertz) < 30 ? inRow + 1 : 0;
  return inRow >= 10;
};

globalThis.seesPicture = () => [...document.querySelectorAll("video")].some((one) => one.videoWidth > 0 && one.currentTime > 0);
