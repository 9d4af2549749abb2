import { type Digit, FRAME_SAMPLES } from "@sitebox/drivers/line";
import { keyTone } from "@sitebox/drivers/sound";
import { formatEvent } from "./telephone-event.ts";

/** What takes the place of sound in one slot while keys are pressed. */
export type Pressed =
  /** A telephone event; its time is that of `startSlot`, when the key went down (RFC 4733 §2.2.1). */
  | { readonly type: "event"; readonly payload: Uint8Array; readonly startSlot: number; readonly first: boolean }
  | { readonly type: "tone"; readonly samples: Int16Array }
  /** Neither sound nor key: between two keys. */
  | { readonly type: "pause" };

type Pressing =
  | { readonly way: "event"; readonly digit: Digit; readonly startSlot: number; told: number; ends: number }
  | { readonly way: "tone"; readonly digit: Digit; frames: number };

/** A key is down for 100 ms and up for 60: slots are whole, and at least 50 are wanted. */
const DOWN_SLOTS = 5;
const KEY_SLOTS = 8;
/** The end of an event is said three times, in case it is lost (RFC 4733 §2.5.1.4). */
const ENDS = 3;
/** A string dialled after a call was answered is shorter than this; more is somebody's mistake. */
const MAX_WAITING = 256;

const PAUSE: Pressed = { type: "pause" };
const SILENCE: Pressed = { type: "tone", samples: new Int16Array(FRAME_SAMPLES) };

/** The keys that are pressed at our end, one after the other: as telephone events, or as tones where the far end takes no events. */
export class KeyPresses {
  readonly #waiting: Digit[] = [];
  #now: Pressing | undefined;

  get isBusy(): boolean {
    return this.#now !== undefined || this.#waiting.length > 0;
  }

  /** Queues keys. Gives how many were too many and are dropped. */
  press(digits: readonly Digit[]): number {
    const room = Math.max(0, MAX_WAITING - this.#waiting.length);
    this.#waiting.push(...digits.slice(0, room));
    return Math.max(0, digits.length - room);
  }

  /** What is to be sent in `slot` instead of sound; nothing when no key is pressed. The way of a key is settled when it goes down. */
  next(slot: number, way: Pressing["way"]): Pressed | undefined {
    if (this.#now && this.#isOver(this.#now, slot)) this.#now = undefined;
    if (!this.#now) {
      const digit = this.#waiting.shift();
      if (digit === undefined) return undefined;
      this.#now = way === "event" ? { way, digit, startSlot: slot, told: 0, ends: 0 } : { way, digit, frames: 0 };
    }
    return this.#now.way === "event" ? this.#event(this.#now, slot) : this.#tone(this.#now);
  }

  /** An event lasts by the clock; a tone that lost slots would be too short, so it lasts by what was sent of it. */
  #isOver(pressing: Pressing, slot: number): boolean {
    if (pressing.way === "tone") return pressing.frames >= KEY_SLOTS;
    return pressing.ends >= ENDS && slot - pressing.startSlot >= KEY_SLOTS;
  }

  #event(pressing: Pressing & { way: "event" }, slot: number): Pressed {
    const slots = Math.min(slot - pressing.startSlot + 1, DOWN_SLOTS);
    const end = slots === DOWN_SLOTS;
    if (end && pressing.ends++ >= ENDS) return PAUSE;
    const first = pressing.told++ === 0;
    const payload = formatEvent(pressing.digit, { end, duration: slots * FRAME_SAMPLES });
    return { type: "event", payload, startSlot: pressing.startSlot, first };
  }

  #tone(pressing: Pressing & { way: "tone" }): Pressed {
    const frame = pressing.frames++;
    if (frame >= DOWN_SLOTS) return SILENCE;
    return { type: "tone", samples: keyTone(pressing.digit, frame * FRAME_SAMPLES, FRAME_SAMPLES) };
  }
}
