// The process in which Silero VAD runs. Usage: vad-child.ts <model file>
// Requests: O open a session · A one window of 512 samples · C close. Answers: v one byte for each window, 1 = voice.
import sherpa from "sherpa-onnx-node";
import { payloadSamples } from "../../processes/index.ts";
import { WINDOW_SAMPLES } from "../../seams/index.ts";
import { serveRequests, toFloat } from "./child.ts";

type Vad = InstanceType<typeof sherpa.Vad>;

const SAMPLE_RATE = 16_000;
/** The detector's own smoothing is kept to one window: turns are decided by whoever asked. */
const SMOOTHING_S = 0.01;

const model = process.argv[2] ?? "";
const sessions = new Map<number, Vad>();
/** Detectors of ended calls, loaded and ready. */
const spare: Vad[] = [load()];

function load(): Vad {
  const sileroVad = {
    model,
    threshold: 0.5,
    minSpeechDuration: SMOOTHING_S,
    minSilenceDuration: SMOOTHING_S,
    windowSize: WINDOW_SAMPLES,
  };
  return new sherpa.Vad({ sileroVad, sampleRate: SAMPLE_RATE, numThreads: 1, provider: "cpu", debug: false }, 10);
}

const port = serveRequests(({ type, session, payload }) => {
  if (type === "O") sessions.set(session, spare.pop() ?? load());
  const vad = sessions.get(session);
  if (!vad) return;
  if (type === "A") {
    vad.acceptWaveform(toFloat(payloadSamples(payload)));
    while (!vad.isEmpty()) vad.pop();
    port.send("v", session, Uint8Array.of(vad.isDetected() ? 1 : 0));
  } else if (type === "C") {
    sessions.delete(session);
    vad.reset();
    spare.push(vad);
  }
});
port.send("r", 0);
