import type { HelperLink } from "../link/index.ts";
import type { ExchangeLine, Terminal } from "../testing/index.ts";

/**
 * Joins a line of the simulated exchange with a telephone's port of the kernel, so that the exchange is at the other end of a port that is looped
 * to it. Its polarity is not carried: these spans have none.
 */
export class ExchangeWire implements Terminal, AsyncDisposable {
  readonly #link: HelperLink;
  readonly #channel: number;
  readonly #listening: Disposable;
  #off = false;

  private constructor(link: HelperLink, channel: number, line: ExchangeLine) {
    this.#link = link;
    this.#channel = channel;
    this.#listening = link.listen(channel, {
      event: ([word]) => {
        if (word !== "off-hook" && word !== "on-hook") return;
        this.#off = word === "off-hook";
        line.hook(this.#off);
      },
      audio: (samples) => {
        if (this.#off) line.say(samples);
      },
    });
    line.plug(this);
  }

  static async open(link: HelperLink, channel: number, line: ExchangeLine): Promise<ExchangeWire> {
    const wire = new ExchangeWire(link, channel, line);
    await link.ask(channel, "open fxs");
    return wire;
  }

  ring(on: boolean): void {
    void this.#link.ask(this.#channel, on ? "ring on" : "ring off");
  }

  polarity(): void {}

  loopOpen(): void {
    void this.#link.ask(this.#channel, "hook on");
  }

  hear(frame: Int16Array): void {
    this.#link.send(this.#channel, frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link.ask(this.#channel, "close");
    this.#listening[Symbol.dispose]();
  }
}
