/** What hangs at the end of two wires: a port of a card that goes to an exchange, or a telephone. */
export interface Terminal {
  ring(on: boolean): void;
  /** The polarity has turned. */
  polarity(): void;
  /** The exchange has opened the loop for a moment. */
  loopOpen(): void;
  /** 20 ms of sound, at its pace whether the hook is on or off. */
  hear(frame: Int16Array): void;
}

/** What two wires come out of: an exchange's line, or a port of a card for telephones. */
export interface Socket {
  plug(terminal: Terminal): void;
  hook(off: boolean): void;
  say(frame: Int16Array): void;
  flash(): void;
}
