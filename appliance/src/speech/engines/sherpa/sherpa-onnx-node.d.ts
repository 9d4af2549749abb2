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
  const sherpa: {
    readonly Vad: new (config: VadConfig, bufferSeconds: number) => Vad;
  };
  export = sherpa;
}
