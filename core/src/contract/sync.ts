import { z } from "zod";
import { Alarm } from "./alarms.ts";
import { Call } from "./call.ts";
import { BoxId, type TenantId } from "./ids.ts";
import { Ticket, TicketChange } from "./ticket.ts";

/** p0 alarm, call-critical · p1 ticket · p2 call record · p3 metric · p4 log. */
export const SyncClass = z.enum(["p0", "p1", "p2", "p3", "p4"]);
export type SyncClass = z.infer<typeof SyncClass>;

/** MQTT topics of one box; at most six levels, and the second and third are its certificate's. */
export const topics = (tenant: TenantId | string, box: BoxId | string) => ({
  up: (cls: SyncClass) => `v1/${tenant}/${box}/u/${cls}`,
  hello: `v1/${tenant}/${box}/u/hello`,
  control: `v1/${tenant}/${box}/d/ctl`,
  message: `v1/${tenant}/${box}/d/msg`,
  down: `v1/${tenant}/${box}/d/#`,
  status: `v1/${tenant}/${box}/st`,
});

/** The subject common name of a box's client certificate. */
export const certificateName = (tenant: TenantId | string, box: BoxId | string) => `${tenant}/${box}`;

export const MetricSample = z.object({
  at: z.number(),
  cpuPercent: z.number(),
  memoryUsedBytes: z.number(),
  memoryTotalBytes: z.number(),
  diskUsedPercent: z.number(),
  temperatureC: z.number().nullable(),
  loadPerCore: z.number(),
  uptimeSeconds: z.number(),
  activeCalls: z.number(),
  outboxLength: z.number(),
  outboxOldestSeconds: z.number(),
  processes: z.array(z.object({ name: z.string(), rssBytes: z.number(), cpuPercent: z.number() })).optional(),
});
export type MetricSample = z.infer<typeof MetricSample>;

/** What a box tells headquarters. Only grows: optional fields and new types, never a changed meaning. */
export const SyncBody = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ticket.changed"), ticket: Ticket, change: TicketChange }),
  z.object({ type: z.literal("call.ended"), call: Call }),
  z.object({ type: z.literal("metric.sampled"), sample: MetricSample }),
  z.object({ type: z.literal("alarm.changed"), alarm: Alarm }),
  z.object({ type: z.literal("outbox.dropped"), cls: SyncClass, fromSeq: z.int(), toSeq: z.int(), reason: z.string() }),
]);
export type SyncBody = z.infer<typeof SyncBody>;

export const SyncItem = z.object({
  id: z.string().max(64),
  /** Dense and growing per (box, stream, epoch). A stream is a class. */
  st: SyncClass,
  seq: z.int().min(1),
  agg: z.string().max(128),
  rev: z.int().min(0),
  t: z.object({ wall: z.number(), mono: z.number(), q: z.enum(["ntp", "rtc", "floor"]) }),
  /** Milliseconds from `t.wall` after which it is worthless. */
  ttl: z.int().optional(),
  /** Sent again or late: it is history, not news. */
  hist: z.boolean(),
  body: z.unknown(),
});
export type SyncItem = z.infer<typeof SyncItem>;

/** One MQTT message up: at most 256 KiB before compression. */
export const SyncBatch = z.object({
  v: z.literal(1),
  kind: z.literal("batch"),
  box: BoxId,
  /** Changes at factory reset or restore, so that a restored backup cannot use old numbers again. */
  epoch: z.string().max(64),
  boot: z.string().max(64),
  n: z.int().min(1),
  items: z.array(SyncItem).min(1).max(1_000),
});
export type SyncBatch = z.infer<typeof SyncBatch>;
export const MAX_BATCH_BYTES = 256 * 1024;

export const Hello = z.object({
  v: z.literal(1),
  kind: z.literal("hello"),
  box: BoxId,
  epoch: z.string(),
  boot: z.string(),
  software: z.string(),
});
export type Hello = z.infer<typeof Hello>;

/** Headquarters' word on d/ctl. `upto` is cumulative and means committed. */
export const Control = z.discriminatedUnion("kind", [
  z.object({
    v: z.literal(1),
    kind: z.literal("ack"),
    epoch: z.string(),
    stream: SyncClass,
    upto: z.int().min(0),
    nack: z.array(z.int()).optional(),
  }),
  z.object({ v: z.literal(1), kind: z.literal("cursors"), epoch: z.string(), cursors: z.partialRecord(SyncClass, z.int()) }),
  z.object({ v: z.literal(1), kind: z.literal("resend"), epoch: z.string(), stream: SyncClass, from: z.int().min(1) }),
  z.object({ v: z.literal(1), kind: z.literal("retry-after"), ms: z.int().min(0) }),
]);
export type Control = z.infer<typeof Control>;

/** Retained birth and will on `st`. A late will of an earlier boot is ignored by its `boot`. */
export const BoxStatus = z.object({
  v: z.literal(1),
  online: z.boolean(),
  epoch: z.string(),
  boot: z.string(),
  software: z.string(),
  since: z.number(),
});
export type BoxStatus = z.infer<typeof BoxStatus>;

/** Eight letters and digits that cannot be taken for each other, shown on the box. */
export const ClaimCode = z.string().regex(/^[A-HJ-NP-Z2-9]{8}$/);

/** Enrolment, over TLS pinned to headquarters' CA (HTTP on its own listener). */
export const EnrolRequest = z.object({
  box: BoxId,
  claimCode: ClaimCode,
  csr: z.string().max(8_192),
  siteName: z.string().max(100),
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;
/** Renewal, on the same listener, by a box that shows its certificate: valid, or expired for at most a year. */
export const RenewRequest = z.object({ csr: z.string().max(8_192) });
export type RenewRequest = z.infer<typeof RenewRequest>;
export const enrolPaths = { enrol: "/enrol", renew: "/renew" } as const;
export const EnrolAnswer = z.discriminatedUnion("state", [
  z.object({ state: z.literal("waiting"), retryAfterMs: z.int() }),
  z.object({
    state: z.literal("enrolled"),
    tenant: z.string(),
    certificate: z.string(),
    caCertificate: z.string(),
    mqttUrl: z.string(),
  }),
  z.object({ state: z.literal("refused"), reason: z.string() }),
]);
export type EnrolAnswer = z.infer<typeof EnrolAnswer>;
