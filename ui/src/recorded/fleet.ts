import { type Alarm, type AlarmTold, alarmOf, Claim, FleetBox } from "@sitebox/core/contract";
import { recordedMetrics } from "./metrics.ts";

const DAY_MS = 86_400_000;

const sites: readonly (readonly [
  box: string,
  name: string,
  online: boolean,
  health: FleetBox["health"],
  open: number,
  alarm?: string,
])[] = [
  ["hz-yunqi-1", "云栖湖畔酒店", true, "ok", 8],
  ["hz-xixi-1", "西溪花间堂", true, "degraded", 5, "line-balance/gsm-front"],
  ["sh-bund-2", "外滩源壹号公寓", true, "ok", 3],
  ["sz-garden-1", "拙政园景区东门", false, "unknown", 2, "line-down/sip-hotel"],
  ["nj-purple-1", "紫金山庄", true, "ok", 6],
  ["cd-panda-1", "熊猫谷度假村", true, "failed", 4, "disk-low"],
  ["xm-gulang-1", "鼓浪屿海景客栈", true, "ok", 1],
  ["gz-canton-3", "珠江新城·御景苑", true, "ok", 7],
  ["bj-summer-1", "颐和安缦里物业", true, "ok", 0],
  ["qd-may4-1", "五四广场商务酒店", false, "unknown", 0],
  ["sy-bay-1", "亚龙湾天域酒店", true, "ok", 9],
  ["lj-old-1", "丽江古城和府", true, "ok", 2],
];
const alarmsTold: Record<string, AlarmTold & Pick<Alarm, "severity">> = {
  "line-balance/gsm-front": { severity: "warning", ...alarmOf("line-balance", { line: "gsm-front", yuan: 3.2 }) },
  "line-down/sip-hotel": { severity: "warning", ...alarmOf("line-down", { line: "sip-hotel", fault: "unreachable" }) },
  "disk-low": { severity: "critical", ...alarmOf("disk-low", { megabytes: 500 }) },
};

/** The recorded fleet as it stands at `nowAt`. */
export function recordedBoxes(nowAt: number): FleetBox[] {
  return sites.map(([box, siteName, online, health, openTickets, alarm], index) => {
    const told = alarmsTold[alarm ?? ""];
    const sinceAt = online ? nowAt - (index + 1) * 2.3 * DAY_MS : nowAt - (index + 2) * 900_000;
    return FleetBox.parse({
      box,
      siteName,
      online,
      since: sinceAt,
      software: index % 4 === 3 ? "0.1.0" : "0.1.1",
      health,
      enrolledAt: nowAt - (60 + index * 7) * DAY_MS,
      certificateExpiresAt: nowAt + (110 - index * 8) * DAY_MS,
      lastHeardAt: online ? nowAt - 4_000 : sinceAt,
      latest: recordedMetrics(online ? nowAt : sinceAt, 60, index + 3).at(-1),
      alarms: told ? [{ code: alarm, ...told, active: true, at: sinceAt }] : [],
      openTickets,
    });
  });
}

export const recordedClaims = (nowAt: number): Claim[] => [
  Claim.parse({
    code: "K7WM3RQA",
    box: "hz-lingyin-1",
    siteName: "灵隐禅意酒店",
    fingerprint: "9F:31:7A:C4:08:EE:52:1D:6B:90:AF:23:77:D1:4C:58",
    askedAt: nowAt - 240_000,
  }),
];
