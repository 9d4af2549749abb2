// The package carries no types of its own; this is what is used of it.
declare module "sherpa-onnx-node" {
  interface Vad {
    acceptWaveform(samples: Float32Array): void;
    isEmpty(): boolean;
    isDetected(): boolean;
    pop(): void;
    reset(): void;
  }
  interface VadConfig {
    readonly sileroVad: {
      readonly model: string;
      readonly threshold: number;
      /** Seconds. */
      readonly minSpeechDuration: number;
      readonly minSilenceDuration: number;
      /** Samples. */
      readonly windowSize: number;
    };
    readonly sampleRate: number;
    readonly numThreads: number;
    readonly provider: "cpu";
    readonly debug: boolean;
  }

  interface Sound {
    readonly samples: Float32Array;
    readonly sampleRate: number;
  }
  interface OnlineStream {
    acceptWaveform(sound: Sound): void;
    inputFinished(): void;
  }
  interface OnlineRecognizer {
    createStream(): OnlineStream;
    isReady(stream: OnlineStream): boolean;
    decode(stream: OnlineStream): void;
    getResult(stream: OnlineStream): { readonly text: string; readonly ys_probs?: readonly number[] };
  }
  interface OnlineRecognizerConfig {
    readonly featConfig: { readonly sampleRate: number; readonly featureDim: number };
    readonly modelConfig: {
      readonly transducer?: { readonly encoder: string; readonly decoder: string; readonly joiner: string };
      readonly paraformer?: { readonly encoder: string; readonly decoder: string };
      readonly zipformer2Ctc?: { readonly model: string };
      readonly tokens: string;
      readonly numThreads: number;
      readonly provider: "cpu";
      readonly debug: boolean;
    };
    readonly decodingMethod: "greedy_search" | "modified_beam_search";
    readonly enableEndpoint: boolean;
  }

  interface OfflineTts {
    generate(request: {
      readonly text: string;
      readonly sid: number;
      readonly speed: number;
      readonly enableExternalBuffer: boolean;
    }): Sound;
  }
  interface OfflineTtsConfig {
    readonly model: {
      readonly vits?: { readonly model: string; readonly lexicon: string; readonly tokens: string };
      readonly matcha?: {
        readonly acousticModel: string;
        readonly vocoder: string;
        readonly lexicon: string;
        readonly tokens: string;
      };
      readonly numThreads: number;
      readonly provider: "cpu";
      readonly debug: boolean;
    };
    readonly maxNumSentences: number;
    /** Comma-separated. */
    readonly ruleFsts?: string;
  }

  const sherpa: {
    readonly Vad: new (config: VadConfig, bufferSeconds: number) => Vad;
    readonly OnlineRecognizer: new (config: OnlineRecognizerConfig) => OnlineRecognizer;
    readonly OfflineTts: new (config: OfflineTtsConfig) => OfflineTts;
  };
  export = sherpa;
}
