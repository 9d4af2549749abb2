import { z } from "zod";
import { Alarm } from "./alarms.ts";
import { Call, CallPlacing, CallWithMoments, HandOff } from "./call.ts";
import { CallWhy, SignallingMessage } from "./call-why.ts";
import { AccountId, CallId, StaffId } from "./ids.ts";
import { FoundDevice, linesApi, OutsideLine, TextMessage } from "./lines-api.ts";
import {
  ExtensionSwitches,
  ExtensionSwitchesChange,
  ListedNumber,
  ListedNumberDraft,
  PlanAnswer,
  PlanChange,
  PlanQuestion,
} from "./plan-api.ts";
import { Problem } from "./refusals.ts";
import { MetricSample } from "./sync.ts";
import { About } from "./telling.ts";
import { Staff, Ticket, TicketCommand, TicketDraft, TicketWithHistory } from "./ticket.ts";
import { Listened, SpeakRequest, Understanding, UnderstandRequest } from "./understanding.ts";

/** admin sets up, agent works the desk, staff work in the field. Headquarters: admin and operator. */
export const Role = z.enum(["admin", "agent", "staff", "operator"]);
export type Role = z.infer<typeof Role>;

export const Account = z.object({
  id: AccountId,
  name: z.string().min(1).max(64),
  displayName: z.string().max(64),
  role: Role,
  staff: StaffId.optional(),
  /** A one-time password: another has to be set before anything else. */
  mustChangePassword: z.boolean(),
});
export type Account = z.infer<typeof Account>;

export const Login = z.object({ name: z.string().min(1).max(64), password: z.string().min(1).max(200) });
export const PasswordChange = z.object({ current: z.string().max(200), next: z.string().min(8).max(200) });

/** An address whose SIP messages are dropped unread. */
export const BannedAddress = z.object({
  address: z.string(),
  since: z.number(),
  until: z.number(),
  /** "failures": wrong passwords and unknown numbers. "scanner": it calls itself a tool for attacks. "malformed": a flood of what is no SIP. */
  kind: z.enum(["failures", "scanner", "malformed"]),
  /** In plain words. */
  reason: z.string(),
  failures: z.number(),
});
export type BannedAddress = z.infer<typeof BannedAddress>;

export const PartHealth = z.object({
  name: z.string(),
  state: z.enum(["ok", "degraded", "failed", "absent", "starting"]),
  /** In English, for logs and callers of the API. */
  reason: z.string().optional(),
  fix: z.string().optional(),
  /** One of {@link troubles}, by which pages say both in their user's language. */
  code: z.string().optional(),
  about: About.optional(),
});
export type PartHealth = z.infer<typeof PartHealth>;
export const BoxHealth = z.object({
  state: z.enum(["ok", "degraded", "failed"]),
  box: z.string(),
  site: z.string(),
  software: z.string(),
  parts: z.array(PartHealth),
  /** What is on now. */
  alarms: z.array(Alarm).optional(),
});
export type BoxHealth = z.infer<typeof BoxHealth>;

export const ExtensionState = z.object({
  number: z.string(),
  displayName: z.string(),
  registered: z.boolean(),
  contacts: z.array(z.string()),
  doNotDisturb: z.boolean().optional(),
  /** Absent where the configuration's holds. */
  followMe: z.array(z.string()).optional(),
});
export type ExtensionState = z.infer<typeof ExtensionState>;

/** Why a box is not in touch with headquarters. */
export const UplinkFault = z.enum([
  "unreachable",
  "wrong-authority",
  "not-authorised",
  "certificate-expired",
  "refused",
  "no-fingerprint",
  "closed",
  "storage",
]);
export type UplinkFault = z.infer<typeof UplinkFault>;

export const UplinkState = z.object({
  state: z.enum(["off", "unclaimed", "connecting", "online", "offline"]),
  claimCode: z.string().optional(),
  headquarters: z.string().optional(),
  waiting: z.int(),
  lastAckAt: z.number().optional(),
  /** Why it is not online: in pages by `fault`, in English by `reason`. */
  fault: UplinkFault.optional().catch(undefined),
  reason: z.string().optional(),
});
export type UplinkState = z.infer<typeof UplinkState>;

