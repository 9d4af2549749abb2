import type { Clock } from "@sitebox/core/kernel";
import type { Digit } from "../../line/index.ts";
import { KeyDetector } from "../../sound/index.ts";
import { encodeCallerMessage, fskSound } from "../signals/index.ts";
import { pace } from "./pacer.ts";
import type { Socket, Terminal } from "./socket.ts";
import { cut, keyFrames, silentFrames, type ToneName, toneFrame, voiceFrame } from "./sounds.ts";

export interface LineTraits {
  /** How callers' numbers come to this line. */
  readonly callerId?: "fsk" | "fsk-sdmf" | "dtmf-before" | "dtmf-between" | "broken" | "none";
  /** Its own number is not shown to others. */
  readonly withheld?: boolean;
  /** Answer and hang-up are told by polarity, beside the busy tone. */
  readonly polarity?: boolean;
  readonly dialTone?: boolean;
  /** What callers of this line hear while it rings. */
  readonly ringBack?: "tone" | "music";
}

const RING_FRAMES = 50;
const RING_PERIOD = 250;
/** From the end of the first ring to the number. */
const NUMBER_AFTER = 30;
const SILENCE = new Int16Array(160);

type State =
  | { readonly name: "idle" }
  | { readonly name: "dialling"; digits: string }
  | { readonly name: "calling"; readonly peer: ExchangeLine }
  | { readonly name: "ringing"; readonly peer: ExchangeLine }
  | { readonly name: "talking"; readonly peer: ExchangeLine }
  | { readonly name: "tone"; readonly tone: ToneName };

/** A line of the exchange, as one pair of wires. */
export class ExchangeLine implements Socket {
  readonly number: string;
  readonly traits: LineTraits;
  readonly #exchange: SimulatedExchange;
  #terminal: Terminal | undefined;
  #state: State = { name: "idle" };
  /** Frames since the state began. */
  #at = 0;
  /** Goes to the terminal before anything else. */
  #playing: Int16Array[] = [];
  readonly #said: Int16Array[] = [];
  #keys = new KeyDetector();
  flashes = 0;

  constructor(number: string, traits: LineTraits, exchange: SimulatedExchange) {
    this.number = number;
    this.traits = traits;
    this.#exchange = exchange;
  }

  get state(): State["name"] {
    return this.#state.name;
  }

  plug(terminal: Terminal): void {
    this.#terminal = terminal;
  }

  hook(off: boolean): void {
    const state = this.#state;
    if (off && state.name === "idle") this.#turn({ name: "dialling", digits: "" });
    else if (off && state.name === "ringing") {
      state.peer.#turn({ name: "talking", peer: this });
      if (state.peer.traits.polarity) state.peer.#terminal?.polarity();
      this.#turn({ name: "talking", peer: state.peer });
    } else if (!off && state.name !== "ringing") this.#hangUp();
  }

