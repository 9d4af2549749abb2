import { Channel } from "@sitebox/core/kernel";
import { type Digit, FRAME_SAMPLES } from "../../line/index.ts";
import { type CallerNumber, FskReceiver } from "../signals/index.ts";
import type { Socket, Terminal } from "./socket.ts";
import { keyFrames, voiceFrame } from "./sounds.ts";

/** A telephone, at an exchange's line or at a card. */
export class SimulatedTelephone implements Terminal {
  readonly #socket: Socket;
  readonly #receiver = new FskReceiver();
  #off = false;
  #playing: Int16Array[] = [];
  /** What is heard while the hook is off. One reader. */
  readonly heard = new Channel<Int16Array>(100);
  /** Each ring as it begins. One reader. */
  readonly rings = new Channel<"ring">();
  /** Numbers of callers as the display shows them. One reader. */
  readonly shown = new Channel<CallerNumber>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.plug(this);
  }

  liftUp(): void {
    this.#off = true;
    this.#socket.hook(true);
  }

  hangUp(): void {
    this.#off = false;
    this.#playing = [];
    this.#socket.hook(false);
  }

  flash(): void {
    this.#socket.flash();
  }

  press(digits: string): void {
    this.#playing.push(...keyFrames([...digits] as Digit[]));
  }

  /** Says something that is not a tone. */
  talk(ms: number): void {
    for (let at = 0; at < ms / 20; at++) this.#playing.push(voiceFrame(at));
  }

  say(frame: Int16Array): void {
    this.#playing.push(frame);
  }

  /** Resolves at the next ring. */
  async ringing(): Promise<void> {
    for await (const _ of this.rings) return;
  }

  ring(on: boolean): void {
    if (on) this.rings.push("ring");
  }

  polarity(): void {}
  loopOpen(): void {}

  hear(frame: Int16Array): void {
    if (this.#off) {
      this.heard.push(frame);
      this.#socket.say(this.#playing.shift() ?? new Int16Array(FRAME_SAMPLES));
      return;
    }
    const one = this.#receiver.hear(frame);
    if (one?.type === "caller") this.shown.push(one.caller);
  }
}
