import { z } from "zod";
import { CallsConfig } from "./calls-config.ts";
import { BoxId, TenantId } from "./ids.ts";
import { LinesConfig } from "./lines-config.ts";
import { SipTrunk } from "./sip-trunk.ts";
import { SiteConfig } from "./site.ts";
import { ClaimCode } from "./sync.ts";

const port = z.int().min(0).max(65_535);

export const SipExtension = z.strictObject({
  number: z.string().regex(/^[0-9A-Za-z_.+*#-]{1,32}$/),
  password: z
    .string()
    .min(6, "a telephone's password has at least six characters: it is what keeps strangers from calling at your cost"),
  displayName: z.string().optional(),
});

/** TLS beside UDP and TCP. Without files of its own the box makes a self-signed certificate in its data folder. */
export const SipTls = z.strictObject({
  port: port.default(5061),
  certificateFile: z.string().optional(),
  keyFile: z.string().optional(),
  /** Authorities that peers' certificates are checked against, beside the system's. */
  caFile: z.string().optional(),
  /** Only telephones with a certificate of these authorities may connect. */
  requireClientCertificate: z.boolean().default(false),
});

/** How strangers who try passwords or scan for extensions are kept off. */
export const SipGuard = z.strictObject({
  /** Requests of one address in a second before it is throttled. */
  requestsPerSecond: z.int().min(1).default(50),
  /** Wrong passwords or unknown numbers of one address within ten minutes before it is banned. */
  failures: z.int().min(1).default(10),
  banMinutes: z.int().min(1).default(60),
  /** Calls of one address that may ring at the same time; further ones are refused with 503. */
  ringingCalls: z.int().min(1).default(20),
  /** Addresses or networks (CIDR) that are never banned. */
  trusted: z.array(z.string()).default(["127.0.0.0/8", "::1/128"]),
});

/** The box's SIP side. Everything has a default but the extensions' passwords. */
export const SipConfig = z.strictObject({
  listen: z
    .strictObject({ host: z.string().default("0.0.0.0"), port: port.default(5060) })
    .prefault({})
    .meta({ title: "Address and port for UDP and TCP; port 0 takes free ones" }),
  tls: SipTls.optional(),
  externalAddress: z.string().optional().meta({ title: "Our address as peers outside the site see it" }),
  realm: z.string().min(1).default("sitebox"),
  /** Only MD5 by default: phones built on libre 1.x give up at a challenge that also offers SHA-256. */
  digestAlgorithms: z
    .array(z.enum(["MD5", "SHA-256"]))
    .min(1)
    .default(["MD5"])
    .meta({ title: "Digest algorithms, the preferred one first" }),
  extensions: z.array(SipExtension).default([]),
  trunks: z.array(SipTrunk).default([]),
  guard: SipGuard.prefault({}),
  /** Session timers (RFC 4028): a far end that vanished is noticed within this time. */
  sessionSeconds: z.int().min(90).max(86_400).default(1_800),
  /** SRTP with telephones: never, where they offer it, or only so. */
  srtp: z.enum(["off", "prefer", "require"]).default("prefer"),
  /** Calls at once, ringing ones included; further ones are refused with 503. */
  maxCalls: z.int().min(1).default(200),
  /** Calls to the service numbers without a password: always, never, or (absent) from private and loopback addresses only. */
  allowAnonymous: z.boolean().optional().meta({ title: "Calls to the service numbers without a password" }),
  /** What callers without a password may dial; absent: every number that is not an extension. */
  serviceNumbers: z.array(z.string()).optional(),
});
export type SipConfig = z.infer<typeof SipConfig>;
/** What may be written in a configuration file. */
export type SipConfigInput = z.input<typeof SipConfig>;

export const UplinkConfig = z.strictObject({
  /** Where the box enrols and fetches; empty runs the box by itself. */
  enrolUrl: z.url().optional(),
  /** Where MQTT is, once enrolled; told by headquarters at enrolment, overridable. */
  mqttUrl: z.string().optional(),
  /** SHA-256 of headquarters' CA certificate; pinned, so that a box obeys only its own. */
  caFingerprint: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** What leaves the site beside facts without persons. */
  syncPersonalData: z.boolean().default(false),
  maxOutboxBytes: z.int().min(1_000_000).default(2_000_000_000),
});
export type UplinkConfig = z.infer<typeof UplinkConfig>;

export const RetentionConfig = z.strictObject({
  recordingsDays: z.int().min(1).default(90),
  transcriptsDays: z.int().min(1).default(180),
  ticketsDays: z.int().min(1).default(730),
});

/** What the box does with text messages. */
export const TextsConfig = z.strictObject({
  /** A request that came as a text is answered by a text when it is done. */
  tellWhenDone: z.boolean().default(true),
  /** To one number, so that two machines do not go on answering each other. */
  answersPerHour: z.int().min(1).max(100).default(6),
});
export type TextsConfig = z.infer<typeof TextsConfig>;

export const BoxConfig = z.strictObject({
  box: BoxId.default(BoxId.parse("box-1")),
  dataDir: z.string().default("var/box"),
  modelsDir: z.string().default("var/models"),
  site: SiteConfig,
  http: z.strictObject({ host: z.string().default("0.0.0.0"), port: port.default(8080) }).prefault({}),
  /** Service numbers are those that the assistant answers. */
  sip: SipConfig.extend({ serviceNumbers: z.array(z.string()).min(1).default(["8000"]) }).prefault({}),
  rtp: z
    .strictObject({ firstPort: port.default(10_000), lastPort: port.default(19_999), announcedAddress: z.string().optional() })
    .prefault({}),
  webrtc: z
    .strictObject({ host: z.string().default("0.0.0.0"), port: port.default(44_444), announcedAddress: z.string().optional() })
    .prefault({}),
  /** Who answers which call, and by which line calls go out. */
  calls: CallsConfig.prefault({}),
  /** Modems, gateways and telephony cards. */
  lines: LinesConfig.prefault({}),
  texts: TextsConfig.prefault({}),
  uplink: UplinkConfig.prefault({}),
  retention: RetentionConfig.prefault({}),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});
export type BoxConfig = z.infer<typeof BoxConfig>;

export const HeadquartersConfig = z.strictObject({
  tenant: TenantId.default(TenantId.parse("demo")),
  name: z.string().default("总部"),
  dataDir: z.string().default("var/headquarters"),
  http: z.strictObject({ host: z.string().default("0.0.0.0"), port: port.default(8090) }).prefault({}),
  /** MQTT over mTLS, and enrolment over server-authenticated TLS. */
  mqtt: z.strictObject({ host: z.string().default("0.0.0.0"), port: port.default(8883) }).prefault({}),
  enrol: z.strictObject({ host: z.string().default("0.0.0.0"), port: port.default(8444) }).prefault({}),
  /** Names and addresses that boxes reach headquarters by; they go into its server certificate. */
  hostNames: z.array(z.string()).default(["localhost", "127.0.0.1"]),
  certificateDays: z.int().min(1).max(825).default(120),
  /** Claim codes known beforehand (from a delivery note): their boxes are accepted without a person. Each is used once. */
  acceptClaimCodes: z.array(ClaimCode).default([]),
  /** Accepts every box that asks from this very machine: for a demonstration only. */
  autoAcceptLoopbackClaims: z.boolean().default(false),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});
export type HeadquartersConfig = z.infer<typeof HeadquartersConfig>;
