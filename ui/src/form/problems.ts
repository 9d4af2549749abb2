import type { z } from "zod";
import type { Field } from "./fields.ts";
import type { FormWords, Texts } from "./words.ts";

/** One thing that is wrong with a field, by the schema or by what the server answered. */
export type FormIssue = z.core.$ZodIssue | { readonly code: "server"; readonly message: string };

/** "ports.0.sim.number" */
export const atOf = (path: readonly PropertyKey[]): string => path.map(String).join(".");

/** Issues by where they are; the first at a place counts. */
export function byPlace(issues: readonly z.core.$ZodIssue[]): ReadonlyMap<string, z.core.$ZodIssue> {
  const places = new Map<string, z.core.$ZodIssue>();
  for (const issue of issues) if (!places.has(atOf(issue.path))) places.set(atOf(issue.path), issue);
  return places;
}

/** What is wrong, in the user's language. `isEmpty`: nothing was typed. */
export function tellIssue(issue: FormIssue, field: Field, isEmpty: boolean, words: FormWords, t: Texts["t"]): string {
  if (issue.code === "server") return issue.message;
  if (isEmpty && issue.code !== "custom") return t(`form.problem.${isChosen(field) ? "choose" : "required"}`);
  const own = words.misfit(field.path);
  if (own !== undefined && (issue.code === "invalid_format" || issue.code === "custom")) return own;
  if (field.type === "number") {
    if (issue.code === "invalid_type") return t(issue.expected === "int" ? "form.problem.integer" : "form.problem.number");
    if (issue.code === "too_small" || issue.code === "too_big") return range(field, t) ?? issue.message;
  }
  if (field.type === "list" && issue.code === "too_small") return t("form.problem.few", { count: Number(issue.minimum) });
  return issue.message;
}

const isChosen = ({ type }: Field) => type === "choice" || type === "union";

function range({ min, max }: { min?: number | undefined; max?: number | undefined }, t: Texts["t"]): string | undefined {
  if (min !== undefined && max !== undefined) return t("form.problem.between", { min, max });
  if (min !== undefined) return t("form.problem.atLeast", { min });
  return max === undefined ? undefined : t("form.problem.atMost", { max });
}
