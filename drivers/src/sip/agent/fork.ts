import { Branch, type BranchOptions, type BranchOutcome } from "./branch.ts";
import { outcomeOf } from "./causes.ts";
import type { Place } from "./place.ts";

export interface ForkOptions extends Omit<BranchOptions, "place" | "claim"> {
  readonly signal: AbortSignal;
}

type Refusal = Exclude<BranchOutcome, { type: "answered" }>;

/**
 * Rings every place at once. The first to answer has the call and the others stop ringing; when none does, the refusal that says
 * most is the outcome: busy before no answer before unreachable. Never rejects.
 */
export async function ringAll(places: readonly Place[], { signal, ...common }: ForkOptions): Promise<BranchOutcome> {
  let claimed = false;
  const claim = () => {
    const first = !claimed;
    claimed = true;
    return first;
  };
  const branches = places.map((place) => new Branch({ ...common, place, claim }));
  const cancelAll = () => {
    for (const branch of branches) branch.cancel();
  };
  signal.addEventListener("abort", cancelAll, { once: true });
  for (const branch of branches) void branch.start();
  if (signal.aborted) cancelAll();
  const outcome = await firstAnswer(branches);
  signal.removeEventListener("abort", cancelAll);
  cancelAll();
  return outcome;
}

/** Hears why a place that was rung in turn could not be reached, before the next is tried. */
export type OnFailed = (place: Place, reason: string) => void;

/** Rings one place after the other as long as they are not there: no answer at all, or not able to serve (RFC 3263 §4.3). Never rejects. */
export async function ringInTurn(places: readonly Place[], options: ForkOptions, onFailed: OnFailed): Promise<BranchOutcome> {
  let outcome: BranchOutcome = { type: "unreachable", reason: "nowhere to ring" };
  for (const place of places) {
    outcome = await ringAll([place], options);
    if (outcome.type === "answered" || options.signal.aborted) return outcome;
    if (outcome.type === "refused" && outcome.status !== 503) return outcome;
    onFailed(place, outcome.type === "refused" ? `503 ${outcome.reason ?? ""}`.trim() : outcome.reason);
  }
  return outcome;
}

async function firstAnswer(branches: readonly Branch[]): Promise<BranchOutcome> {
  const refusals: Refusal[] = [];
  const answered = branches.map(async ({ outcome }) => {
    const ended = await outcome;
    if (ended.type === "answered") return ended;
    refusals.push(ended);
    throw new Error("not answered");
  });
  return Promise.any(answered).catch(() => bestOf(refusals));
}

function bestOf(refusals: readonly Refusal[]): Refusal {
  const meaning = (refusal: Refusal) => (refusal.type === "refused" ? outcomeOf(refusal.status).type : "unreachable");
  for (const wanted of ["busy", "no-answer"]) {
    const found = refusals.find((refusal) => meaning(refusal) === wanted);
    if (found) return found;
  }
  return refusals[0] ?? { type: "unreachable", reason: "nowhere to ring" };
}
