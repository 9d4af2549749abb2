import type { Clock } from "@sitebox/core/kernel";

const FRAME_MS = 20;
/** 160 samples of 16 bit. */
const FRAME_BYTES = 320;
const SILENCE = Buffer.alloc(FRAME_BYTES);
/** Half a second; what a driver writes beyond is lost, as in a modem. */
const MOST_BYTES = 25 * FRAME_BYTES;
/** A modem begins to play when it has this much, so that a driver's unevenness is not heard. */
const BEGIN_BYTES = 2 * FRAME_BYTES;

/** How a modem's port for sound misbehaves; nothing of it by default. */
export interface SoundMisbehaviour {
  /** What the far end says comes in bursts of so many ms. */
  readonly burstMs?: number;
  /** It comes in pieces that end within samples. */
  readonly oddSplits?: boolean;
  /** Every `everyMs` nothing comes for `forMs`, then all that was missed at once. */
  readonly stall?: { readonly everyMs: number; readonly forMs: number };
}

interface ScriptedSoundDeps {
  readonly clock: Clock;
  /** Towards the driver. */
  readonly write: (bytes: Uint8Array) => void;
  /** What the modem's user says, every 20 ms: 320 bytes. */
  readonly onSaid: (frame: Buffer) => void;
}

/** A scripted modem's sound in a call: what the network brings goes to the driver every 20 ms, what the driver writes is played out as fast. */
export class ScriptedSound implements Disposable {
  misbehaviour: SoundMisbehaviour = {};
  readonly #deps: ScriptedSoundDeps;
  readonly #startedAt: number;
  readonly #heard: Buffer[] = [];
  readonly #tones: Buffer[] = [];
  #toWrite: Buffer[] = [];
  #said = Buffer.alloc(0);
  #playing = false;
  #ticks = 0;
  #timer: Disposable | undefined;
  #over = false;

  constructor(deps: ScriptedSoundDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.monotonic();
    this.#schedule();
  }

  /** The network brings a frame; where it brings none, there is silence. */
  hear(frame: Buffer): void {
    if (this.#heard.length < 10) this.#heard.push(frame);
  }

  /** The network makes tones itself, in place of what the far end says. */
  insert(frames: readonly Buffer[]): void {
    this.#tones.push(...frames);
  }

  /** The driver writes. */
  take(bytes: Buffer): void {
    this.#said = Buffer.concat([this.#said, bytes]).subarray(0, MOST_BYTES);
    this.#playing ||= this.#said.length >= BEGIN_BYTES;
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#timer?.[Symbol.dispose]();
  }

  #schedule(): void {
    const dueAt = this.#startedAt + this.#ticks * FRAME_MS;
    this.#timer = this.#deps.clock.after(Math.max(0, dueAt - this.#deps.clock.monotonic()), () => this.#tick());
  }

  #tick(): void {
    this.#ticks += 1;
    this.#schedule();
    this.#play();
    const heard = this.#heard.shift();
    this.#toWrite.push(this.#tones.shift() ?? heard ?? SILENCE);
    if (!this.#stalls() && this.#toWrite.length * FRAME_MS >= (this.misbehaviour.burstMs ?? FRAME_MS)) this.#flush();
  }

  #stalls(): boolean {
    const { stall } = this.misbehaviour;
    return stall !== undefined && (this.#ticks * FRAME_MS) % stall.everyMs < stall.forMs;
  }

  #play(): void {
    const frame = this.#playing && this.#said.length >= FRAME_BYTES ? this.#said.subarray(0, FRAME_BYTES) : undefined;
    if (frame) this.#said = this.#said.subarray(FRAME_BYTES);
    else this.#playing = false;
    this.#deps.onSaid(frame ?? SILENCE);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#toWrite);
    this.#toWrite = [];
    if (!this.misbehaviour.oddSplits) {
      this.#deps.write(bytes);
      return;
    }
    // The second part comes by itself: a driver that takes each read for whole samples hears noise from here on.
    const at = 1 + 2 * Math.floor(bytes.length / 6);
    this.#deps.write(bytes.subarray(0, at));
    setImmediate(() => {
      if (!this.#over) this.#deps.write(bytes.subarray(at));
    });
  }
}
