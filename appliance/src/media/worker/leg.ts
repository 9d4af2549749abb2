import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import type { MediaStats } from "../media.ts";
import { mix } from "./mix.ts";
import { PlayQueue } from "./play-queue.ts";
import type { RecordingFile } from "./recording-file.ts";

/** How a leg's sound comes and goes: an RTP socket, or frames through the main process. */
export interface Carrier {
  /** Whether its time is running: frames are told once it is. */
  readonly isUp: boolean;
  readonly maySend: boolean;
  /** What came for one slot. The frame is good until the next call. */
  hear(behind: number): Int16Array;
  send(slot: number, frame: Int16Array | undefined): void;
  stats(): MediaStats;
  close(): Promise<void>;
}

/** What a link lets a leg hear in one slot. The frame is good until the next call. */
export type Heard = (behind: number) => Int16Array;

/** Frames that a port's writer may have ahead: ten seconds; past that the oldest go. */
const MAX_WRITTEN = 500;

const NOTHING: Int16Array = new Int16Array(FRAME_SAMPLES);

/** One leg in its worker: what it hears and says in each slot, and who else gets a copy. */
export class Leg {
  readonly id: number;
  readonly carrier: Carrier;
  readonly plays = new PlayQueue();
  readonly recordings = new Map<number, RecordingFile>();
  /** Whether the main process wants this leg's frames. */
  listening = false;
  /** What the far end said in the current slot. */
  heard: Int16Array = NOTHING;
  readonly #written: Int16Array[] = [];
  readonly #links = new Map<number, Heard>();
  readonly #farListeners = new Map<number, (frame: Int16Array) => void>();
  readonly #mixed: Int16Array = new Int16Array(FRAME_SAMPLES);
  readonly #parts: Int16Array[] = [];
  #upSince: number | undefined;

  constructor(id: number, carrier: Carrier) {
    this.id = id;
    this.carrier = carrier;
  }

  /** The leg's own time of a worker's slot, counted from when it was connected; nothing before that. */
  ownSlot(slot: number): number | undefined {
    if (this.#upSince === undefined && this.carrier.isUp) this.#upSince = slot;
    return this.#upSince === undefined ? undefined : slot - this.#upSince;
  }

  write(frame: Int16Array): void {
    if (this.#written.length >= MAX_WRITTEN) this.#written.shift();
    this.#written.push(frame);
  }

  flush(): void {
    this.plays.flush();
    this.#written.length = 0;
  }

  hear(behind: number): void {
    this.heard = this.carrier.isUp ? this.carrier.hear(behind) : NOTHING;
    for (const tell of this.#farListeners.values()) tell(this.heard);
  }

  /** What the far end is to hear in this slot: sounds, written frames and the links, mixed. Nothing is silence. */
  speak(): Int16Array | undefined {
    const parts = this.#parts;
    parts.length = 0;
    for (const heard of this.#links.values()) parts.push(heard(0));
    if (!this.carrier.maySend) return undefined;
    const played = this.plays.next();
    if (played) parts.push(played);
    const written = this.#written.shift();
    if (written) parts.push(written);
    return parts.length > 1 ? mix(parts, this.#mixed) : parts[0];
  }

  /** Lets a slot pass in which nothing is sent: what the links brought for it is not held up. */
  passOver(behind: number): void {
    for (const heard of this.#links.values()) heard(behind);
  }

  /** Hears what a link brings from now on. */
  link(link: number, heard: Heard): void {
    this.#links.set(link, heard);
  }

  /** Tells what this leg's far end says to a listener of another worker. */
  tellFar(link: number, tell: (frame: Int16Array) => void): void {
    this.#farListeners.set(link, tell);
  }

  /** Takes one end of a link away, whichever is here. */
  unlink(link: number): void {
    this.#links.delete(link);
    this.#farListeners.delete(link);
  }

  /** Says no more: whoever still hears it in this slot hears silence. Gives the links that it heard by. */
  end(): number[] {
    const links = [...this.#links.keys()];
    this.heard = NOTHING;
    this.#links.clear();
    this.#farListeners.clear();
    this.flush();
    return links;
  }
}
