import { isAbsolute, join, normalize } from "node:path";
import { boxApi } from "@sitebox/core/contract";
import { accountHandlers, BytesAnswer, FileAnswer, type Handlers, WebError } from "@sitebox/core/web";
import { z } from "zod";
import type { BoxHttpDeps } from "./deps.ts";
import { lineHandlers } from "./line-handlers.ts";
import { actorOf, maySee, publicHealth, ticketDetailFor, ticketFor, whyFor, worksAtDesk } from "./views.ts";

/** The contract's table and the two binary answers that stand beside it. */
export const routes = {
  ...boxApi,
  listen: { ...boxApi.listen, accepts: "audio/wav" },
  speak: { ...boxApi.speak, content: "audio/wav" },
  recording: {
    method: "GET",
    path: "/api/calls/:id/recording",
    roles: ["admin", "agent"],
    answer: z.unknown(),
    content: "audio/wav",
  },
  callsCsv: {
    method: "GET",
    path: "/api/calls.csv",
    roles: ["admin"],
    query: z.object({
      from: z.coerce.number().optional(),
      to: z.coerce.number().optional(),
      /** Numbers in full. */
      personal: z.stringbool().default(false),
      language: z.enum(["zh-CN", "en"]).default("zh-CN"),
    }),
    answer: z.unknown(),
    content: "text/csv; charset=utf-8",
  },
  whyText: {
    method: "GET",
    path: "/api/calls/:id/why.txt",
    roles: ["admin", "agent"],
    query: z.object({ language: z.enum(["zh-CN", "en"]).default("zh-CN") }),
    answer: z.unknown(),
    content: "text/plain; charset=utf-8",
  },
  whyPackets: {
    method: "GET",
    path: "/api/calls/:id/why.pcap",
    roles: ["admin"],
    answer: z.unknown(),
    content: "application/vnd.tcpdump.pcap",
  },
  lineTranscript: {
    method: "GET",
    path: "/api/lines/:name/transcript",
    roles: ["admin"],
    answer: z.unknown(),
    content: "application/jsonl",
  },
  ticketAudio: {
    method: "GET",
    path: "/api/tickets/:id/audio",
    roles: ["admin", "agent", "staff"],
    answer: z.unknown(),
    content: "audio/wav",
  },
} as const;

/** Three minutes of 16 kHz. */
const MAX_WAV_BYTES = 6_000_000;

