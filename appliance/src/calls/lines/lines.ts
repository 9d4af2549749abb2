import { EventEmitter } from "node:events";
import type { LineState, Trunk } from "@sitebox/drivers/line";

/** What carries lines to the outside: a driver with one or several of them. */
export interface LineSource {
  lines(): readonly LineState[];
  /** Undefined for a line of another source. */
  line(name: string): Pick<Trunk, "dial"> | undefined;
}

/** Facts about lines, for pages that show them. */
export interface LineEvents {
  lineChanged: [LineState];
}

/** All lines to the outside, whatever carries them. */
export class Lines {
  readonly events = new EventEmitter<LineEvents>();
  readonly #sources: readonly LineSource[];

  constructor(sources: readonly LineSource[]) {
    this.#sources = sources;
  }

  /** In the order of their configuration. */
  states(): readonly LineState[] {
    return this.#sources.flatMap((source) => source.lines());
  }

  find(name: string): Pick<Trunk, "dial"> | undefined {
    for (const source of this.#sources) {
      const line = source.line(name);
      if (line) return line;
    }
    return undefined;
  }

  /** To be told by whatever carries a line, when it comes up, goes down or takes a call. */
  changed(state: LineState): void {
    this.events.emit("lineChanged", state);
  }
}
