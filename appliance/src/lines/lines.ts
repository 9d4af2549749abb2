import { EventEmitter } from "node:events";
import type { LineState, Trunk } from "@sitebox/drivers/line";

/** What carries lines to the outside: a driver with one or several of them. */
export interface LineSource {
  lines(): readonly LineState[];
  /** A line of those that it lists. */
  line(name: string): Pick<Trunk, "dial">;
  onLineChanged(listener: (state: LineState) => void): Disposable;
}

/** Facts about lines, for pages that show them. */
export interface LineEvents {
  /** A line came up, went down, or has more or fewer calls. */
  lineChanged: [LineState];
}

/** All lines to the outside, whatever carries them. */
export class Lines implements Disposable {
  readonly events = new EventEmitter<LineEvents>();
  readonly #sources: readonly LineSource[];
  readonly #listening = new DisposableStack();

  constructor(sources: readonly LineSource[]) {
    this.#sources = sources;
    for (const source of sources)
      this.#listening.use(source.onLineChanged((state) => void this.events.emit("lineChanged", state)));
  }

  /** In the order of their configuration. */
  states(): readonly LineState[] {
    return this.#sources.flatMap((source) => source.lines());
  }

  /** Undefined where no line has that name. */
  find(name: string): Pick<Trunk, "dial"> | undefined {
    return this.#sources.find((source) => source.lines().some((line) => line.name === name))?.line(name);
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
