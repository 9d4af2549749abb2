import { Channel, type Clock } from "@sitebox/core/kernel";
import { type AudioCounts, type AudioPort, FRAME_SAMPLES } from "./trunk.ts";

const FRAME_MS = 20;
/** A second of sound either way: who does not keep pace loses the oldest frames. */
const MAX_QUEUED = 50;

/**
 * The sound of a leg whose device keeps no pace of its own: a frame each way every 20 ms, from {@link PacedAudio.start} on, with silence towards
 * us where nothing has come.
 */
export class PacedAudio implements AudioPort {
  readonly #clock: Clock;
  readonly #say: (frame: Int16Array) => void;
  readonly #frames = new Channel<Int16Array>(MAX_QUEUED);
  readonly #heard: Int16Array[] = [];
  readonly #said: Int16Array[] = [];
  #timer: Disposable | undefined;
  #nextAt = 0;
  #state: "waiting" | "flowing" | "closed" = "waiting";
  #came = 0;
  #filled = 0;
  #dropped = 0;
  #unsaid = 0;

  /** `say` is given what goes to the device, at most a frame every 20 ms. */
  constructor(clock: Clock, say: (frame: Int16Array) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  get frames(): AsyncIterable<Int16Array> {
    return this.#frames;
  }

  get counts(): AudioCounts {
    return { came: this.#came, filled: this.#filled, dropped: this.#dropped, unsaid: this.#unsaid };
  }

  /** Sound flows from now on: the call was answered. */
  start(): void {
    if (this.#state !== "waiting") return;
    this.#state = "flowing";
    this.#nextAt = this.#clock.monotonic();
    this.#tick();
  }

  write(frame: Int16Array): void {
    if (this.#state === "closed") return;
    if (this.#said.push(frame) <= MAX_QUEUED) return;
    this.#said.shift();
    this.#unsaid += 1;
  }

  /** What the device says. */
  hear(frame: Int16Array): void {
    this.#came += 1;
    if (this.#heard.push(frame) <= MAX_QUEUED) return;
    this.#heard.shift();
    this.#dropped += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = "closed";
    this.#timer?.[Symbol.dispose]();
    this.#frames.close();
  }

  #tick(): void {
    const heard = this.#heard.shift();
    if (!heard) this.#filled += 1;
    this.#frames.push(heard ?? new Int16Array(FRAME_SAMPLES));
    const said = this.#said.shift();
    if (said) this.#say(said);
    this.#nextAt += FRAME_MS;
    this.#timer = this.#clock.after(Math.max(0, this.#nextAt - this.#clock.monotonic()), () => this.#tick());
  }
}
