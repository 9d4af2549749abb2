import { amplitudeOf } from "../../sound/index.ts";
import { cadenceOf, type Run } from "./cadence.ts";

const RATE = 8_000;
const FRAME_MS = 20;
/** The tone of Chinese exchanges is 450 Hz ±25 (GB/T 3380); one of the three is within 9 Hz of it. */
const TONE_HERTZ = [433, 450, 467];
/** Of a frame's power, what must be at 450 Hz. Speech has its harmonics; a frame that a tone fills only half does not count. */
const PURITY = 0.7;
const WEAKEST_TONE = powerOf(-39);
const WEAKEST_VOICE = powerOf(-38);
/** Frames in a row before a tone has begun or ended, so that a click, or 40 ms of pause in a stuttered dial tone, is neither. */
const AGREEING = 3;
const STEADY_MS = 500;
/** Between bursts of any tone but ring-back (GB/T 3380: 0.7 s of congestion). */
const LONGEST_PAUSE_MS = 820;
/** How many of the last half second's frames must hold sound that is no tone, to be somebody's voice, music or a prompt. */
const VOICE_FRAMES = 12;
const VOICE_WINDOW = 25;
/** The three tones before a recorded reason (ITU-T E.180 §6). */
const SPECIAL_HERTZ = [950, 1_400, 1_800];
const SPECIAL_FRAMES = 8;

/** What is heard on a line, once each time it is recognised. */
export type LineSound =
  /** 450 Hz without a pause for half a second: go ahead and dial, as long as nothing was dialled. */
  | "dial-tone"
  /** One burst of 1 s has ended. */
  | "ring-back"
  | "busy"
  | "congestion"
  /** 空号音, or the special information tone. */
  | "unobtainable"
  /** Sound that is no tone. Once until {@link LineSounds.reset}. */
  | "voice";

/** Mean power of a sine of so many dBm0. */
function powerOf(dbm0: number): number {
  return amplitudeOf(dbm0) ** 2 / 2;
}

/** The part of the frame's power at a frequency. */
function share(frame: Int16Array, hertz: number, power: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
  let before = 0;
  let last = 0;
  for (const sample of frame) {
    const next = sample + coefficient * last - before;
    before = last;
    last = next;
  }
  return (2 * (before * before + last * last - coefficient * before * last)) / (frame.length * frame.length * power);
}

function meanPower(frame: Int16Array): number {
  let power = 0;
  for (const sample of frame) power += sample * sample;
  return power / Math.max(1, frame.length);
}

/** Tells the tones of an exchange by their cadence, and apart from people. Takes frames of 20 ms. */
export class LineSounds {
  /** Ended runs of tone and of pause, the newest last. */
  #runs: Run[] = [];
  #on = false;
  #frames = 0;
  #powerSum = 0;
  /** Frames at the end of the present run that say it is over. */
  #against: number[] = [];
  #told: LineSound | undefined;
  #voiced: boolean[] = [];
  #voiceTold = false;
  #special = 0;
  #specialFrames = 0;

  /** Forgets what was heard, as after dialling. */
  reset(): void {
    this.#runs = [];
    this.#on = false;
    this.#frames = 0;
    this.#powerSum = 0;
    this.#against = [];
    this.#told = undefined;
    this.#voiced = [];
    this.#voiceTold = false;
    this.#special = 0;
    this.#specialFrames = 0;
  }

  /** A tone of 450 Hz is being heard, or bursts of it: what it is shows soon. */
  get hearsTone(): boolean {
    return this.#on || (this.#runs.at(-1)?.on === true && this.#frames * FRAME_MS < LONGEST_PAUSE_MS);
  }

  hear(frame: Int16Array): LineSound | undefined {
    const power = meanPower(frame);
    const isTone = power >= WEAKEST_TONE && TONE_HERTZ.some((hertz) => share(frame, hertz, power) >= PURITY);
    const sound = this.#follow(isTone, power) ?? (this.#hearSpecial(frame, power) ? "unobtainable" : undefined);
    const voice = this.#hearVoice(!isTone && power >= WEAKEST_VOICE);
    return sound ?? voice;
  }

  #follow(isTone: boolean, power: number): LineSound | undefined {
    if (isTone !== this.#on) {
      this.#against.push(power);
      if (this.#against.length < AGREEING) return undefined;
      return this.#turn();
    }
    this.#frames += 1 + this.#against.length;
    this.#powerSum += power + this.#against.reduce((sum, one) => sum + one, 0);
    this.#against = [];
    return this.#meanwhile();
  }

  /** A run has ended, and another begun with the frames that said so. */
  #turn(): LineSound | undefined {
    this.#runs.push({ on: this.#on, ms: this.#frames * FRAME_MS, power: this.#frames ? this.#powerSum / this.#frames : 0 });
    if (this.#runs.length > 12) this.#runs.shift();
    const ended = this.#runs.at(-1);
    this.#on = !this.#on;
    this.#frames = this.#against.length;
    this.#powerSum = this.#against.reduce((sum, one) => sum + one, 0);
    this.#against = [];
    this.#told = undefined;
    return ended?.on && ended.ms >= 800 && ended.ms <= 1_300 ? "ring-back" : undefined;
  }

  #meanwhile(): LineSound | undefined {
    const ms = this.#frames * FRAME_MS;
    const heard = this.#on
      ? ms >= STEADY_MS
        ? "dial-tone"
        : undefined
      : cadenceOf(this.#runs, { on: false, ms, power: this.#powerSum / this.#frames });
    if (heard === undefined || heard === this.#told) return undefined;
    this.#told = heard;
    return heard;
  }

  #hearVoice(isVoice: boolean): LineSound | undefined {
    this.#voiced.push(isVoice);
    if (this.#voiced.length > VOICE_WINDOW) this.#voiced.shift();
    if (this.#voiceTold || this.#voiced.filter(Boolean).length < VOICE_FRAMES) return undefined;
    this.#voiceTold = true;
    return "voice";
  }

  /** True when the last of the three tones, in their order, has lasted. */
  #hearSpecial(frame: Int16Array, power: number): boolean {
    const isAt = (step: number) => power >= WEAKEST_TONE && share(frame, SPECIAL_HERTZ[step] ?? 0, power) >= PURITY;
    if (isAt(this.#special)) this.#specialFrames += 1;
    else if (this.#specialFrames >= SPECIAL_FRAMES && this.#special < 2 && isAt(this.#special + 1)) {
      this.#special += 1;
      this.#specialFrames = 1;
    } else if (power >= WEAKEST_TONE && isAt(0)) {
      this.#special = 0;
      this.#specialFrames = 1;
    } else if (this.#specialFrames > 0 && this.#specialFrames < SPECIAL_FRAMES) this.#specialFrames = 0;
    const whole = this.#special === 2 && this.#specialFrames === SPECIAL_FRAMES;
    if (whole) this.#special = this.#specialFrames = 0;
    return whole;
  }
}
