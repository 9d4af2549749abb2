import type { Digit } from "../../line/index.ts";
import type { Socket, Terminal } from "./socket.ts";
import { keyFrames, silentFrames, type ToneName, toneFrame } from "./sounds.ts";

/** How a channel tells the driver, while it is open. */
export interface ChannelVoice {
  event(words: string): void;
  audio(frame: Int16Array): void;
}

const MAX_EARLY = 3;
const SILENCE = new Int16Array(160);

/** What the two kinds of channel have in common: sound from the driver, and whether anybody listens. */
abstract class CardChannel {
  voice: ChannelVoice | undefined;
  alarm: string | undefined;
  removed = false;
  /** Frames that the driver sent too early, and that were wanted and not there. */
  lost = 0;
  #waiting: Int16Array[] = [];

  abstract readonly kind: "fxo" | "fxs";
  /** Carries out control words. Gives what "failed" is followed by, or undefined. */
  abstract obey(words: readonly string[]): string | undefined;
  protected abstract release(): void;

  take(frame: Int16Array): void {
    this.#waiting.push(frame);
    if (this.#waiting.length <= MAX_EARLY) return;
    this.#waiting.shift();
    this.lost += 1;
  }

  close(): void {
    this.voice = undefined;
    this.#waiting = [];
    this.release();
  }

  protected next(): Int16Array {
    return this.#waiting.shift() ?? SILENCE;
  }
}

/** A port that goes to an exchange. */
export class FxoChannel extends CardChannel implements Terminal {
  readonly kind = "fxo";
  readonly #line: Socket;
  #off = false;
  #dialling: Int16Array[] | undefined;

  constructor(line: Socket) {
    super();
    this.#line = line;
    line.plug(this);
  }

  get offHook(): boolean {
    return this.#off;
  }

  obey([word, detail = ""]: readonly string[]): string | undefined {
    switch (word) {
      case "hook":
        this.#hook(detail === "off");
        return undefined;
      case "flash":
        this.#line.flash();
        return undefined;
      case "dial":
        this.#dialling = [...detail].flatMap((key) => (key === "w" ? silentFrames(25) : keyFrames([key as Digit])));
        return undefined;
      case "gain":
      case "echo":
        return undefined;
      default:
        return `unknown ${word}`;
    }
  }

  ring(on: boolean): void {
    this.voice?.event(on ? "ring-begin" : "ring-end");
  }

  polarity(): void {
    this.voice?.event("polarity");
  }

  loopOpen(): void {
    this.voice?.event("on-hook");
  }

  hear(frame: Int16Array): void {
    if (this.removed) return;
    this.voice?.audio(frame);
    const said = this.next();
    if (!this.#off) return;
    this.#line.say(this.#dialling?.shift() ?? said);
    if (this.#dialling?.length !== 0) return;
    this.#dialling = undefined;
    this.voice?.event("dial-complete");
  }

  protected release(): void {
    this.#dialling = undefined;
    this.#hook(false);
  }

  #hook(off: boolean): void {
    if (this.#off === off) return;
    this.#off = off;
    this.#line.hook(off);
  }
}

/** A port for a telephone. */
export class FxsChannel extends CardChannel implements Socket {
  readonly kind = "fxs";
  #telephone: Terminal | undefined;
  #off = false;
  #tone: ToneName | undefined;
  #at = 0;
  #ringAt: number | undefined;
  #transferFrames = 0;
  #said: Int16Array = SILENCE;

  plug(telephone: Terminal): void {
    this.#telephone = telephone;
  }

  hook(off: boolean): void {
    this.#off = off;
    if (off) this.#ringAt = undefined;
    this.voice?.event(off ? "off-hook" : "on-hook");
  }

  flash(): void {
    this.voice?.event("flash");
  }

  say(frame: Int16Array): void {
    this.#said = frame;
  }

  obey([word, detail = ""]: readonly string[]): string | undefined {
    switch (word) {
      case "ring":
        this.#ringAt = detail === "on" ? 0 : undefined;
        return undefined;
      case "tone":
        this.#tone = detail === "none" ? undefined : (detail as ToneName);
        this.#at = 0;
        return undefined;
      case "on-hook-transfer":
        this.#transferFrames = Number(detail) / 20;
        return undefined;
      case "polarity":
      case "gain":
      case "echo":
        return undefined;
      default:
        return `unknown ${word}`;
    }
  }

  /** 20 ms pass at the card. */
  tick(): void {
    if (this.removed) return;
    this.#ring();
    const said = this.next();
    const heard = this.#tone ? toneFrame(this.#tone, this.#at++) : said;
    this.#said = SILENCE;
    const reaches = this.#off || this.#transferFrames > 0;
    if (this.#transferFrames > 0) this.#transferFrames -= 1;
    this.#telephone?.hear(reaches ? heard : SILENCE);
    this.voice?.audio(this.#said);
  }

  protected release(): void {
    this.#tone = undefined;
    this.#ringAt = undefined;
  }

  #ring(): void {
    if (this.#ringAt === undefined) return;
    if (this.#ringAt % 250 === 0) {
      this.#telephone?.ring(true);
      this.voice?.event("ringer-on");
    }
    if (this.#ringAt % 250 === 50) {
      this.#telephone?.ring(false);
      this.voice?.event("ringer-off");
    }
    this.#ringAt += 1;
  }
}
