import { Alarm, type FleetBox, MetricSample } from "@sitebox/core/contract";
import type { BoxTable } from "../db/index.ts";

/** What a person should think of a box: its alarms, as long as it can tell them. */
export function healthOf(online: boolean, alarms: readonly Alarm[], heard: boolean): FleetBox["health"] {
  if (!online || !heard) return "unknown";
  if (alarms.some(({ severity }) => severity === "critical")) return "failed";
  return alarms.some(({ severity }) => severity === "warning") ? "degraded" : "ok";
}

export interface BoxFacts {
  readonly row: BoxTable;
  readonly latest: string | undefined;
  readonly alarms: readonly string[];
  readonly openTickets: number;
}

/** A box as people see it. */
export function viewOf({ row, latest, alarms: texts, openTickets }: BoxFacts): FleetBox {
  const alarms = texts.map((text) => Alarm.parse(JSON.parse(text)));
  const online = row.online === 1;
  return {
    box: row.box,
    siteName: row.site_name,
    online,
    since: row.since,
    software: row.software,
    health: healthOf(online, alarms, row.last_heard_at !== null),
    enrolledAt: row.enrolled_at,
    certificateExpiresAt: row.certificate_expires_at,
    ...(row.last_heard_at !== null && { lastHeardAt: row.last_heard_at }),
    ...(latest !== undefined && { latest: MetricSample.parse(JSON.parse(latest)) }),
    alarms,
    openTickets,
  };
}
