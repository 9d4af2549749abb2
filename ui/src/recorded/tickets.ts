import { Ticket, type TicketChange, TicketWithHistory } from "@sitebox/core/contract";

const MINUTE_MS = 60_000;

interface Line {
  readonly number: string;
  readonly state: Ticket["state"];
  readonly ageMinutes: number;
  readonly summary: string;
  readonly place?: string;
  readonly item?: string;
  readonly fault?: string;
  readonly quantity?: number;
  readonly kind?: Ticket["kind"];
  readonly priority?: Ticket["priority"];
  readonly channel?: Ticket["channel"];
  readonly caller?: string;
  readonly staff?: readonly [id: string, name: string];
  readonly hasAudio?: boolean;
  readonly incomplete?: boolean;
  readonly callId?: string;
}

const zhang = ["s-zhang", "张伟"] as const;
const li = ["s-li", "李国强"] as const;
const wang = ["s-wang", "王秀兰"] as const;

const lines: readonly Line[] = [
  {
    number: "10018",
    state: "open",
    ageMinutes: 6,
    place: "1203",
    item: "门锁",
    fault: "刷卡打不开",
    summary: "1203 门锁刷卡打不开",
    priority: "P1",
    caller: "13857126640",
  },
  {
    number: "10017",
    state: "assigned",
    ageMinutes: 3,
    place: "806",
    item: "空调",
    fault: "不制冷",
    summary: "806 空调不制冷",
    staff: zhang,
    caller: "806",
    callId: "c-31",
  },
  {
    number: "10016",
    state: "assigned",
    ageMinutes: 8,
    place: "712",
    item: "吹风机",
    fault: "没反应",
    summary: "712 吹风机没反应",
    priority: "P3",
    staff: zhang,
    channel: "web-call",
    caller: "web",
  },
  {
    number: "10015",
    state: "in-progress",
    ageMinutes: 21,
    place: "605",
    item: "卫生间",
    fault: "漏水",
    summary: "605 卫生间漏水，地面积水",
    priority: "P0",
    staff: li,
    caller: "605",
  },
  {
    number: "10014",
    state: "accepted",
    ageMinutes: 17,
    place: "803",
    item: "电视",
    fault: "没有信号",
    summary: "803 电视没有信号",
    staff: zhang,
    caller: "803",
  },
  {
    number: "10013",
    state: "in-progress",
    ageMinutes: 12,
    place: "511",
    kind: "delivery",
    item: "浴巾",
    quantity: 2,
    summary: "511 送浴巾 2 条",
    staff: wang,
    caller: "511",
  },
  {
    number: "10012",
    state: "accepted",
    ageMinutes: 26,
    place: "608",
    kind: "delivery",
    item: "矿泉水",
    quantity: 4,
    summary: "608 送矿泉水 4 瓶",
    priority: "P3",
    staff: wang,
    channel: "web-call",
    caller: "web",
  },
  {
    number: "10011",
    state: "in-progress",
    ageMinutes: 44,
    place: "大堂",
    item: "照明",
    fault: "一闪一闪",
    summary: "大堂照明一闪一闪",
    staff: zhang,
    channel: "desk",
  },
  {
    number: "10010",
    state: "assigned",
    ageMinutes: 52,
    kind: "message",
    summary: "客人留言，语音 18 秒，请回听",
    staff: li,
    caller: "13605718832",
    hasAudio: true,
    incomplete: true,
  },
  {
    number: "10009",
    state: "done",
    ageMinutes: 88,
    place: "809",
    item: "马桶",
    fault: "堵了",
    summary: "809 马桶堵了",
    staff: li,
    caller: "809",
  },
  {
    number: "10008",
    state: "done",
    ageMinutes: 131,
    place: "702",
    kind: "delivery",
    item: "拖鞋",
    quantity: 2,
    summary: "702 送拖鞋 2 双",
    staff: wang,
    caller: "702",
  },
  {
    number: "10007",
    state: "cancelled",
    ageMinutes: 160,
    place: "510",
    item: "空调",
    fault: "声音大",
    summary: "510 空调声音大",
    caller: "510",
  },
  {
    number: "10006",
    state: "done",
    ageMinutes: 204,
    place: "801",
    item: "灯",
    fault: "不亮",
    summary: "801 床头灯不亮",
    staff: zhang,
    caller: "801",
  },
];

const historyOf: Record<Ticket["state"], readonly TicketChange["type"][]> = {
  open: ["opened", "unassignable"],
  assigned: ["opened", "assigned"],
  accepted: ["opened", "assigned", "accepted"],
  "in-progress": ["opened", "assigned", "accepted", "started"],
  done: ["opened", "assigned", "accepted", "started", "finished"],
  cancelled: ["opened", "cancelled"],
};
const stateAt: Record<TicketChange["type"], Ticket["state"]> = {
  opened: "open",
  unassignable: "open",
  unassigned: "open",
  declined: "open",
  assigned: "assigned",
  accepted: "accepted",
  started: "in-progress",
  finished: "done",
  cancelled: "cancelled",
  commented: "open",
};
const notes: Partial<Record<TicketChange["type"], string>> = {
  unassignable: "没有在班且会修门锁的人员",
  finished: "已处理，客人确认",
  cancelled: "客人来电取消",
};

/** The recorded hotel's tickets as they stand at `nowAt`. */
export function recordedTickets(nowAt: number): TicketWithHistory[] {
  return lines.map((line) => ticketOf(line, nowAt));
}

function ticketOf(line: Line, nowAt: number): TicketWithHistory {
  const openedAt = nowAt - line.ageMinutes * MINUTE_MS - 20_000;
  const types = historyOf[line.state];
  const stepMs = Math.min(6 * MINUTE_MS, (line.ageMinutes * MINUTE_MS) / types.length);
  const history = types.map((type, index) => ({
    rev: index + 1,
    type,
    state: stateAt[type],
    at: openedAt + (index === 0 ? 0 : index === 1 ? 400 : (index - 1) * stepMs),
    actor:
      type === "opened"
        ? line.channel === "desk"
          ? "林悦"
          : "assistant"
        : index === 1
          ? "dispatch"
          : (line.staff?.[1] ?? "林悦"),
    ...(line.staff && index > 0 && { staff: line.staff[0], staffName: line.staff[1] }),
    ...(notes[type] && { note: notes[type] }),
  }));
  const { ageMinutes, caller, staff, kind = "repair", priority = "P2", channel = "phone", ...rest } = line;
  return TicketWithHistory.parse({
    ...rest,
    id: `t-${line.number}`,
    kind,
    intent: kind === "repair" ? "hotel.repair" : kind === "delivery" ? "hotel.delivery" : "common.message",
    priority,
    channel,
    rev: history.length,
    callerNumber: caller,
    ...(staff && { staff: staff[0], staffName: staff[1] }),
    openedAt,
    updatedAt: history.at(-1)?.at ?? openedAt,
    history,
  });
}

/** The ticket without its history, as lists and pushes carry it. */
export const plain = (ticket: TicketWithHistory): Ticket => Ticket.parse(ticket);
