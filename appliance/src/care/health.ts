import type { BoxHealth, PartHealth } from "@sitebox/core/contract";

export type PartState = Omit<PartHealth, "name">;

/** One part of the box and how to ask it. Without an essential one the box does not do its work. */
export interface HealthProbe {
  readonly name: string;
  readonly essential: boolean;
  state(): PartState | Promise<PartState>;
}

async function ask({ name, state }: HealthProbe): Promise<PartHealth> {
  try {
    return { name, ...(await state()) };
  } catch (error) {
    return { name, state: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The box is as well as its parts: failed without an essential one, degraded with anything else amiss. Absent parts are not missed. */
export async function aggregate(
  probes: readonly HealthProbe[],
  box: Pick<BoxHealth, "box" | "site" | "software">,
): Promise<BoxHealth> {
  const parts = await Promise.all(probes.map(ask));
  const failed = parts.some(({ state }, i) => state === "failed" && probes[i]?.essential);
  const amiss = parts.some(({ state }) => state !== "ok" && state !== "absent");
  return { state: failed ? "failed" : amiss ? "degraded" : "ok", ...box, parts };
}
