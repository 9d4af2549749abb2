import type { CallsConfig, Destination } from "@sitebox/core/contract";
import type { Numbers } from "./numbers.ts";

/** Where a call goes that an extension or a group did not take. */
export interface Leaving {
  readonly whenBusy: Destination;
  readonly otherwise: Destination;
  /** One of the two led back to where the call was, and leads to the assistant instead. */
  readonly circle: boolean;
}

export interface Destinations {
  /** `number` is an extension's or a group's. */
  leaving(number: string): Leaving;
  /** Numbers that lead to each other, each once: "600 → 8001 → 600". */
  readonly circles: readonly (readonly string[])[];
}

const assistant: Destination = { type: "assistant" };

/** Where each extension and group passes calls on to. Ways that lead in a circle are cut where they close it, so every call ends somewhere. */
export function readDestinations(calls: CallsConfig, extensions: readonly string[], numbers: Numbers): Destinations {
  const leavings = new Map<string, Leaving>();
  const circles: (readonly string[])[] = [];
  const way: string[] = [];

  /** The extension or group that a destination rings. */
  const next = (to: Destination): string | undefined => {
    if (to.type !== "number") return undefined;
    const meaning = numbers.meaningOf(to.number);
    if (meaning.type === "extension") return meaning.number;
    return meaning.type === "group" ? meaning.group.number : undefined;
  };
  const configured = (number: string): Pick<Leaving, "whenBusy" | "otherwise"> => {
    const group = calls.groups.find((one) => one.number === number);
    if (group) return { whenBusy: group.otherwise, otherwise: group.otherwise };
    const { whenBusy, whenUnanswered: otherwise = assistant } = calls.extensions[number] ?? {};
    return { whenBusy: whenBusy ?? otherwise, otherwise };
  };
  function visit(number: string): void {
    if (leavings.has(number)) return;
    way.push(number);
    let circle = false;
    const cut = (to: Destination): Destination => {
      const target = next(to);
      if (target === undefined) return to;
      const since = way.indexOf(target);
      if (since >= 0) {
        circle = true;
        const found = [...way.slice(since), target];
        if (!circles.some((known) => known.join() === found.join())) circles.push(found);
        return assistant;
      }
      visit(target);
      return to;
    };
    const { whenBusy, otherwise } = configured(number);
    leavings.set(number, { whenBusy: cut(whenBusy), otherwise: cut(otherwise), circle });
    way.pop();
  }

  for (const number of [...extensions, ...calls.groups.map((group) => group.number)]) visit(number);
  return {
    circles,
    leaving: (number) => leavings.get(number) ?? { whenBusy: assistant, otherwise: assistant, circle: false },
  };
}
