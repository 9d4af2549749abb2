import type { MessagePort } from "node:worker_threads";
import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import type { MediaStats } from "../media.ts";
import { FrameInbox } from "./frame-inbox.ts";
import { PlayQueue } from "./play-queue.ts";
import type { RecordingFile } from "./recording-file.ts";

/** How a leg's sound comes and goes: an RTP socket, or frames through the main thread. */
export interface Carrier {
  /** Whether its time is running: frames are told once it is. */
  readonly isUp: boolean;
  readonly maySend: boolean;
  hear(behind: number): Int16Array;
  send(slot: number, frame: Int16Array | undefined): void;
  stats(): MediaStats;
  close(): Promise<void>;
}

/** The other half of a bridge. */
interface Peer {
  /** What the other side said in this slot. */
  frame(behind: number): Int16Array;
  /** Hands over what this side said. */
  hand?(frame: Int16Array): void;
  leave(): void;
}

/** Frames that a port's writer may have ahead: ten seconds; past that the oldest go. */
const MAX_WRITTEN = 500;

const NOTHING: Int16Array = new Int16Array(FRAME_SAMPLES);

/** One leg in its worker: what it hears and says in each slot, and who else gets a copy. */
export class Leg {
  readonly id: number;
  readonly carrier: Carrier;
  readonly plays = new PlayQueue();
  readonly recordings = new Map<number, RecordingFile>();
  /** Whether the main thread wants this leg's frames. */
  listening = false;
  /** What the far end said in the current slot. */
  heard: Int16Array = NOTHING;
  readonly #written: Int16Array[] = [];
  #upSince: number | undefined;
  #peer: Peer | undefined;

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
    this.#peer?.hand?.(this.heard);
  }

  /** What the far end is to hear in this slot: sounds, written frames and the bridge, mixed. Nothing is silence. */
  speak(): Int16Array | undefined {
    const bridged = this.#peer?.frame(0);
    if (!this.carrier.maySend) return undefined;
    return mixed(mixed(this.plays.next(), this.#written.shift()), bridged);
  }

  /** Lets a slot pass in which nothing is sent: what the bridge brought for it is not held up. */
  passOver(behind: number): void {
    this.#peer?.frame(behind);
  }

  bridgeTo(other: Leg): void {
    const mine: Peer = { frame: () => other.heard, leave: () => other.#forget(theirs) };
    const theirs: Peer = { frame: () => this.heard, leave: () => this.#forget(mine) };
    this.#join(mine);
    other.#join(theirs);
  }

  /** Bridges to a leg of another worker by the port between the two. */
  bridgeAcross(port: MessagePort): void {
    const inbox = new FrameInbox();
    port.on("message", (frame: Int16Array) => inbox.push(frame));
    const peer: Peer = {
      frame: (behind) => inbox.pull(behind),
      hand: (frame) => port.postMessage(frame),
      leave: () => port.close(),
    };
    // The other side has left, or its worker has died.
    port.on("close", () => this.#forget(peer));
    this.#join(peer);
  }

  unbridge(): void {
    const peer = this.#peer;
    this.#peer = undefined;
    peer?.leave();
  }

  #join(peer: Peer): void {
    this.unbridge();
    this.#peer = peer;
  }

  #forget(peer: Peer): void {
    if (this.#peer === peer) this.#peer = undefined;
  }
}

function mixed(a: Int16Array | undefined, b: Int16Array | undefined): Int16Array | undefined {
  if (!a || !b) return a ?? b;
  return a.map((sample, i) => Math.max(-32_768, Math.min(32_767, sample + (b[i] ?? 0))));
}