/** What carries the box's routes out. */
export function boxHandlers(deps: BoxHttpDeps): Handlers<typeof routes> {
  const { tickets, calls, explainer, settings, speech, config } = deps;
  const log = deps.log.child("http");
  const whyOf = async (id: string | undefined) => {
    const why = await explainer.find(id ?? "");
    if (!why) throw new WebError("no-such-call");
    return why;
  };
  return {
    ...accountHandlers(deps.accounts),
    health: async ({ account }) => {
      const health = await deps.health();
      return account ? health : publicHealth(health);
    },
    listTickets: async ({ account, query: { mine = false, active, limit } }) => {
      if (!worksAtDesk(account) && account.staff === undefined) return [];
      if (mine && account.staff === undefined) return [];
      const list = await tickets.list({
        active,
        limit,
        staff: mine || !worksAtDesk(account) ? account.staff : undefined,
        withOpen: !mine,
      });
      return list.map((ticket) => ticketFor(account, ticket));
    },
    openTicket: ({ account, body }) => {
      // Files of the box are named by the box alone.
      const { audioFile: _, ...draft } = body;
      return tickets.open({ ...draft, channel: draft.channel === "api" ? "api" : "desk" }, actorOf(account).name);
    },
    ticket: async ({ account, params }) => {
      const ticket = await tickets.get(params.id);
      if (!maySee(account, ticket)) throw new WebError("no-such-ticket");
      return ticketDetailFor(account, ticket);
    },
    commandTicket: async ({ account, params, body }) =>
      ticketDetailFor(account, await tickets.command(params.id, body, actorOf(account))),
    listStaff: () => tickets.listStaff(),
    setShift: ({ account, params, body }) => {
      if (!worksAtDesk(account) && account.staff !== params.id) throw new WebError("own-shift-only");
      return tickets.setShift(params.id, body.onShift, actorOf(account));
    },
    listCalls: ({ query }) => calls.list(query.limit),
    placeCall: async ({ account, body: { from, to, callerNumber } }) => {
      if (callerNumber !== undefined && account.role !== "admin") throw new WebError("shown-number-admins-only");
      const who =
        from === "me"
          ? ({ type: "agent", account: account.id, name: account.name } as const)
          : ({ type: "extension", number: from } as const);
      const callId = await deps.desk.place({ from: who, to, ...(callerNumber !== undefined && { shown: callerNumber }) });
      log.info("call placed", { call: callId, account: account.id });
      return { callId };
    },
    callsCsv: async ({ account, query }) => {
      log.info("call records exported", { account: account.id, personal: query.personal });
      return new BytesAnswer("text/csv; charset=utf-8", await deps.desk.csv(query));
    },
    call: async ({ params }) => {
      const call = await calls.find(params.id);
      if (!call) throw new WebError("no-such-call");
      return call;
    },
    recording: async ({ account, params }) => {
      const file = await calls.recordingFile(params.id);
      const path = file === undefined ? undefined : normalize(file);
      if (!path || isAbsolute(path) || path.startsWith("..")) throw new WebError("no-such-recording");
      // Who listened to whose voice has to be known afterwards.
      log.info("recording listened to", { call: params.id, account: account.id });
      return new FileAnswer("audio/wav", join(config.dataDir, path));
    },
    why: async ({ account, params }) => whyFor(account, await whyOf(params.id)),
    whyText: async ({ account, params, query: { language } }) => {
      const why = whyFor(account, await whyOf(params.id));
      log.info("signalling exported as text", { call: params.id, account: account.id });
      return new BytesAnswer("text/plain; charset=utf-8", new TextEncoder().encode(explainer.text(why, language)));
    },
    whyPackets: async ({ account, params }) => {
      const packets = await explainer.pcap(params.id);
      if (!packets) throw new WebError("no-such-call");
      log.info("signalling exported as packets", { call: params.id, account: account.id });
      return new BytesAnswer("application/vnd.tcpdump.pcap", packets);
    },
    signalling: async () => explainer.recent(),
    ticketAudio: async ({ account, params }) => {
      const { staff } = await tickets.get(params.id);
      if (!worksAtDesk(account) && (staff === undefined || staff !== account.staff)) throw new WebError("no-such-ticket");
      log.info("recording listened to", { ticket: params.id, account: account.id });
      return new FileAnswer("audio/wav", await tickets.audioFile(params.id));
    },
    extensions: () => deps.extensions(),
    numberRules: async () => settings.numberRules(),
    addNumberRule: ({ account, body }) => settings.addNumberRule(body, account.name),
    removeNumberRule: async ({ account, params }) => {
      if (!(await settings.removeNumberRule(params.id, account.name))) throw new WebError("no-such-entry");
      return {};
    },
    setSwitches: ({ account, params, body }) => settings.setSwitches(params.number, body, account.name),
    ...lineHandlers(deps),
    bans: async () => [...deps.guard.bans()],
    unban: async ({ account, params }) => {
      if (!deps.guard.unban(params.address)) throw new WebError("no-such-ban");
      log.info("a ban was lifted", { address: params.address, account: account.id });
      return {};
    },
    planChanges: ({ query }) => settings.changes(query.limit),
    decide: async ({ query }) => settings.decide(query),
    uplink: () => deps.uplink(),
    metrics: () => deps.metrics(),
    understand: ({ body }) => speech.understand(body.text),
    listen: async ({ bytes }) => speech.listen(await bytes(MAX_WAV_BYTES)),
    speak: async ({ body }) => new BytesAnswer("audio/wav", await speech.speak(body.text, body.language)),
  };
}
