import { EventEmitter } from "node:events";
import type { LineState, Trunk } from "@sitebox/drivers/line";

/** What carries lines to the outside: a driver with one or several of them. */
export interface LineSource {
  lines(): readonly LineState[];
  /** A line of those that it lists. */
  line(name: string): Pick<Trunk, "dial">;
  onLineChanged(listener: (state: LineState) => void): Disposable;
  /** Why a line may make no call now, although it is up: it has done what it may. Not asked for emergency numbers. */
  limited?(name: string): string | undefined;
  /** What a call to that number costs by a line, to compare lines by. Absent: nothing. */
  price?(name: string, number: string): number;
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
    return this.#sourceOf(name)?.line(name);
  }

  limited(name: string): string | undefined {
    return this.#sourceOf(name)?.limited?.(name);
  }

  price(name: string, number: string): number {
    return this.#sourceOf(name)?.price?.(name, number) ?? 0;
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #sourceOf(name: string): LineSource | undefined {
    return this.#sources.find((source) => source.lines().some((line) => line.name === name));
  }
}

/** The lines of a source that have these names: the others it carries for somebody else. */
export function onlyLines(source: LineSource, names: readonly string[]): LineSource {
  const mine = ({ name }: Pick<LineState, "name">) => names.includes(name);
  return {
    lines: () => source.lines().filter(mine),
    line: (name) => source.line(name),
    onLineChanged: (listener) =>
      source.onLineChanged((state) => {
        if (mine(state)) listener(state);
      }),
  };
}
