import {
  alarmOf,
  type BannedAddress,
  type BoxHealth,
  type BoxPush,
  type boxApi,
  CallId,
  type ExtensionState,
  type ListedNumber,
  type ListedNumberDraft,
  type Role,
  StaffId,
  Ticket,
  type TicketChange,
  type TicketCommand,
  TicketId,
  type TicketWithHistory,
  troubleOf,
  type UplinkState,
} from "@sitebox/core/contract";
import { ClientError } from "../client/index.ts";
import { stateAfter } from "../kit/index.ts";
import { recordedCalls, recordedOffer } from "./calls.ts";
import { recordedLineDesk } from "./line-desk.ts";
import { recordedMetrics } from "./metrics.ts";
import { account, staff as people } from "./people.ts";
import { RecordedClient, type Scene } from "./recorded-client.ts";
import { recordedWav } from "./recording.ts";
import { plain, recordedTickets } from "./tickets.ts";
import { recordedWhy } from "./why.ts";

const recordedHealth = (nowAt: number): BoxHealth => ({
  state: "degraded",
  box: "hz-yunqi-1",
  site: "云栖湖畔酒店",
  software: "0.1.1",
  parts: [
    { name: "database", state: "ok" },
    { name: "sip", state: "ok" },
    { name: "media", state: "ok" },
    { name: "webrtc", state: "ok" },
    { name: "recognizer", state: "ok" },
    { name: "voice-activity", state: "ok" },
    { name: "synthesizer", state: "absent", ...troubleOf("engine-absent", { why: "there is no model" }) },
    { name: "lines", state: "degraded", ...troubleOf("lines-down", { lines: "gsm-pool" }) },
    { name: "uplink", state: "ok" },
    { name: "disk", state: "ok" },
  ],
  alarms: [
    {
      code: "line-balance/gsm-front",
      severity: "warning",
      ...alarmOf("line-balance", { line: "gsm-front", yuan: 6.4 }),
      active: true,
      at: nowAt - 5_400_000,
    },
  ],
});
const extensions: readonly ExtensionState[] = [
  { number: "8000", displayName: "语音助手", registered: true, contacts: ["本机"] },
  { number: "8001", displayName: "前台", registered: true, contacts: ["192.168.1.31:5060"] },
  { number: "8002", displayName: "值班经理", registered: false, contacts: [] },
  { number: "8101", displayName: "张伟", registered: true, contacts: ["192.168.1.58:5062"] },
  { number: "806", displayName: "806 客房", registered: true, contacts: ["192.168.1.106:5060"] },
];

