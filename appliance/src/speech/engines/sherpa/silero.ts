import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock, Log } from "@sitebox/core/kernel";
import { modelManifest } from "@sitebox/provisioning";
import { EngineProcess, samplesPayload } from "../../processes/index.ts";
import { type EngineState, type ModelFile, type VoiceDetector, type VoiceStream, verifyModel } from "../../seams/index.ts";

/** Silero VAD 5 (snakers4/silero-vad, opset 15), below `modelsDir`. */
const MODEL_FILE = "silero/silero_vad_16k_op15.onnx";
const MODEL_FILES: readonly ModelFile[] = modelManifest.filter(({ path }) => path === MODEL_FILE);

interface Session {
  readonly decided: (voiced: boolean) => void;
  readonly lost: () => void;
}

/** Silero VAD through sherpa-onnx in its own process, one session a call. */
export class SileroDetector implements VoiceDetector {
  readonly #process: EngineProcess;
  readonly #sessions = new Map<number, Session>();
  #lastSession = 0;

  constructor({ modelsDir, clock, log }: { readonly modelsDir: string; readonly clock: Clock; readonly log: Log }) {
    const child = fileURLToPath(new URL("./vad-child.ts", import.meta.url));
    this.#process = new EngineProcess(
      {
        name: "silero-vad",
        command: process.execPath,
        args: [child, join(modelsDir, MODEL_FILE)],
        check: () => verifyModel(modelsDir, MODEL_FILES),
        received: ({ type, session, payload }) => {
          if (type === "v") this.#sessions.get(session)?.decided(payload[0] === 1);
        },
        lost: () => {
          const open = [...this.#sessions.values()];
          this.#sessions.clear();
          for (const session of open) session.lost();
        },
      },
      { clock, log },
    );
  }

  get state(): EngineState {
    return this.#process.state;
  }

  settled(signal: AbortSignal): Promise<EngineState> {
    return this.#process.settled(signal);
  }

  open(decided: (voiced: boolean) => void, lost: () => void): VoiceStream | undefined {
    const { link } = this.#process;
    if (!link || this.state.state !== "ready") return undefined;
    const session = ++this.#lastSession;
    this.#sessions.set(session, { decided, lost });
    link.send("O", session);
    return {
      feed: (window) => link.send("A", session, samplesPayload(window)),
      close: () => {
        this.#sessions.delete(session);
        link.send("C", session);
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
