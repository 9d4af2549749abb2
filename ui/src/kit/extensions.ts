import type { Call, ExtensionState } from "@sitebox/core/contract";

export type Presence = "free" | "busy" | "quiet" | "absent";

/** Numbers that a call of the box is with at present. */
export const busyNumbers = (calls: readonly Call[]): ReadonlySet<string> =>
  new Set(
    calls
      .filter(({ state }) => state !== "ended")
      .flatMap(({ callerNumber, dialled, state }) => (state === "extension" ? [callerNumber, dialled] : [callerNumber])),
  );

/** Whether an extension can be rung: "quiet" wants not to be disturbed, "absent" has no telephone registered. */
export function presenceOf(extension: ExtensionState, busy: ReadonlySet<string>): Presence {
  if (!extension.registered) return "absent";
  if (extension.doNotDisturb === true) return "quiet";
  return busy.has(extension.number) ? "busy" : "free";
}

const order: readonly Presence[] = ["free", "busy", "quiet", "absent"];

/** Extensions that fit what was typed, who can be rung first. */
export function findExtensions(
  extensions: readonly ExtensionState[],
  typed: string,
  busy: ReadonlySet<string>,
): { readonly extension: ExtensionState; readonly presence: Presence }[] {
  const wanted = typed.trim().toLowerCase();
  return extensions
    .filter(({ number, displayName }) => number.includes(wanted) || displayName.toLowerCase().includes(wanted))
    .map((extension) => ({ extension, presence: presenceOf(extension, busy) }))
    .sort(
      (a, b) => order.indexOf(a.presence) - order.indexOf(b.presence) || a.extension.number.localeCompare(b.extension.number),
    );
}
