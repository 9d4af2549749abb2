import { FRAME_SAMPLES } from "@sitebox/drivers/line";

export interface SoundEnded {
  readonly sound: number;
  readonly outcome: "finished" | "stopped";
  readonly playedSamples: number;
}

interface Sound {
  readonly id: number;
  readonly pieces: Int16Array[];
  /** Samples of the first piece that were played. */
  offset: number;
  left: number;
  played: number;
  complete: boolean;
  hungry: boolean;
}

/** A streamed sound is asked for more when less than half a second of it is left. */
const HUNGRY_BELOW = 25 * FRAME_SAMPLES;

/** The sounds to be played to one leg, one after the other without a gap between them. */
export class PlayQueue {
  readonly #sounds: Sound[] = [];
  readonly #ended: SoundEnded[] = [];

  /** Whether nothing is played, and nothing that was has not been told as ended. */
  get isQuiet(): boolean {
    return this.#sounds.length === 0 && this.#ended.length === 0;
  }

  add(id: number): void {
    this.#sounds.push({ id, pieces: [], offset: 0, left: 0, played: 0, complete: false, hungry: false });
  }

  /** Appends to a sound; `complete` says that nothing follows. A sound that has ended already is none of ours. */
  feed(id: number, samples: Int16Array, complete: boolean): void {
    const sound = this.#sounds.find((one) => one.id === id);
    if (!sound) return;
    if (samples.length > 0) sound.pieces.push(samples);
    sound.left += samples.length;
    sound.complete = complete;
    sound.hungry = !complete;
  }

  stop(id: number): void {
    const index = this.#sounds.findIndex((one) => one.id === id);
    if (index >= 0) for (const sound of this.#sounds.splice(index, 1)) this.#end(sound, "stopped");
  }

  flush(): void {
    for (const sound of this.#sounds.splice(0)) this.#end(sound, "stopped");
  }

  /** The next frame to be sent, or nothing while there is none. A stream that runs dry holds its place. */
  next(): Int16Array | undefined {
    if (this.#sounds.length === 0) return undefined;
    const frame = new Int16Array(FRAME_SAMPLES);
    let filled = 0;
    for (let sound = this.#sounds[0]; sound; sound = this.#sounds[0]) {
      if (!sound.complete && sound.left < FRAME_SAMPLES - filled) break;
      filled += take(sound, frame, filled);
      if (!sound.complete || sound.left > 0) break;
      this.#sounds.shift();
      this.#end(sound, "finished");
    }
    return filled > 0 ? frame : undefined;
  }

  /** The sounds that have ended since this was last asked. */
  ended(): SoundEnded[] {
    return this.#ended.splice(0);
  }

  /** The sounds that want their next piece, each told once for each piece that came. */
  hungry(): number[] {
    const wanting = this.#sounds.filter((sound) => sound.hungry && sound.left < HUNGRY_BELOW);
    for (const sound of wanting) sound.hungry = false;
    return wanting.map((sound) => sound.id);
  }

  #end(sound: Sound, outcome: SoundEnded["outcome"]): void {
    this.#ended.push({ sound: sound.id, outcome, playedSamples: sound.played });
  }
}

function take(sound: Sound, frame: Int16Array, from: number): number {
  let filled = 0;
  for (let piece = sound.pieces[0]; piece && from + filled < frame.length; piece = sound.pieces[0]) {
    const part = piece.subarray(sound.offset, sound.offset + frame.length - from - filled);
    frame.set(part, from + filled);
    filled += part.length;
    sound.offset += part.length;
    if (sound.offset < piece.length) continue;
    sound.pieces.shift();
    sound.offset = 0;
  }
  sound.left -= filled;
  sound.played += filled;
  return filled;
}
