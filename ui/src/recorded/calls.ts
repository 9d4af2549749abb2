import { type CallMoment, CallWithMoments, HandOff } from "@sitebox/core/contract";

const MINUTE_MS = 60_000;

const repair: readonly CallMoment[] = [
  { atMs: 0, type: "media", text: "来电接通" },
  { atMs: 600, type: "said", text: "您好，这里是云栖湖畔酒店智能语音助手，通话将会录音。请问有什么可以帮您？" },
  { atMs: 7_300, type: "heard", text: "八零六房间空调不制冷", data: { confidence: 0.93 } },
  { atMs: 7_700, type: "decision", text: "报修 · 806 · 空调 · 不制冷", data: { intent: "hotel.repair", band: "act" } },
  { atMs: 8_000, type: "said", text: "好的，806 房间空调不制冷，对吗？" },
  { atMs: 11_600, type: "heard", text: "对的" },
  { atMs: 12_100, type: "ticket", text: "工单 10017 已建立，派给张伟", data: { number: "10017" } },
  { atMs: 12_500, type: "said", text: "已为您登记，工单号一零零一七，维修人员张伟马上联系您。请问还有其他需要吗？" },
  { atMs: 19_800, type: "heard", text: "没有了，谢谢" },
  { atMs: 20_300, type: "said", text: "不客气，祝您入住愉快，再见。" },
];

const waiting: readonly CallMoment[] = [
  { atMs: 0, type: "media", text: "来电接通" },
  { atMs: 600, type: "said", text: "您好，这里是云栖湖畔酒店智能语音助手，通话将会录音。请问有什么可以帮您？" },
  { atMs: 6_900, type: "heard", text: "我想问一下明天会议室能不能提前布置" },
  { atMs: 7_400, type: "decision", text: "没有听懂(第一次)", data: { band: "ask" } },
  { atMs: 7_700, type: "said", text: "抱歉，我没有听清。您是要报修、送物，还是转人工？" },
  { atMs: 12_300, type: "heard", text: "转人工吧，会议室的事" },
  { atMs: 12_700, type: "transfer", text: "转接坐席" },
  { atMs: 13_000, type: "said", text: "好的，正在为您转接，请稍候。" },
];

interface Line {
  readonly id: string;
  readonly ageMinutes: number;
  readonly caller: string;
  readonly state?: CallWithMoments["state"];
  readonly outcome?: CallWithMoments["outcome"];
  readonly seconds?: number;
  readonly channel?: CallWithMoments["channel"];
  readonly tickets?: readonly string[];
  readonly moments?: readonly CallMoment[];
}

const lines: readonly Line[] = [
  { id: "c-33", ageMinutes: 0, caller: "13957188012", state: "queued", moments: waiting },
  { id: "c-32", ageMinutes: 0, caller: "615", state: "assistant", moments: repair.slice(0, 4) },
  { id: "c-31", ageMinutes: 3, caller: "806", outcome: "ticket", seconds: 24, tickets: ["t-10017"], moments: repair },
  { id: "c-30", ageMinutes: 6, caller: "13857126640", outcome: "ticket", seconds: 41, tickets: ["t-10018"], moments: repair },
  {
    id: "c-29",
    ageMinutes: 8,
    caller: "web",
    outcome: "ticket",
    seconds: 36,
    channel: "web-call",
    tickets: ["t-10016"],
    moments: repair,
  },
  { id: "c-28", ageMinutes: 15, caller: "18758209931", outcome: "agent", seconds: 132, moments: waiting },
  { id: "c-27", ageMinutes: 17, caller: "803", outcome: "ticket", seconds: 29, tickets: ["t-10014"], moments: repair },
  { id: "c-26", ageMinutes: 52, caller: "13605718832", outcome: "message", seconds: 48, tickets: ["t-10010"], moments: waiting },
  { id: "c-25", ageMinutes: 67, caller: "13738012247", outcome: "abandoned", seconds: 4 },
  { id: "c-24", ageMinutes: 90, caller: "809", outcome: "ticket", seconds: 27, tickets: ["t-10009"], moments: repair },
  { id: "c-23", ageMinutes: 118, caller: "15158130477", outcome: "extension", seconds: 215, moments: waiting },
];

/** The recorded hotel's calls as they stand at `nowAt`, newest first. */
export function recordedCalls(nowAt: number): CallWithMoments[] {
  return lines.map(
    ({ id, ageMinutes, caller, state = "ended", outcome, seconds = 0, channel = "phone", tickets = [], moments = [] }) => {
      const startedAt = nowAt - ageMinutes * MINUTE_MS - 25_000;
      return CallWithMoments.parse({
        id,
        channel,
        callerNumber: caller,
        dialled: "8000",
        state,
        startedAt,
        answeredAt: startedAt + 400,
        ...(state === "ended" && { endedAt: startedAt + seconds * 1_000, outcome }),
        ticketIds: tickets,
        hasRecording: state === "ended" && seconds > 5,
        moments,
      });
    },
  );
}

export const recordedOffer: HandOff = HandOff.parse({
  callId: "c-33",
  callerNumber: "13957188012",
  reason: "asked",
  place: "三楼会议室",
  summary: "客人询问明天会议室能否提前布置",
  moments: waiting,
});
