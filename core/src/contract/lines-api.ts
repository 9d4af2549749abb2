import { z } from "zod";
import { LineConfig, ModemProfileName } from "./lines-config.ts";

/** Why a line is down; pages say it in their user's language. */
export const LineFault = z.enum([
  "login-refused",
  "unreachable",
  "unplugged",
  "not-answering",
  "no-audio-port",
  "bad-firmware",
  "no-sim",
  "pin-needed",
  "pin-refused",
  "puk-needed",
  "other-sim",
  "searching",
  "registration-denied",
  "no-line",
  "helper-lost",
  "switched-off",
  "failed",
]);
export type LineFault = z.infer<typeof LineFault>;

/** What wants looking after on a line that still does its work. */
export const LineWarning = z.enum(["texts-nearly-full"]);
export type LineWarning = z.infer<typeof LineWarning>;

/** How a radio is received; bars are 0 to 5. */
export const Radio = z.object({
  bars: z.int().min(0).max(5),
  dbm: z.number().optional(),
  operator: z.string().optional(),
  technology: z.string().optional(),
  roaming: z.boolean().optional(),
});
export type Radio = z.infer<typeof Radio>;
/** What is left on a SIM; `at`: when its operator told, epoch ms. */
export const Balance = z.object({ yuan: z.number(), at: z.number() });
export type Balance = z.infer<typeof Balance>;

/** One socket of a device that has several. */
export const LinePort = z.object({
  port: z.int(),
  state: z.enum(["idle", "busy", "down"]),
  /** Masked but for admins. */
  number: z.string().optional(),
  fault: LineFault.optional(),
  reason: z.string().optional(),
  radio: Radio.optional(),
  balance: Balance.optional(),
});
export type LinePort = z.infer<typeof LinePort>;

/** How a line did in the last 24 hours. */
export const LineQuality = z.object({
  callsIn: z.int(),
  callsOut: z.int(),
  /** Of those that we dialled. */
  answered: z.int(),
  /** That the line itself could not carry: not busy or unanswered ones. */
  failed: z.int(),
  minutes: z.number(),
  textsIn: z.int(),
  textsOut: z.int(),
  textsFailed: z.int(),
  /** How often it was down, and how long together. */
  outages: z.int(),
  downMinutes: z.number(),
  /** Mean of the estimated listening quality of its calls, 1 to 4.5, where it could be measured. */
  mos: z.number().optional(),
});
export type LineQuality = z.infer<typeof LineQuality>;

/** What one end heard of the other's tone; `level` of the strongest in dBm0, absent where nothing came. */
export const ToneHeard = z.object({ heard: z.boolean(), level: z.number().optional() });
export type ToneHeard = z.infer<typeof ToneHeard>;

/** How the last call to one of the line's own numbers went, which the box made and answered itself. */
export const SelfCall = z.object({
  /** The number that was called; masked but for admins. */
  number: z.string(),
  at: z.number(),
  /** The line that called it. */
  by: z.string(),
  /**
   * "good": both ends heard the other. "silent": one did not. "not-rung": no call came by the line. "not-connected": it rang, and the two ends
   * were never joined. "no-number": a call came without its caller's number, so that nobody could tell it from a guest's, and it was left alone.
   */
  result: z.enum(["good", "silent", "not-rung", "not-connected", "no-number"]),
  /** What the line heard of the caller, and the caller of the line. */
  toLine: ToneHeard.optional(),
  fromLine: ToneHeard.optional(),
  /** In the words of the line that called. */
  reason: z.string().optional(),
});
export type SelfCall = z.infer<typeof SelfCall>;

/** A line to the outside. */
export const OutsideLine = z.object({
  name: z.string(),
  kind: z.enum(["sip", "gsm", "gateway", "dahdi"]),
  state: z.enum(["up", "down", "starting"]),
  fault: LineFault.optional(),
  /** In the words of the far end. */
  reason: z.string().optional(),
  calls: z.int(),
  maxCalls: z.int(),
  /** The numbers it owns; masked but for admins. */
  numbers: z.array(z.string()),
  /** Whether it carries texts, service codes, and can be asked what is left. */
  can: z.object({ text: z.boolean(), ussd: z.boolean(), balance: z.boolean() }),
  radio: Radio.optional(),
  balance: Balance.optional(),
  lowBalance: z.boolean().optional(),
  device: z
    .object({
      model: z.string().optional(),
      firmware: z.string().optional(),
      imei: z.string().optional(),
      iccid: z.string().optional(),
      usbPath: z.string().optional(),
    })
    .optional(),
  ports: z.array(LinePort).optional(),
  warnings: z.array(LineWarning).optional(),
  quality: LineQuality.optional(),
  /** One for each of its numbers that was called; absent where none was. */
  selfCalls: z.array(SelfCall).optional(),
  /** What its limits leave now; 0 stops it until the hour or day is over. */
  left: z.object({ callsThisHour: z.int(), minutesToday: z.number(), textsToday: z.int() }).optional(),
});
export type OutsideLine = z.infer<typeof OutsideLine>;

/** A line as it is configured. Secrets are left out; one that is absent when it is saved stays as it was. */
export const ConfiguredLine = z.object({
  name: z.string(),
  /** "file": in the configuration file, and only changed there. */
  origin: z.enum(["file", "page"]),
  config: z.looseObject({ kind: z.string(), name: z.string() }),
});
export type ConfiguredLine = z.infer<typeof ConfiguredLine>;

