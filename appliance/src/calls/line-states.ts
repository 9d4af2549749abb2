import type { CallLeg } from "@sitebox/core/contract";

export type LineState = "idle" | "ringing" | "busy";

/** Which extensions ring or talk, as the records of the calls' sides have it: for the lamps of telephones. */
export class LineStates {
  /** By extension, the state of each leg that is not over. */
  readonly #legs = new Map<string, Map<string, Exclude<LineState, "idle">>>();
  readonly #listeners = new Set<(number: string) => void>();

  /** Who talks on one line is busy, whatever else rings. */
  of(number: string): LineState {
    const states = [...(this.#legs.get(number)?.values() ?? [])];
    return states.includes("busy") ? "busy" : (states[0] ?? "idle");
  }

  /** Takes a side's record, at each change of it. Sides on a line to the outside are not extensions. */
  take({ id, number, line, direction, answeredAt, endedAt }: CallLeg): void {
    const before = this.of(number);
    const legs = this.#legs.get(number) ?? new Map<string, "ringing" | "busy">();
    // Whoever calls cannot be reached either, although nobody has answered yet.
    if (endedAt === undefined && line === undefined)
      legs.set(id, direction === "in" || answeredAt !== undefined ? "busy" : "ringing");
    else legs.delete(id);
    if (legs.size > 0) this.#legs.set(number, legs);
    else this.#legs.delete(number);
    if (this.of(number) !== before) for (const listener of this.#listeners) listener(number);
  }

  /** Hears whose state has changed until the result is disposed. */
  onChanged(listener: (number: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
