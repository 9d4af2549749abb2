import type { headquartersApi } from "@sitebox/core/contract";
import { accountHandlers, type Handlers, type LoginAccounts, WebError } from "@sitebox/core/web";
import type { Claims } from "../enrolment/index.ts";
import type { Fleet } from "../fleet/index.ts";

export interface HandlerDeps {
  readonly accounts: LoginAccounts;
  readonly fleet: Fleet;
  readonly claims: Claims;
  readonly software: string;
}

function found<T>(value: T | undefined, code: "no-such-box" | "no-such-ticket"): T {
  if (value === undefined) throw new WebError(code);
  return value;
}

/** What carries headquarters' API out. */
export function handlers({ accounts, fleet, claims, software }: HandlerDeps): Handlers<typeof headquartersApi> {
  return {
    ...accountHandlers(accounts),
    health: async () => {
      const counts = await fleet.counts();
      return { state: counts.deadLetters > 0 ? "degraded" : "ok", software, ...counts };
    },
    listBoxes: () => fleet.boxes(),
    box: async ({ params }) => found(await fleet.box(params.box), "no-such-box"),
    boxMetrics: ({ params, query }) => fleet.metrics(params.box, query),
    boxCalls: ({ params }) => fleet.calls(params.box),
    listTickets: ({ query }) => fleet.tickets(query),
    ticket: async ({ params }) => found(await fleet.ticket(params.box, params.id), "no-such-ticket"),
    listClaims: () => claims.waiting(),
    acceptClaim: async ({ body, account }) => {
      const box = await claims.accept(body.code.trim().toUpperCase(), account.name);
      return found(await fleet.box(box), "no-such-box");
    },
  };
}