/** Every route of the box: method, path, who may, what goes in and out. The server, the client and OpenAPI read this one table. */
export const boxApi = {
  login: { method: "POST", path: "/api/login", roles: "anyone", body: Login, answer: Account },
  logout: { method: "POST", path: "/api/logout", roles: "anyone", answer: z.object({}) },
  me: { method: "GET", path: "/api/me", roles: ["admin", "agent", "staff"], answer: Account },
  changePassword: {
    method: "POST",
    path: "/api/password",
    roles: ["admin", "agent", "staff"],
    body: PasswordChange,
    answer: Account,
  },
  health: { method: "GET", path: "/api/health", roles: "anyone", answer: BoxHealth },
  listTickets: {
    method: "GET",
    path: "/api/tickets",
    roles: ["admin", "agent", "staff"],
    query: z.object({
      mine: z.stringbool().optional(),
      active: z.stringbool().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(200),
    }),
    answer: z.array(Ticket),
  },
  openTicket: { method: "POST", path: "/api/tickets", roles: ["admin", "agent"], body: TicketDraft, answer: Ticket },
  ticket: { method: "GET", path: "/api/tickets/:id", roles: ["admin", "agent", "staff"], answer: TicketWithHistory },
  commandTicket: {
    method: "POST",
    path: "/api/tickets/:id/commands",
    roles: ["admin", "agent", "staff"],
    body: TicketCommand,
    answer: TicketWithHistory,
  },
  listStaff: { method: "GET", path: "/api/staff", roles: ["admin", "agent", "staff"], answer: z.array(Staff) },
  setShift: {
    method: "PUT",
    path: "/api/staff/:id/shift",
    roles: ["admin", "agent", "staff"],
    body: z.object({ onShift: z.boolean() }),
    answer: Staff,
  },
  listCalls: {
    method: "GET",
    path: "/api/calls",
    roles: ["admin", "agent"],
    query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answer: z.array(Call),
  },
  /** Rings `from` first, then `to`. The call's record and pushes tell how it goes. As a table, all records: GET /api/calls.csv (admins). */
  placeCall: {
    method: "POST",
    path: "/api/calls",
    roles: ["admin", "agent"],
    body: CallPlacing,
    answer: z.object({ callId: CallId }),
  },
  call: { method: "GET", path: "/api/calls/:id", roles: ["admin", "agent"], answer: CallWithMoments },
  /** As text, /api/calls/:id/why.txt; as packets, /api/calls/:id/why.pcap (admins). */
  why: { method: "GET", path: "/api/calls/:id/why", roles: ["admin", "agent"], answer: CallWhy },
  /** The newest signalling that belongs to no call: registrations, strangers. Kept in memory only. */
  signalling: { method: "GET", path: "/api/signalling", roles: ["admin"], answer: z.array(SignallingMessage) },
  extensions: { method: "GET", path: "/api/extensions", roles: ["admin", "agent"], answer: z.array(ExtensionState) },
  numberRules: { method: "GET", path: "/api/number-rules", roles: ["admin", "agent"], answer: z.array(ListedNumber) },
  addNumberRule: {
    method: "POST",
    path: "/api/number-rules",
    roles: ["admin", "agent"],
    body: ListedNumberDraft,
    answer: ListedNumber,
  },
  removeNumberRule: { method: "DELETE", path: "/api/number-rules/:id", roles: ["admin", "agent"], answer: z.object({}) },
  setSwitches: {
    method: "PUT",
    path: "/api/extensions/:number/switches",
    roles: ["admin", "agent"],
    body: ExtensionSwitchesChange,
    answer: ExtensionSwitches,
  },
  ...linesApi,
  /** Who is kept off the telephone side, the oldest ban first. */
  bans: { method: "GET", path: "/api/guard", roles: ["admin"], answer: z.array(BannedAddress) },
  unban: { method: "DELETE", path: "/api/guard/:address", roles: ["admin"], answer: z.object({}) },
  planChanges: {
    method: "GET",
    path: "/api/plan/changes",
    roles: ["admin"],
    query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answer: z.array(PlanChange),
  },
  decide: { method: "GET", path: "/api/plan/decide", roles: ["admin"], query: PlanQuestion, answer: PlanAnswer },
  uplink: { method: "GET", path: "/api/uplink", roles: ["admin", "agent"], answer: UplinkState },
  metrics: { method: "GET", path: "/api/metrics", roles: ["admin", "agent"], answer: z.array(MetricSample) },
  understand: {
    method: "POST",
    path: "/api/understand",
    roles: ["admin", "agent"],
    body: UnderstandRequest,
    answer: Understanding,
  },
  /** Body: a wav file, 8 or 16 kHz mono. */
  listen: { method: "POST", path: "/api/listen", roles: ["admin", "agent"], answer: Listened },
  /** Answer: a wav file. */
  speak: { method: "POST", path: "/api/speak", roles: ["admin", "agent"], body: SpeakRequest, answer: z.unknown() },
} as const;
/** Binary answers, outside the table: GET /api/calls/:id/recording, why.txt and why.pcap, and GET /api/tickets/:id/audio (audio/wav), with ranges. */