/** A hotel's box on an ordinary morning. Whether the desk's or the field's user is logged in goes by the page's path. */
export function recordedBox(scene: Scene, path = location.pathname): RecordedClient<typeof boxApi, BoxPush> {
  const nowAt = Date.now();
  const role = path.startsWith("/field") ? "staff" : scene === "agent" ? "agent" : "admin";
  let tickets = scene === "empty" ? [] : recordedTickets(nowAt);
  let staff = [...people];
  const calls = scene === "empty" ? [] : recordedCalls(nowAt);
  const uplink: UplinkState = { state: "online", headquarters: "hq.example.com", waiting: 0, lastAckAt: nowAt - 3_000 };
  let signedIn = scene !== "login";
  let listed: ListedNumber[] = [
    { id: "n-1", list: "black", number: "0571*", note: "推销电话", addedBy: "林悦", addedAt: nowAt - 86_400_000 },
    { id: "n-2", list: "white", number: "13800138000", note: "业主", addedBy: "林悦", addedAt: nowAt - 172_800_000 },
  ];

  let banned: BannedAddress[] = scene === "empty" ? [] : recordedBans(nowAt);

  const find = (id: string | undefined): TicketWithHistory => {
    const ticket = tickets.find((one) => one.id === id);
    if (!ticket) throw new ClientError("not-found", "no such ticket");
    return ticket;
  };
  const keep = (ticket: TicketWithHistory) => {
    tickets = [ticket, ...tickets.filter(({ id }) => id !== ticket.id)];
    client.push({ type: "ticket", ticket: plain(ticket) });
    return ticket;
  };

  const answers: Record<
    string,
    (ask: { params?: Record<string, string>; query?: Record<string, unknown>; body?: never }) => unknown
  > = {
    me: () => {
      if (!signedIn) throw new ClientError("signed-out", "not signed in", { status: 401 });
      return account(role, scene === "password");
    },
    login: ({ body }) => {
      if ((body as unknown as { password: string }).password === "wrong")
        throw new ClientError("wrong-password", "wrong password");
      signedIn = true;
      return account(role);
    },
    logout: () => ({}),
    changePassword: () => account(role),
    health: () => recordedHealth(nowAt),
    listTickets: ({ query }) => tickets.filter(({ staff: id }) => query?.mine === undefined || id === "s-zhang").map(plain),
    openTicket: ({ body }) => plain(keep(opened(body as unknown as Record<string, unknown>, tickets.length))),
    ticket: ({ params }) => find(params?.id),
    commandTicket: ({ params, body }) => keep(commanded(find(params?.id), body as unknown as TicketCommand, role)),
    listStaff: () => staff,
    setShift: ({ params, body }) => {
      const { onShift } = body as unknown as { onShift: boolean };
      staff = staff.map((person) => (person.id === params?.id ? { ...person, onShift } : person));
      const changed = staff.find(({ id }) => id === params?.id);
      if (changed) client.push({ type: "staff", staff: changed });
      return changed;
    },
    listCalls: () => calls,
    call: ({ params }) => calls.find(({ id }) => id === params?.id),
    why: ({ params }) => {
      const call = calls.find(({ id }) => id === params?.id);
      return recordedWhy(call ?? (calls[2] as (typeof calls)[number]));
    },
    signalling: () => [],
    ...recordedLineDesk(scene, nowAt, (push) => client.push(push)),
    numberRules: () => listed,
    addNumberRule: ({ body }) => {
      const draft = body as unknown as ListedNumberDraft;
      const added = {
        ...draft,
        note: draft.note ?? "",
        id: `n-${Date.now()}`,
        addedBy: account(role).displayName,
        addedAt: Date.now(),
      };
      listed = [added, ...listed];
      return added;
    },
    removeNumberRule: ({ params }) => {
      listed = listed.filter(({ id }) => id !== params?.id);
      return {};
    },
    bans: () => banned,
    unban: ({ params }) => {
      if (!banned.some(({ address }) => address === params?.address)) throw new ClientError("not-found", "no such ban");
      banned = banned.filter(({ address }) => address !== params?.address);
      return {};
    },
    planChanges: () => [],
    decide: () => ({ action: { type: "assistant" }, because: ["8000 是服务号码：由语音助手接听"] }),
    extensions: () => (scene === "empty" ? [] : extensions),
    uplink: () => uplink,
    metrics: () => recordedMetrics(nowAt, 120),
  };

  const client: RecordedClient<typeof boxApi, BoxPush> = new RecordedClient(scene, {
    answer(name, ask) {
      const found = answers[name];
      if (!found) throw new ClientError("not-found", `nothing recorded for ${name}`);
      return found(ask as { params?: Record<string, string>; query?: Record<string, unknown> });
    },
    request: (method, params) => answerRequest(method, params, (push) => client.push(push)),
    fileUrl: () => URL.createObjectURL(recordedWav()),
    opened(push) {
      if (scene === "offer") setTimeout(() => push({ type: "offer", handOff: recordedOffer }), 400);
      if (scene === "" && role === "staff")
        setTimeout(() => push({ type: "ticket", ticket: plain(keep(nextJob(nowAt))) }), 20_000);
    },
  });
  return client;
}

