import type { CycleFigures } from "./run.ts";

/** A line that was stuck, or something that was left open. */
export function isClean({ stuck, recoveryMs, cycles, descriptors: { up, closed } }: CycleFigures): boolean {
  return stuck.length === 0 && recoveryMs.length === cycles && up[1] <= up[0] && closed[1] <= closed[0];
}

const part = (sorted: readonly number[], share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** The figures as people read them. */
export function formatCycles(figures: CycleFigures): string {
  const { cycles, byTrouble, stuck, recoveryMs, descriptors, heap } = figures;
  const kinds = Object.entries(byTrouble).map(([trouble, count]) => `${count} ${trouble}`);
  return `${[
    `cycles                ${cycles} (${kinds.join(", ")})`,
    `came back             ${recoveryMs.length}`,
    `stuck                 ${stuck.length}${stuck.map((one) => `\n  ${one}`).join("")}`,
    `recovery              p50 ${part(recoveryMs, 0.5)} ms, p95 ${part(recoveryMs, 0.95)} ms, max ${part(recoveryMs, 1)} ms`,
    `descriptors, line up  ${descriptors.up[0]} before, ${descriptors.up[1]} after`,
    `descriptors, closed   ${descriptors.closed[0]} before, ${descriptors.closed[1]} after`,
    `heap, line up         ${mb(heap[0])} before, ${mb(heap[1])} after`,
  ].join("\n")}\n`;
}
