/** Who answers a call. */
export type Route = { readonly type: "assistant" } | { readonly type: "extension"; readonly number: string };

export interface Dialplan {
  readonly serviceNumbers: readonly string[];
  readonly extensions: readonly string[];
}

/** A call is always answered: what is no extension goes to the assistant. */
export function route(dialled: string, plan: Dialplan): Route {
  if (plan.serviceNumbers.includes(dialled)) return { type: "assistant" };
  return plan.extensions.includes(dialled) ? { type: "extension", number: dialled } : { type: "assistant" };
}
