// The process in which a streaming sherpa-onnx recogniser runs. Usage: asr-child.ts <model folder> (checked before this starts)
// Requests: S start an utterance · A samples of 16 kHz · E end · C cancel. Answers: R {"text","confidence"} in JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sherpa from "sherpa-onnx-node";
import { payloadSamples } from "../../processes/index.ts";
import { serveRequests, toFloat } from "./child.ts";
import { MANIFEST_FILE, parseManifest, RecogniserManifest } from "./manifest.ts";

type Stream = ReturnType<InstanceType<typeof sherpa.OnlineRecognizer>["createStream"]>;

const SAMPLE_RATE = 16_000;
/** Streaming models look ahead: without this much silence behind it the last syllable is lost. */
const TAIL = new Float32Array(0.66 * SAMPLE_RATE);
/** For models that tell no probabilities. */
const UNKNOWN_CONFIDENCE = 0.75;

const folder = process.argv[2] ?? "";
const file = join(folder, MANIFEST_FILE);
const { model } = parseManifest(readFileSync(file, "utf8"), file, RecogniserManifest);
const at = ({ path }: { readonly path: string }) => join(folder, path);
const recogniser = new sherpa.OnlineRecognizer({
  featConfig: { sampleRate: SAMPLE_RATE, featureDim: 80 },
  modelConfig: { ...networks(), tokens: at(model.tokens), numThreads: 1, provider: "cpu", debug: false },
  decodingMethod: "greedy_search",
  enableEndpoint: false,
});
const utterances = new Map<number, Stream>();

function networks() {
  switch (model.type) {
    case "transducer":
      return { transducer: { encoder: at(model.encoder), decoder: at(model.decoder), joiner: at(model.joiner) } };
    case "paraformer":
      return { paraformer: { encoder: at(model.encoder), decoder: at(model.decoder) } };
    case "zipformer2-ctc":
      return { zipformer2Ctc: { model: at(model.model) } };
  }
}

function hear(stream: Stream, samples: Float32Array): void {
  stream.acceptWaveform({ samples, sampleRate: SAMPLE_RATE });
  while (recogniser.isReady(stream)) recogniser.decode(stream);
}

function result(stream: Stream): { text: string; confidence: number } {
  hear(stream, TAIL);
  stream.inputFinished();
  while (recogniser.isReady(stream)) recogniser.decode(stream);
  const { text, ys_probs: logs = [] } = recogniser.getResult(stream);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return { text: text.trim(), confidence: logs.length > 0 ? Math.exp(mean) : UNKNOWN_CONFIDENCE };
}

const port = serveRequests(({ type, session, payload }) => {
  if (type === "S") utterances.set(session, recogniser.createStream());
  const stream = utterances.get(session);
  if (!stream) return;
  if (type === "A") hear(stream, toFloat(payloadSamples(payload)));
  if (type === "E") port.send("R", session, Buffer.from(JSON.stringify(result(stream))));
  if (type === "E" || type === "C") utterances.delete(session);
});
port.send("r", 0);