/** How a browser's call stands: "holding", the other waits for it; "on-hold", it waits itself. */
export const CallSituation = z.object({
  state: z.enum(["talking", "on-hold", "holding", "consulting", "conference"]),
  /** The others' numbers. */
  parties: z.array(z.string()),
});
export type CallSituation = z.infer<typeof CallSituation>;

/** A call that a browser is in, as the page gets it that comes back to it. */
export const BrowserCall = z.object({
  callId: CallId,
  sinceAt: z.number(),
  /** Names the call to the visitor's page that comes back; whoever has it has the call. */
  token: z.string().optional(),
  /** What the agent was shown when the call was offered. */
  handOff: HandOff.optional(),
  situation: CallSituation.optional(),
});
export type BrowserCall = z.infer<typeof BrowserCall>;

/** What the box pushes over /ws (after login) and /ws/visitor (a visitor sees "call" and "rtc" only). */
export const BoxPush = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ticket"), ticket: Ticket }),
  z.object({ type: z.literal("call"), call: Call }),
  z.object({ type: z.literal("moment"), callId: CallId, moment: z.unknown() }),
  z.object({ type: z.literal("staff"), staff: Staff }),
  z.object({ type: z.literal("extension"), extension: ExtensionState }),
  z.object({ type: z.literal("extension-removed"), number: z.string() }),
  z.object({ type: z.literal("line"), line: OutsideLine }),
  z.object({ type: z.literal("line-removed"), name: z.string() }),
  /** All modems that are plugged in and no line of ours, whenever that changes. Admins only. */
  z.object({ type: z.literal("found-devices"), devices: z.array(FoundDevice) }),
  z.object({ type: z.literal("text"), text: TextMessage }),
  z.object({ type: z.literal("uplink"), uplink: UplinkState }),
  z.object({ type: z.literal("health"), health: BoxHealth }),
  /** A call is offered to this agent; it stays until answered, taken elsewhere or withdrawn. */
  z.object({ type: z.literal("offer"), handOff: HandOff }),
  z.object({ type: z.literal("offer-withdrawn"), callId: CallId, reason: z.enum(["taken", "caller-left", "timed-out"]) }),
  /** To the two ends of a browser call. "moved": the same person's newer page has it now. */
  z.object({ type: z.literal("call-ended"), callId: CallId, reason: z.string() }),
  /** How this browser's own call stands. */
  z.object({ type: z.literal("situation"), callId: CallId, situation: CallSituation }),
  /** How a transfer or a consultation that this browser asked for is going. */
  z.object({
    type: z.literal("transfer"),
    callId: CallId,
    progress: z.enum(["trying", "ringing", "answered", "busy", "failed"]),
  }),
  /** Pictures beside the sound: whether both ends are browsers that may send them, and whether the other one does. Never recorded. */
  z.object({ type: z.literal("video"), callId: CallId, may: z.boolean(), theirs: z.boolean() }),
]);
export type BoxPush = z.infer<typeof BoxPush>;

/**
 * Requests over the same WebSocket: `{id, method, params}` answered by `{id, result}` or `{id, problem}`.
 * rtc.* is what mediasoup-client asks of a server; types of its parameters are mediasoup's own and opaque here.
 *   agent.ready {ready: boolean} · agent.answer {callId} → {callId} · agent.hangup {callId} · agent.resume {} → BrowserCall | {}
 *   agent.control {action: "hold"|"resume"|"hand-over"|"join"|"back"|"park"} or {action: "transfer"|"consult", target} · agent.digits {digits}
 *   visitor.call {} → BrowserCall (after rtc.produce) · visitor.resume {token} → BrowserCall | {} · visitor.digits {digits} · visitor.hangup {}
 *   rtc.capabilities {} · rtc.transport {direction: "send"|"recv"} · rtc.connect {transportId, dtlsParameters}
 *   rtc.produce {transportId, kind, rtpParameters} → {id} · rtc.consume {rtpCapabilities, kind?} → {id, producerId, kind, rtpParameters} · rtc.resume {consumerId}
 *   rtc.camera-off {}
 * A call outlives its page's socket by 30 s: the page that comes back asks for it by "resume" and lays its sound anew.
 */
export const SocketRequest = z.object({ id: z.int(), method: z.string().max(64), params: z.unknown().optional() });
export type SocketRequest = z.infer<typeof SocketRequest>;
export const SocketReply = z.union([z.object({ id: z.int(), result: z.unknown() }), z.object({ id: z.int(), problem: Problem })]);
export type SocketReply = z.infer<typeof SocketReply>;
