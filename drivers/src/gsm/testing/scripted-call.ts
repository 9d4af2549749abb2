/** One side of a scripted call: a modem, or a telephone of the test's own. */
export interface ScriptedParty {
  readonly number: string;
  /** A call comes in. Answers the cause (Q.850) where it is refused at once. */
  rung(call: ScriptedCall): number | undefined;
  /** The other side is rung, or has answered. */
  moved(call: ScriptedCall): void;
  /** It is over for both sides. */
  over(call: ScriptedCall, cause: number): void;
  /** 20 ms of sound from the other side. */
  hear(call: ScriptedCall, frame: Buffer): void;
  /** A key from the other side. */
  pressed(call: ScriptedCall, key: string): void;
}

/** A call through the scripted network. */
export class ScriptedCall {
  readonly from: ScriptedParty;
  readonly to: ScriptedParty;
  /** What the called side is shown; empty where the caller withholds it. */
  readonly shown: string;
  #state: "dialling" | "alerting" | "active" | "over" = "dialling";

  constructor(from: ScriptedParty, to: ScriptedParty, shown: string) {
    this.from = from;
    this.to = to;
    this.shown = shown;
  }

  get state(): "dialling" | "alerting" | "active" | "over" {
    return this.#state;
  }

  /** Rings at the called side. */
  ring(): void {
    if (this.#state !== "dialling") return;
    const refused = this.to.rung(this);
    if (refused === undefined) {
      this.#state = "alerting";
      this.from.moved(this);
    } else this.end(refused);
  }

  answer(): void {
    if (this.#state !== "alerting") return;
    this.#state = "active";
    this.from.moved(this);
    this.to.moved(this);
  }

  end(cause: number): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.from.over(this, cause);
    this.to.over(this, cause);
  }

  /** Sound to the other side; before the answer only the called side is heard. */
  say(by: ScriptedParty, frame: Buffer): void {
    const heard = this.#state === "active" || (this.#state === "alerting" && by === this.to);
    if (heard) this.#other(by).hear(this, frame);
  }

  press(by: ScriptedParty, key: string): void {
    if (this.#state === "active") this.#other(by).pressed(this, key);
  }

  #other(side: ScriptedParty): ScriptedParty {
    return side === this.from ? this.to : this.from;
  }
}
