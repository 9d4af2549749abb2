import { z } from "zod";
import { Alarm } from "./alarms.ts";
import { Account, Login, PasswordChange } from "./box-api.ts";
import { Call } from "./call.ts";
import { MetricSample } from "./sync.ts";
import { Ticket, TicketChange } from "./ticket.ts";

export const FleetBox = z.object({
  box: z.string(),
  siteName: z.string(),
  online: z.boolean(),
  /** Since when it is online or offline. */
  since: z.number(),
  software: z.string(),
  health: z.enum(["ok", "degraded", "failed", "unknown"]),
  enrolledAt: z.number(),
  certificateExpiresAt: z.number(),
  lastHeardAt: z.number().optional(),
  latest: MetricSample.optional(),
  alarms: z.array(Alarm),
  openTickets: z.int(),
});
export type FleetBox = z.infer<typeof FleetBox>;

export const FleetTicket = Ticket.extend({ box: z.string(), siteName: z.string() });
export type FleetTicket = z.infer<typeof FleetTicket>;
/** `receivedAt`: when headquarters had committed it. Order is the box's. */
export const FleetTicketChange = TicketChange.extend({ receivedAt: z.number() });
export const FleetTicketWithHistory = FleetTicket.extend({ history: z.array(FleetTicketChange) });
export type FleetTicketWithHistory = z.infer<typeof FleetTicketWithHistory>;

export const Claim = z.object({
  code: z.string(),
  box: z.string(),
  siteName: z.string(),
  fingerprint: z.string(),
  askedAt: z.number(),
});
export type Claim = z.infer<typeof Claim>;

export const HeadquartersHealth = z.object({
  state: z.enum(["ok", "degraded"]),
  software: z.string(),
  boxes: z.int(),
  online: z.int(),
  deadLetters: z.int(),
});

/** Every route of headquarters, as {@link boxApi}. */
export const headquartersApi = {
  login: { method: "POST", path: "/api/login", roles: "anyone", body: Login, answer: Account },
  logout: { method: "POST", path: "/api/logout", roles: "anyone", answer: z.object({}) },
  me: { method: "GET", path: "/api/me", roles: ["admin", "operator"], answer: Account },
  changePassword: { method: "POST", path: "/api/password", roles: ["admin", "operator"], body: PasswordChange, answer: Account },
  health: { method: "GET", path: "/api/health", roles: "anyone", answer: HeadquartersHealth },
  listBoxes: { method: "GET", path: "/api/boxes", roles: ["admin", "operator"], answer: z.array(FleetBox) },
  box: { method: "GET", path: "/api/boxes/:box", roles: ["admin", "operator"], answer: FleetBox },
  boxMetrics: {
    method: "GET",
    path: "/api/boxes/:box/metrics",
    roles: ["admin", "operator"],
    query: z.object({ sinceAt: z.coerce.number().default(0), limit: z.coerce.number().int().min(1).max(5_000).default(480) }),
    answer: z.array(MetricSample),
  },
  boxCalls: { method: "GET", path: "/api/boxes/:box/calls", roles: ["admin", "operator"], answer: z.array(Call) },
  listTickets: {
    method: "GET",
    path: "/api/tickets",
    roles: ["admin", "operator"],
    query: z.object({
      box: z.string().optional(),
      active: z.stringbool().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(200),
    }),
    answer: z.array(FleetTicket),
  },
  ticket: { method: "GET", path: "/api/boxes/:box/tickets/:id", roles: ["admin", "operator"], answer: FleetTicketWithHistory },
  listClaims: { method: "GET", path: "/api/claims", roles: ["admin"], answer: z.array(Claim) },
  acceptClaim: { method: "POST", path: "/api/claims", roles: ["admin"], body: z.object({ code: z.string() }), answer: FleetBox },
} as const;

/** What headquarters pushes over /ws. */
export const HeadquartersPush = z.discriminatedUnion("type", [
  z.object({ type: z.literal("box"), box: FleetBox }),
  z.object({ type: z.literal("ticket"), ticket: FleetTicket }),
  z.object({ type: z.literal("claim"), claim: Claim }),
]);
export type HeadquartersPush = z.infer<typeof HeadquartersPush>;
