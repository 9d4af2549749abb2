import type { Clock } from "@sitebox/core/kernel";

// Browsers before 2025 lack the symbol that everything closable is closed by.
if (!Reflect.has(Symbol, "dispose")) Object.defineProperty(Symbol, "dispose", { value: Symbol.for("Symbol.dispose") });

/** The kernel's clock as a browser has it. */
export const browserClock: Pick<Clock, "now" | "after"> = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