/** Who changed a line, and how it was set up before and after; secrets are left out. */
export const LineChange = z.object({
  at: z.number(),
  /** The name of an account; "config-file" where the box found it in the file when it started, "box" where nobody asked for it. */
  actor: z.string(),
  line: z.string(),
  type: z.enum(["added", "changed", "removed"]),
  before: ConfiguredLine.shape.config.optional(),
  after: ConfiguredLine.shape.config.optional(),
});
export type LineChange = z.infer<typeof LineChange>;

/** A modem that is plugged in and no line of ours. */
export const FoundDevice = z.object({
  usbPath: z.string(),
  /** "2c7c:0125" */
  usbId: z.string(),
  /** What the fingerprint table calls it. */
  model: z.string(),
  profile: ModemProfileName,
  imei: z.string().optional(),
  iccid: z.string().optional(),
  /** What the SIM says its number is: operators of China rarely write it there. */
  number: z.string().optional(),
  operator: z.string().optional(),
  /** Why it cannot be used as it is. */
  fault: LineFault.optional(),
});
export type FoundDevice = z.infer<typeof FoundDevice>;

/** A text message of a line. */
export const TextMessage = z.object({
  id: z.string(),
  line: z.string(),
  direction: z.enum(["in", "out"]),
  /** Who sent it or is to get it; masked but for admins. */
  number: z.string(),
  text: z.string(),
  /** waiting → sent → delivered, or failed; what came in is "received". */
  state: z.enum(["received", "waiting", "sent", "delivered", "failed"]),
  reason: z.string().optional(),
  at: z.number(),
  /** The ticket that it opened or is about. */
  ticketId: z.string().optional(),
});
export type TextMessage = z.infer<typeof TextMessage>;

/** A number and nothing else: one that is shown masked is none. */
const called = z.string().regex(/^\+?[0-9]{1,20}$/);
const textTo = z.string().regex(/^\+?[0-9]{3,20}$/);
const serviceCode = z.string().regex(/^[0-9+*#]{1,32}$/);
const written = z.string().trim().min(1).max(1_000);
const admin = ["admin"] as const;
const desk = ["admin", "agent"] as const;
const nothing = z.object({});

/** The lines' part of the box's API. As a file: GET /api/lines/:name/transcript (admins), the newest traffic between driver and device. */
export const linesApi = {
  lines: { method: "GET", path: "/api/lines", roles: desk, answer: z.array(OutsideLine) },
  lineConfigs: { method: "GET", path: "/api/line-configs", roles: admin, answer: z.array(ConfiguredLine) },
  addLine: { method: "POST", path: "/api/line-configs", roles: admin, body: LineConfig, answer: ConfiguredLine },
  /** The body is a {@link LineConfig} in which secrets may be absent. */
  changeLine: {
    method: "PUT",
    path: "/api/line-configs/:name",
    roles: admin,
    body: ConfiguredLine.shape.config,
    answer: ConfiguredLine,
  },
  removeLine: { method: "DELETE", path: "/api/line-configs/:name", roles: admin, answer: nothing },
  /** Whose a number was, and who changed that: the newest first, kept for good. Of one line alone where one is named, also of one that is gone. */
  lineChanges: {
    method: "GET",
    path: "/api/line-changes",
    roles: admin,
    query: z.object({ line: z.string().max(32).optional(), limit: z.coerce.number().int().min(1).max(1_000).default(100) }),
    answer: z.array(LineChange),
  },
  switchLine: {
    method: "PUT",
    path: "/api/lines/:name/switch",
    roles: admin,
    body: z.object({ on: z.boolean() }),
    answer: OutsideLine,
  },
  /** Calls `to` by this line and says a sentence; the call's record tells how it went. */
  testCall: {
    method: "POST",
    path: "/api/lines/:name/test-call",
    roles: admin,
    body: z.object({ to: called }),
    answer: z.object({ callId: z.string() }),
  },
  testText: {
    method: "POST",
    path: "/api/lines/:name/test-text",
    roles: admin,
    body: z.object({ to: textTo }),
    answer: TextMessage,
  },
  ussd: {
    method: "POST",
    path: "/api/lines/:name/ussd",
    roles: admin,
    body: z.object({ code: serviceCode, port: z.int().optional() }),
    answer: z.object({ answer: z.string() }),
  },
  askBalance: { method: "POST", path: "/api/lines/:name/balance", roles: admin, answer: Balance },
  /** Calls the line's own numbers now, one after the other; answers when they are over. */
  selfCall: { method: "POST", path: "/api/lines/:name/self-call", roles: admin, answer: z.array(SelfCall) },
  foundDevices: { method: "GET", path: "/api/found-devices", roles: admin, answer: z.array(FoundDevice) },
  texts: {
    method: "GET",
    path: "/api/texts",
    roles: desk,
    query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answer: z.array(TextMessage),
  },
  /** Without a line, by the first that carries texts. */
  sendText: {
    method: "POST",
    path: "/api/texts",
    roles: desk,
    body: z.object({ to: textTo, text: written, line: z.string().optional() }),
    answer: TextMessage,
  },
  /** Writes back to whoever wrote a text that came in, by the line that it came by: whoever answers need not know the number. */
  answerText: {
    method: "POST",
    path: "/api/texts/:id/answer",
    roles: desk,
    body: z.object({ text: written }),
    answer: TextMessage,
  },
} as const;
