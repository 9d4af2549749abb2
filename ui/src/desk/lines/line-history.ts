import type { LineChange } from "@sitebox/core/contract";

type Config = NonNullable<LineChange["after"]>;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Each number of a line with the one it is registered to, as one can read it: "13900000001 · Lakeside Hotel". */
export function registerOf(config: Config | undefined): string[] {
  const ports = Array.isArray(config?.ports) ? config.ports : [];
  const registered = [config?.sim, ...ports.filter(isObject).map(({ sim, line }) => sim ?? line)].filter(isObject);
  const numbers = Array.isArray(config?.numbers) ? config.numbers : [];
  return [...registered.map(({ number, owner }) => [number, owner].filter(Boolean).join(" · ")), ...numbers.map(String)];
}

/** What a change did to the register: which entries went and which came. Both are empty where it was about something else. */
export function registerChange({ before, after }: Pick<LineChange, "before" | "after">): { went: string[]; came: string[] } {
  const [was, is] = [registerOf(before), registerOf(after)];
  return { went: was.filter((one) => !is.includes(one)), came: is.filter((one) => !was.includes(one)) };
}
