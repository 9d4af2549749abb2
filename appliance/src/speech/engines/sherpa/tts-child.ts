// The process in which a sherpa-onnx voice runs. Usage: tts-child.ts <model folder> (checked before this starts)
// Requests: T a text. Answers: W u32 sample rate, 16-bit samples.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sherpa from "sherpa-onnx-node";
import { samplesPayload } from "../../processes/index.ts";
import { serveRequests } from "./child.ts";
import { MANIFEST_FILE, parseManifest, VoiceManifest } from "./manifest.ts";

const folder = process.argv[2] ?? "";
const file = join(folder, MANIFEST_FILE);
const { model, rules, speaker, speed } = parseManifest(readFileSync(file, "utf8"), file, VoiceManifest);
const at = ({ path }: { readonly path: string }) => join(folder, path);
const voice = new sherpa.OfflineTts({
  model: { ...networks(), numThreads: 1, provider: "cpu", debug: false },
  maxNumSentences: 1,
  ...(rules.length > 0 && { ruleFsts: rules.map(at).join(",") }),
});

function networks() {
  switch (model.type) {
    case "vits":
      return { vits: { model: at(model.model), lexicon: at(model.lexicon), tokens: at(model.tokens) } };
    case "matcha": {
      const { acousticModel, vocoder, lexicon, tokens } = model;
      return { matcha: { acousticModel: at(acousticModel), vocoder: at(vocoder), lexicon: at(lexicon), tokens: at(tokens) } };
    }
  }
}

const port = serveRequests(({ type, session, payload }) => {
  if (type !== "T") return;
  // Without progress callbacks and external buffers: both have ended the process before (k2-fsa/sherpa-onnx#3780).
  const { samples, sampleRate } = voice.generate({
    text: payload.toString("utf8"),
    sid: speaker,
    speed,
    enableExternalBuffer: false,
  });
  const rate = Buffer.alloc(4);
  rate.writeUInt32LE(sampleRate);
  const pcm = Int16Array.from(samples, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767))));
  port.send("W", session, Buffer.concat([rate, samplesPayload(pcm)]));
});
port.send("r", 0);