const recordedBans = (nowAt: number): BannedAddress[] => [
  {
    address: "203.0.113.45",
    since: nowAt - 1_500_000,
    until: nowAt + 2_100_000,
    kind: "failures",
    reason: "7 wrong passwords and 3 unknown numbers within 10 minutes",
    failures: 10,
  },
  {
    address: "2001:db8:4c1::9",
    since: nowAt - 300_000,
    until: nowAt + 3_300_000,
    kind: "scanner",
    reason: "calls itself friendly-scanner, a tool that looks for weak telephone systems",
    failures: 1,
  },
];

/** A visitor's call is answered after two seconds; an agent's at once. There is no sound: nothing is recorded for `rtc.*`. */
function answerRequest(method: string, params: unknown, push: (push: BoxPush) => void): unknown {
  if (method.startsWith("rtc.")) throw new ClientError("recorded", "a recorded page has no sound");
  const { callId } = recordedOffer;
  if (method === "visitor.call") {
    setTimeout(() => push({ type: "video", callId, may: true, theirs: false }), 2_000);
    return { callId, sinceAt: Date.now() };
  }
  if (method === "agent.answer") {
    setTimeout(() => push({ type: "video", callId, may: true, theirs: false }), 100);
    return params;
  }
  if (method === "agent.control") setTimeout(() => push({ type: "situation", callId, situation: situationAfter(params) }), 150);
  if (method === "agent.hangup") {
    const ended = CallId.parse((params as { callId: string }).callId);
    setTimeout(() => push({ type: "call-ended", callId: ended, reason: "hung-up" }), 100);
  }
  return {};
}

function situationAfter(params: unknown): Extract<BoxPush, { type: "situation" }>["situation"] {
  const { action, target = "" } = params as { action: string; target?: string };
  const parties = [recordedOffer.callerNumber];
  if (action === "hold") return { state: "holding", parties };
  if (action === "consult") return { state: "consulting", parties: [target] };
  if (action === "join") return { state: "conference", parties: [...parties, "8001"] };
  return { state: "talking", parties };
}

function opened(body: Record<string, unknown>, count: number): TicketWithHistory {
  const at = Date.now();
  const number = String(10_019 + count - 13);
  const history: TicketChange[] = [{ rev: 1, type: "opened", state: "open", at, actor: "林悦" }];
  return {
    ...Ticket.parse({ ...body, id: `t-${number}-${at}`, number, state: "open", rev: 1, openedAt: at, updatedAt: at }),
    history,
  };
}

const CHANGES: Record<TicketCommand["action"], TicketChange["type"]> = {
  assign: "assigned",
  accept: "accepted",
  decline: "declined",
  start: "started",
  finish: "finished",
  cancel: "cancelled",
  comment: "commented",
};

function commanded(ticket: TicketWithHistory, command: TicketCommand, role: Role): TicketWithHistory {
  const state = stateAfter(ticket.state, command.action);
  const assignee = command.action === "assign" ? people.find(({ id }) => id === command.staff) : undefined;
  const change: TicketChange = {
    rev: ticket.rev + 1,
    type: CHANGES[command.action],
    state,
    at: Date.now(),
    actor: account(role).displayName,
    ...(assignee && { staff: assignee.id, staffName: assignee.name }),
    ...("note" in command && command.note !== undefined && { note: command.note }),
  };
  const { staff: _staff, staffName: _staffName, ...free } = ticket;
  const kept = command.action === "decline" ? free : ticket;
  return {
    ...kept,
    ...(assignee && { staff: assignee.id, staffName: assignee.name }),
    state,
    rev: change.rev,
    updatedAt: change.at,
    history: [...ticket.history, change],
  };
}

/** The job that comes in while a repairman looks at his page. */
function nextJob(nowAt: number): TicketWithHistory {
  const first = recordedTickets(nowAt).find(({ number }) => number === "10017") as TicketWithHistory;
  const at = Date.now();
  return {
    ...first,
    id: TicketId.parse("t-10020"),
    number: "10020",
    place: "818",
    item: "热水",
    fault: "不热",
    summary: "818 热水不热",
    priority: "P1",
    staff: StaffId.parse("s-zhang"),
    openedAt: at,
    updatedAt: at,
  };
}
