import { WebError } from "@sitebox/core/web";
import type { SpeechTools } from "./http/index.ts";
import { formatWav, parseWav } from "./media/index.ts";
import { ACCEPTED, type Grammar, type Speech, SpeechError } from "./speech/index.ts";

interface Deps {
  readonly speech: Speech;
  readonly understand: SpeechTools["understand"];
  readonly grammar: Grammar;
}

async function available<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    // biome-ignore lint/style/useErrorCause: the cause is in the third argument
    if (error instanceof SpeechError) throw new WebError("speech-unavailable", { why: error.message }, { cause: error });
    throw error;
  }
}

/** The box's understanding, hearing and voice, to be tried without a call. */
export function speechTools({ speech, understand, grammar }: Deps): SpeechTools {
  return {
    understand,
    async listen(bytes) {
      const { sampleRate, channels } = parseWav(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      const [samples] = channels;
      if (!samples || channels.length !== 1 || (sampleRate !== 8_000 && sampleRate !== 16_000)) throw new WebError("wav-unfit");
      const { text, confidence } = await available(speech.recognizer.recognize(samples, sampleRate, grammar));
      const heard = confidence < ACCEPTED ? "" : text;
      return { ...(await understand(heard)), heard };
    },
    async speak(text, language) {
      const samples = await available(speech.synthesizer.speak(text, { language }));
      return formatWav({ sampleRate: 8_000, channels: [samples] });
    },
  };
}