  /** What comes from the terminal while its hook is off. */
  say(frame: Int16Array): void {
    const state = this.#state;
    if (state.name === "talking") {
      state.peer.#said.push(frame);
      if (state.peer.#said.length > 10) state.peer.#said.shift();
      return;
    }
    if (state.name !== "dialling") return;
    const key = this.#keys.hear(frame);
    if (key === undefined) return;
    state.digits += key;
    this.#exchange.route(this, state.digits);
  }

  flash(): void {
    this.flashes += 1;
  }

  /** Rings `peer`, whose caller this is. */
  call(peer: ExchangeLine): void {
    if (peer.#state.name !== "idle") {
      this.fail("busy");
      return;
    }
    this.#turn({ name: "calling", peer });
    peer.#turn({ name: "ringing", peer: this });
    if (peer.traits.callerId === "dtmf-before")
      peer.#playing = [...silentFrames(10), ...keyFrames(peer.#shown(this)), ...silentFrames(15)];
  }

  /** Gives a tone in place of a call. */
  fail(tone: ToneName): void {
    this.#turn({ name: "tone", tone });
  }

  /** The exchange opens the loop, as some do when the far end has hung up. */
  openLoop(): void {
    this.#terminal?.loopOpen();
  }

  tick(): void {
    const played = this.#playing.shift();
    if (this.#state.name === "ringing" && !played) this.#ring(this.#state.peer);
    this.#terminal?.hear(played ?? this.#sound());
    if (!played) this.#at += 1;
  }

  #sound(): Int16Array {
    const state = this.#state;
    switch (state.name) {
      case "dialling":
        return state.digits === "" && this.traits.dialTone !== false ? toneFrame("dial", this.#at) : SILENCE;
      case "calling":
        return state.peer.traits.ringBack === "music" ? voiceFrame(this.#at) : toneFrame("ring-back", this.#at);
      case "talking":
        return this.#said.shift() ?? SILENCE;
      case "tone":
        return toneFrame(state.tone, this.#at);
      default:
        return SILENCE;
    }
  }

  #ring(peer: ExchangeLine): void {
    const at = this.#at % RING_PERIOD;
    if (at === 0) this.#terminal?.ring(true);
    if (at === RING_FRAMES) this.#terminal?.ring(false);
    if (this.#at === RING_FRAMES + 1) this.#sendNumber(peer);
  }

  #sendNumber(caller: ExchangeLine): void {
    const { callerId = "fsk" } = this.traits;
    if (callerId === "dtmf-between") this.#playing = [...silentFrames(NUMBER_AFTER), ...keyFrames(this.#shown(caller))];
    if (!callerId.startsWith("fsk") && callerId !== "broken") return;
    const who = caller.traits.withheld ? ({ number: "", withheld: "private" } as const) : { number: caller.number };
    const sound = fskSound(encodeCallerMessage(who, "11211530", callerId === "fsk-sdmf" ? "sdmf" : "mdmf"));
    if (callerId === "broken") sound.fill(0, sound.length - 400);
    this.#playing = [...silentFrames(NUMBER_AFTER), ...cut(sound)];
    // The rest of the pause is counted from here on, so that rings keep their 5 s.
    this.#at += this.#playing.length;
  }

  #shown(caller: ExchangeLine): readonly Digit[] {
    return [...(caller.traits.withheld ? "D1C" : `D${caller.number}C`)] as Digit[];
  }

  #hangUp(): void {
    const state = this.#state;
    this.#turn({ name: "idle" });
    if (state.name === "calling") {
      // A ring that is cut off ends like any other.
      if (state.peer.#at % RING_PERIOD <= RING_FRAMES) state.peer.#terminal?.ring(false);
      state.peer.#turn({ name: "idle" });
    } else if (state.name === "talking") {
      state.peer.fail("busy");
      if (state.peer.traits.polarity) state.peer.#terminal?.polarity();
    }
  }

  #turn(state: State): void {
    this.#state = state;
    this.#at = 0;
    this.#playing = [];
    this.#said.length = 0;
    this.#keys = new KeyDetector();
  }
}

/** An exchange with lines that call each other, in real time. */
export class SimulatedExchange implements Disposable {
  readonly #lines = new Map<string, ExchangeLine>();
  readonly #pacing: Disposable;

  constructor(clock: Clock) {
    this.#pacing = pace(clock, () => {
      for (const line of this.#lines.values()) line.tick();
    });
  }

  line(number: string, traits: LineTraits = {}): ExchangeLine {
    const line = new ExchangeLine(number, traits, this);
    this.#lines.set(number, line);
    return line;
  }

  /** Digits were dialled: another may follow as long as some number goes on so. */
  route(from: ExchangeLine, digits: string): void {
    const peer = this.#lines.get(digits);
    if (peer && peer !== from) from.call(peer);
    else if (![...this.#lines.keys()].some((number) => number.startsWith(digits))) from.fail("unobtainable");
  }

  [Symbol.dispose](): void {
    this.#pacing[Symbol.dispose]();
  }
}
