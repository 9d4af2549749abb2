import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  BoxConfig,
  type BoxPush,
  Call,
  CallId,
  CallsConfig,
  type CallWhy,
  type OutsideLine,
  type SelfCall,
  StaffId,
  type TextMessage,
  type Ticket,
  type TicketWithHistory,
} from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { WebError } from "@sitebox/core/web";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { openBoxAccounts } from "../accounts/index.ts";
import { callSettings } from "../call-settings.ts";
import { openExtensionSwitches, openNumberLists } from "../calls/lists/index.ts";
import { openCallPlan } from "../calls/plan/index.ts";
import { type Channel, fieldChannel, Notifier } from "../channels/index.ts";
import type { BoxDatabase } from "../db/index.ts";
import { coldAir, hotel, openHotel } from "../tickets/testing/index.ts";
import { type LineDesk, openHttp, type TextDesk } from "./index.ts";

const PASSWORD = "correct horse";
const why: CallWhy = {
  call: Call.parse({
    id: "c1",
    channel: "phone",
    callerNumber: "13800138000",
    dialled: "8000",
    state: "ended",
    startedAt: 1_000,
    ticketIds: [],
    hasRecording: false,
  }),
  moments: [],
  wire: [
    {
      at: 1_000,
      direction: "in",
      transport: "udp",
      local: "10.0.0.1:5060",
      remote: "10.0.0.7:5060",
      label: "INVITE",
      text: 'INVITE sip:8000@10.0.0.1 SIP/2.0\r\nFrom: "王先生" <sip:13800138000@10.0.0.7>;tag=1\r\n\r\n',
    },
  ],
  legs: [],
};

const planned = {
  site: hotel(),
  calls: CallsConfig.parse({ outgoing: [{ name: "local", dialled: "[2-8]\\d{7}" }] }),
  sip: BoxConfig.shape.sip.parse({
    extensions: [{ number: "8001", password: "8001-secret" }],
    trunks: [{ name: "carrier", host: "carrier.example", numbers: ["057112345678"] }],
  }),
};
const selfCall: SelfCall = {
  number: "057112345678",
  at: 1_000,
  by: "modem",
  result: "not-rung",
  reason: "480 from 10.0.0.1",
};
const carrier: OutsideLine = {
  name: "carrier",
  kind: "sip",
  state: "down",
  reason: "403 from 10.0.0.1",
  calls: 0,
  maxCalls: 2,
  numbers: ["057112345678"],
  can: { text: false, ussd: false, balance: false },
  selfCalls: [selfCall],
};
const text: TextMessage = {
  id: "t1",
  line: "modem",
  direction: "in",
  number: "13800138000",
  text: "806空调坏了",
  state: "received",
  at: 1_000,
};
const code: TextMessage = { ...text, id: "t2", number: "95588", text: "验证码 123456" };
const noLine = async () => {
  throw new WebError("no-such-line");
};
const lines: LineDesk = {
  list: () => [carrier],
  configs: () => [],
  changes: async ({ line = "all", limit }) => [
    { at: limit, actor: "admin", line, type: "removed", before: { kind: "gsm", name: line } },
  ],
  add: async (config) => ({ name: config.name, origin: "page", config }),
  change: noLine,
  remove: noLine,
  switch: noLine,
  testCall: noLine,
  ussd: async (name, code) => `${name} ${code}`,
  askBalance: noLine,
  selfCall: async () => [selfCall],
  found: () => [],
  transcript: (name) => `{"transcript":1,"line":"${name}"}\n`,
};
const texts: TextDesk = {
  list: async () => [text, code],
  send: async ({ to, text: sent }) => ({ ...text, number: to, text: sent }),
  find: async (id) => [text, code].find((one) => one.id === id),
  answer: async (_, sent) => ({ ...text, id: "t3", direction: "out", text: sent }),
  test: noLine,
};

async function openSettings(db: BoxDatabase) {
  const deps = { db, clock: systemClock };
  const lists = await openNumberLists({ ...deps, config: planned.calls });
  const switches = await openExtensionSwitches(deps);
  const plan = openCallPlan(planned, { ...deps, lists, switches });
  return callSettings({ ...deps, lists, switches, plan, extensions: () => ["8001"] });
}

const ban = {
  address: "2001:db8::1",
  since: 1,
  until: 2,
  kind: "scanner",
  reason: "calls itself friendly-scanner",
  failures: 1,
} as const;

async function open() {
  const banned = new Map<string, typeof ban>([[ban.address, ban]]);
  await using opening = new AsyncDisposableStack();
  const site = opening.use(await openHotel());
  const { accounts, created: first } = await openBoxAccounts({
    db: site.db,
    clock: systemClock,
    log: silentLog,
    cost: { log2N: 10, r: 8, p: 1 },
    site: hotel(),
  });
  await mkdir(join(site.dataDir, "recordings"));
  await writeFile(join(site.dataDir, "recordings/c1.wav"), "0123456789");
  const http = opening.use(
    await openHttp({
      config: { http: { host: "127.0.0.1", port: 0 }, dataDir: site.dataDir },
      software: "1.0.0",
      uiDir: site.dataDir,
      clock: systemClock,
      log: silentLog,
      accounts,
      tickets: site.tickets,
      calls: {
        list: async () => [],
        find: async () => undefined,
        recordingFile: async (id) => ({ c1: "recordings/c1.wav", evil: "../box.db" })[id],
      },
      desk: {
        place: async ({ from, to, shown }) =>
          CallId.parse(`${from.type === "agent" ? from.name : from.number}-${to}-${shown ?? ""}`),
        csv: async ({ personal, language }) => new TextEncoder().encode(`${language} ${personal}`),
      },
      explainer: {
        find: async (id) => (id === "c1" ? why : undefined),
        pcap: async (id) => (id === "c1" ? Uint8Array.of(1, 2, 3) : undefined),
        text: (told, language) => `${language} ${told.wire[0]?.text}`,
        recent: () => [],
      },
      settings: await openSettings(site.db),
      lines,
      texts,
      guard: { bans: () => [...banned.values()], unban: (address) => banned.delete(address) },
      speech: {
        understand: async (text) => ({ text, intents: [], band: "hand-over" }),
        listen: async (wav) => ({ text: "", heard: String(wav.length), intents: [], band: "hand-over" }),
        speak: async () => {
          throw new WebError("speech-unavailable", { why: "no voice is installed" });
        },
      },
      agentMethods: { "agent.echo": async ({ account }, params) => ({ name: account?.name, params }) },
      visitorMethods: { "visitor.echo": async ({ path }) => path },
      extensions: async () => [],
      uplink: async () => ({ state: "off", waiting: 0 }),
      health: async () => ({
        state: "degraded",
        box: "box-1",
        site: "示范酒店",
        software: "1.0.0",
        parts: [{ name: "disk", state: "degraded", reason: "/secret is full", fix: "delete something" }],
        alarms: [{ code: "line-down/secret", severity: "warning", text: "the line secret is down", active: true, at: 0 }],
      }),
      metrics: async () => [],
    }),
  );
  const send = (cookie: string, method: string, path: string, body?: unknown) =>
    fetch(http.url + path, {
      method,
      headers: { cookie, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const login = async (name: string, password = PASSWORD) => {
    const answer = await send("", "POST", "/api/login", { name, password });
    return { answer, cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  };
  /** Somebody who has set their own password. */
  const person = async (name: string) => {
    const once = first.find((account) => account.name === name)?.password ?? "";
    const { cookie } = await login(name, once);
    await send(cookie, "POST", "/api/password", { current: once, next: PASSWORD });
    const json = async <T>(method: string, path: string, body?: unknown) => {
      const answer = await send(cookie, method, path, body);
      return { status: answer.status, body: (await answer.json()) as T };
    };
    return { cookie, json, send: (method: string, path: string, body?: unknown) => send(cookie, method, path, body) };
  };
  const connect = async (path: string, cookie = "") => {
    const socket = new WebSocket(http.url.replace("http", "ws") + path, { headers: { cookie } });
    const messages: unknown[] = [];
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    await once(socket, "open");
    const next = async (): Promise<unknown> => {
      while (messages.length === 0) await once(socket, "message");
      return messages.shift();
    };
    /** All pushes until this request was answered. */
    const pushes = async (): Promise<BoxPush[]> => {
      socket.send(JSON.stringify({ id: 99, method: "x" }));
      const seen: BoxPush[] = [];
      for (;;) {
        const message = await next();
        if (typeof message === "object" && message !== null && "id" in message) return seen;
        seen.push(message as BoxPush);
      }
    };
    await pushes().catch(() => {});
    return { socket, next, pushes, closed };
  };
  const owned = opening.move();
  return { ...site, http, accounts, first, send, login, person, connect, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("everybody of the site can log in after the first start, and has to set a password first", async () => {
  await using box = await open();
  expect(box.first.map(({ name }) => name)).toEqual(["admin", "agent", "li", "wang", "zhao"]);
  const { answer, cookie } = await box.login("li", box.first[2]?.password);
  expect(await answer.json()).toMatchObject({
    name: "li",
    displayName: "李师傅",
    role: "staff",
    staff: "li",
    mustChangePassword: true,
  });
  const refused = await box.send(cookie, "GET", "/api/tickets");
  expect([refused.status, await refused.json()]).toMatchObject([403, { fault: "must-change-password" }]);
  const changed = await box.send(cookie, "POST", "/api/password", { current: box.first[2]?.password, next: PASSWORD });
  expect([changed.status, await changed.json()]).toMatchObject([200, { mustChangePassword: false }]);
  expect((await box.send(cookie, "GET", "/api/tickets")).status).toBe(200);
  await box.send(cookie, "POST", "/api/logout");
  expect((await box.send(cookie, "GET", "/api/tickets")).status).toBe(401);
});

test("too many wrong passwords are answered with how long to wait", async () => {
  await using box = await open();
  for (let i = 0; i < 5; i++) expect((await box.login("admin", "guess")).answer.status).toBe(401);
  const { answer } = await box.login("admin", "guess");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "2"]);
});

test("the desk opens a work order, the field does it, and the history says who", async () => {
  await using box = await open();
  const desk = await box.person("agent");
  const opened = await desk.json<Ticket>("POST", "/api/tickets", { ...coldAir, channel: "desk", audioFile: "box.db" });
  expect(opened).toMatchObject({ status: 200, body: { number: "80001", staff: "li", hasAudio: false } });
  const path = `/api/tickets/${opened.body.id}`;
  const li = await box.person("li");
  for (const [action, state] of [
    ["accept", "accepted"],
    ["start", "in-progress"],
    ["finish", "done"],
  ]) {
    const answer = await li.json<Ticket>("POST", `${path}/commands`, { action, commandId: action });
    expect(answer).toMatchObject({ status: 200, body: { state } });
  }
  const { body } = await desk.json<TicketWithHistory>("GET", path);
  expect(body.history.map(({ type, actor }) => `${type} by ${actor}`)).toEqual([
    "opened by 前台",
    "assigned by dispatch",
    "accepted by 李师傅",
    "started by 李师傅",
    "finished by 李师傅",
  ]);
});

test("staff see what is theirs and what nobody has; callers' numbers only of their own", async () => {
  await using box = await open();
  const lis = await box.tickets.open(coldAir);
  const pool = await box.tickets.open({ ...coldAir, kind: "message" });
  const zhaos = await box.tickets.open({ ...coldAir, kind: "delivery", item: "毛巾", audioFile: "recordings/c1.wav" });
  const li = await box.person("li");
  const list = await li.json<Ticket[]>("GET", "/api/tickets");
  expect(list.body.map(({ id, callerNumber }) => [id, callerNumber])).toEqual([
    [pool.id, undefined],
    [lis.id, "138****5678"],
  ]);
  expect((await li.json<Ticket[]>("GET", "/api/tickets?mine=true&active=true")).body.map(({ id }) => id)).toEqual([lis.id]);
  expect((await li.json<Ticket>("GET", `/api/tickets/${lis.id}`)).body.callerNumber).toBe("13812345678");
  expect((await li.json<Ticket>("GET", `/api/tickets/${pool.id}`)).body.callerNumber).toBeUndefined();
  expect((await li.json("GET", `/api/tickets/${zhaos.id}`)).status).toBe(404);
  expect((await li.json("GET", `/api/tickets/${zhaos.id}/audio`)).status).toBe(404);
  expect(await li.json("POST", `/api/tickets/${zhaos.id}/commands`, { action: "accept", commandId: "1" })).toMatchObject({
    status: 403,
    body: { fault: "not-allowed" },
  });
  for (const path of ["/api/calls", "/api/uplink", "/api/calls/c1/recording"])
    expect((await li.json("GET", path)).status).toBe(403);
  const zhao = await box.person("zhao");
  expect(await (await zhao.send("GET", `/api/tickets/${zhaos.id}/audio`)).text()).toBe("0123456789");
});

test("a desk without a person of the staff has nothing of its own", async () => {
  await using box = await open();
  await box.tickets.open(coldAir);
  const desk = await box.person("agent");
  expect((await desk.json<Ticket[]>("GET", "/api/tickets?mine=true")).body).toEqual([]);
  expect((await desk.json<Ticket[]>("GET", "/api/tickets")).body).toHaveLength(1);
});

test("staff switch their own shift, the desk anybody's", async () => {
  await using box = await open();
  const [li, desk] = [await box.person("li"), await box.person("agent")];
  expect(await li.json("PUT", "/api/staff/li/shift", { onShift: false })).toMatchObject({
    status: 200,
    body: { onShift: false },
  });
  expect((await li.json("PUT", "/api/staff/wang/shift", { onShift: false })).status).toBe(403);
  expect((await desk.json("PUT", "/api/staff/wang/shift", { onShift: false })).status).toBe(200);
  expect((await desk.json("PUT", "/api/staff/nobody/shift", { onShift: false })).status).toBe(404);
});

test("recordings are served by ranges and never from outside the data folder", async () => {
  await using box = await open();
  const desk = await box.person("agent");
  const part = await fetch(`${box.http.url}/api/calls/c1/recording`, { headers: { cookie: desk.cookie, range: "bytes=2-3" } });
  expect([part.status, await part.text()]).toEqual([206, "23"]);
  for (const id of ["evil", "none"]) expect((await desk.send("GET", `/api/calls/${id}/recording`)).status).toBe(404);
});

test("whoever is not logged in learns that something is wrong, not what", async () => {
  await using box = await open();
  const health = await (await box.send("", "GET", "/api/health")).json();
  expect(health).toMatchObject({ state: "degraded", parts: [{ name: "disk", state: "degraded" }] });
  expect(JSON.stringify(health)).not.toContain("secret");
  const desk = await box.person("agent");
  expect(JSON.stringify((await desk.json("GET", "/api/health")).body)).toContain("secret");
});

test("the tools for integrators answer, or say that they cannot", async () => {
  await using box = await open();
  const desk = await box.person("agent");
  expect((await desk.json("POST", "/api/understand", { text: "你好" })).body).toMatchObject({ text: "你好" });
  const heard = await fetch(`${box.http.url}/api/listen`, { method: "POST", headers: { cookie: desk.cookie }, body: "RIFF" });
  expect(await heard.json()).toMatchObject({ heard: "4" });
  expect(await desk.json("POST", "/api/speak", { text: "你好" })).toMatchObject({ status: 503, body: { fault: "unavailable" } });
});

test("pages are told of work orders: the desk of all, staff of theirs and of what leaves them", async () => {
  await using box = await open();
  const [desk, li, wang] = [await box.person("agent"), await box.person("li"), await box.person("wang")];
  const [atDesk, atLi, atWang] = [
    await box.connect("/ws", desk.cookie),
    await box.connect("/ws", li.cookie),
    await box.connect("/ws", wang.cookie),
  ];
  const told = (pushes: BoxPush[]) =>
    pushes.map((push) =>
      push.type === "ticket" ? `${push.ticket.state} ${push.ticket.staff} ${push.ticket.callerNumber}` : push.type,
    );
  const { id } = await box.tickets.open(coldAir);
  expect(told(await atDesk.pushes())).toEqual(["open undefined 13812345678", "assigned li 13812345678"]);
  expect(told(await atLi.pushes())).toEqual(["assigned li 138****5678"]);
  expect(told(await atWang.pushes())).toEqual([]);
  await li.json("POST", `/api/tickets/${id}/commands`, { action: "decline", commandId: "1" });
  expect(told(await atLi.pushes())).toEqual(["assigned wang undefined"]);
  expect(told(await atWang.pushes())).toEqual(["assigned wang 138****5678"]);
  await wang.json("POST", `/api/tickets/${id}/commands`, { action: "decline", commandId: "2" });
  expect(told(await atLi.pushes())).toEqual(["open undefined undefined"]);
  await wang.json("PUT", "/api/staff/wang/shift", { onShift: false });
  expect(told(await atLi.pushes())).toEqual(["staff"]);
  box.http.push({ type: "call-ended", callId: CallId.parse("c1"), reason: "x" });
  expect(told(await atLi.pushes())).toEqual([]);
  expect(told(await atDesk.pushes()).at(-1)).toBe("call-ended");
});

test("sockets know who is there; visitors need no account, others do", async () => {
  await using box = await open();
  const desk = await box.person("agent");
  const agent = await box.connect("/ws", desk.cookie);
  agent.socket.send(JSON.stringify({ id: 1, method: "agent.echo", params: 5 }));
  expect(await agent.next()).toEqual({ id: 1, result: { name: "agent", params: 5 } });
  const visitor = await box.connect("/ws/visitor");
  visitor.socket.send(JSON.stringify({ id: 1, method: "visitor.echo" }));
  expect(await visitor.next()).toEqual({ id: 1, result: "/ws/visitor" });
  visitor.socket.send(JSON.stringify({ id: 2, method: "agent.echo" }));
  expect(await visitor.next()).toMatchObject({ id: 2, problem: { fault: "not-found" } });
  const stranger = new WebSocket(`${box.http.url.replace("http", "ws")}/ws`);
  const [code] = await once(stranger, "close");
  expect(code).toBe(4401);
});

test("the staff are told by the first channel that reaches them", async () => {
  await using box = await open();
  const sent: string[] = [];
  const sms: Channel = {
    name: "sms",
    send: async ({ staff }) => {
      sent.push(staff.id);
      return "delivered";
    },
  };
  await using notifier = new Notifier({ log: silentLog, tickets: box.tickets, channels: [fieldChannel(box.http), sms] });
  notifier.start();
  const li = await box.person("li");
  await box.connect("/ws", li.cookie);
  expect(box.http.pagesOf(StaffId.parse("li"))).toBe(1);
  await box.tickets.open(coldAir);
  await notifier.settled();
  expect(sent).toEqual([]);
  await box.tickets.open(coldAir);
  await notifier.settled();
  expect(sent).toEqual(["wang"]);
});

test("the API describes itself", async () => {
  await using box = await open();
  const { paths } = (await (await box.send("", "GET", "/api/openapi.json")).json()) as { paths: Record<string, object> };
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(["/api/tickets/{id}/commands", "/api/calls/{id}/recording", "/api/speak"]),
  );
});

test("signalling is read in plain and as packets by admins, masked by agents, by nobody else", async () => {
  await using box = await open();
  const [admin, agent, staff] = [await box.person("admin"), await box.person("agent"), await box.person("li")];
  expect((await admin.json<CallWhy>("GET", "/api/calls/c1/why")).body.wire[0]?.text).toContain("13800138000");
  const masked = (await agent.json<CallWhy>("GET", "/api/calls/c1/why")).body.wire[0]?.text;
  expect(masked).toContain('From: "***" <sip:138****8000@10.0.0.7>;tag=1');
  expect(await (await agent.send("GET", "/api/calls/c1/why.txt?language=en")).text()).toBe(`en ${masked}`);
  expect((await admin.send("GET", "/api/calls/c1/why.pcap")).status).toBe(200);
  expect((await agent.send("GET", "/api/calls/c1/why.pcap")).status).toBe(403);
  expect((await agent.send("GET", "/api/signalling")).status).toBe(403);
  expect((await staff.send("GET", "/api/calls/c1/why")).status).toBe(403);
  expect((await admin.send("GET", "/api/calls/c9/why")).status).toBe(404);
});

test("calls are placed from the desk, shown as another number and exported by admins only", async () => {
  await using box = await open();
  const [admin, agent, staff] = [await box.person("admin"), await box.person("agent"), await box.person("li")];
  const place = { from: "me", to: "057112345678" };
  expect((await agent.json("POST", "/api/calls", place)).body).toEqual({ callId: "agent-057112345678-" });
  expect((await agent.json("POST", "/api/calls", { ...place, callerNumber: "02588886666" })).body).toMatchObject({
    fault: "not-allowed",
  });
  expect((await admin.json("POST", "/api/calls", { ...place, from: "8001", callerNumber: "02588886666" })).body).toEqual({
    callId: "8001-057112345678-02588886666",
  });
  expect((await staff.json("POST", "/api/calls", place)).status).toBe(403);
  const table = await admin.send("GET", "/api/calls.csv?language=en");
  expect([table.headers.get("content-type"), await table.text()]).toEqual(["text/csv; charset=utf-8", "en false"]);
  expect((await agent.send("GET", "/api/calls.csv")).status).toBe(403);
});

const bodyOf = async <T>(
  person: { json<T>(...request: [string, string, unknown?]): Promise<{ body: T }> },
  ...request: [string, string, unknown?]
) => (await person.json<T>(...request)).body;

test("the desk lists callers, whoever took them off is written down, and others are not let near", async () => {
  await using site = await open();
  const [agent, li] = [await site.person("agent"), await site.person("li")];
  const draft = { list: "black", number: "0571*", note: "推销" };
  const added = await bodyOf<{ id: string; addedBy: string }>(agent, "POST", "/api/number-rules", draft);
  expect(added).toMatchObject({ ...draft, addedBy: "agent" });
  expect(await bodyOf(agent, "GET", "/api/number-rules")).toEqual([added]);
  expect(await bodyOf(agent, "POST", "/api/number-rules", { ...draft, number: "*" })).toMatchObject({ fault: "invalid" });
  expect(await bodyOf(agent, "POST", "/api/number-rules", { ...draft, expiresAt: 1 })).toMatchObject({ fault: "invalid" });
  expect(await bodyOf(li, "GET", "/api/number-rules")).toMatchObject({ fault: "not-allowed" });
  expect(await bodyOf(agent, "DELETE", `/api/number-rules/${added.id}`)).toEqual({});
  expect(await bodyOf(agent, "DELETE", `/api/number-rules/${added.id}`)).toMatchObject({ fault: "not-found" });
  const admin = await site.person("admin");
  expect(await bodyOf(agent, "GET", "/api/plan/changes")).toMatchObject({ fault: "not-allowed" });
  expect(await bodyOf(admin, "GET", "/api/plan/changes")).toEqual([
    { at: expect.any(Number), actor: "agent", type: "number-unlisted", subject: "<5>", detail: { list: "black" } },
    { at: expect.any(Number), actor: "agent", type: "number-listed", subject: "<5>", detail: { list: "black", expiresAt: null } },
  ]);
});

test("switches of an extension are set in part, and only to numbers that it may dial", async () => {
  await using site = await open();
  const agent = await site.person("agent");
  const path = "/api/extensions/8001/switches";
  expect(await bodyOf(agent, "PUT", path, { doNotDisturb: true })).toEqual({ doNotDisturb: true, followMe: null });
  expect(await bodyOf(agent, "PUT", path, { followMe: ["87654321"] })).toEqual({ doNotDisturb: true, followMe: ["87654321"] });
  expect(await bodyOf(agent, "PUT", path, { followMe: ["8001", "13800138000"] })).toMatchObject({
    fault: "invalid",
    issues: [{ path: "followMe" }, { path: "followMe" }],
  });
  expect(await bodyOf(agent, "PUT", "/api/extensions/8009/switches", {})).toMatchObject({ fault: "not-found" });
});

test("lines are shown to admins in full and to the desk without what is secret", async () => {
  await using site = await open();
  const [admin, agent] = [await site.person("admin"), await site.person("agent")];
  expect(await bodyOf(admin, "GET", "/api/lines")).toEqual([carrier]);
  const { reason: _, ...shown } = carrier;
  expect(await bodyOf(agent, "GET", "/api/lines")).toEqual([
    { ...shown, numbers: ["057****5678"], selfCalls: [{ number: "057****5678", at: 1_000, by: "modem", result: "not-rung" }] },
  ]);
});

test("lines are set up, tried and looked into by admins alone; a change may leave secrets out", async () => {
  await using site = await open();
  const [admin, agent] = [await site.person("admin"), await site.person("agent")];
  const modem = {
    ...{ kind: "gsm", name: "modem", usbPath: "1-1", pin: "1234" },
    sim: { number: "13800138000", owner: "示范酒店", purpose: "报修" },
  };
  expect(await bodyOf(admin, "POST", "/api/line-configs", modem)).toMatchObject({ name: "modem", origin: "page" });
  expect(await bodyOf(admin, "POST", "/api/line-configs", { ...modem, usbPath: undefined })).toMatchObject({
    fault: "invalid",
    issues: [{ path: "imei" }],
  });
  const gateway = { kind: "gateway", name: "rack", maker: "dinstar", host: "10.0.0.9", management: {} };
  expect(await bodyOf(admin, "PUT", "/api/line-configs/rack", gateway)).toMatchObject({ fault: "not-found" });
  expect(await bodyOf(admin, "POST", "/api/lines/modem/ussd", { code: "*100#" })).toEqual({ answer: "modem *100#" });
  expect(await bodyOf(admin, "POST", "/api/lines/modem/ussd", { code: "AT+EGMR" })).toMatchObject({ fault: "invalid" });
  const transcript = await admin.send("GET", "/api/lines/modem/transcript");
  expect([transcript.headers.get("content-type"), await transcript.text()]).toEqual([
    "application/jsonl",
    '{"transcript":1,"line":"modem"}\n',
  ]);
  for (const [method, path, body] of [
    ["POST", "/api/line-configs", modem],
    ["GET", "/api/line-configs"],
    ["GET", "/api/line-changes"],
    ["PUT", "/api/lines/modem/switch", { on: false }],
    ["POST", "/api/lines/modem/test-call", { to: "10086" }],
    ["GET", "/api/lines/modem/transcript"],
    ["GET", "/api/found-devices"],
  ] as const)
    expect((await agent.json(method, path, body)).status).toBe(403);
});

test("the desk reads texts with their numbers masked, and nothing of codes and banks", async () => {
  await using site = await open();
  const [admin, agent, li] = [await site.person("admin"), await site.person("agent"), await site.person("li")];
  expect(await bodyOf<TextMessage[]>(admin, "GET", "/api/texts")).toEqual([text, code]);
  expect(await bodyOf<TextMessage[]>(agent, "GET", "/api/texts")).toEqual([{ ...text, number: "138****8000" }]);
  expect(await bodyOf(agent, "POST", "/api/texts", { to: "13900139000", text: "您好" })).toMatchObject({ number: "139****9000" });
  expect((await li.json("GET", "/api/texts")).status).toBe(403);
});

test("an admin reads whose a number was, of one line or of all", async () => {
  await using site = await open();
  const admin = await site.person("admin");
  expect(await bodyOf(admin, "GET", "/api/line-changes?line=gone&limit=5")).toMatchObject([{ line: "gone", at: 5 }]);
  expect(await bodyOf(admin, "GET", "/api/line-changes")).toMatchObject([{ line: "all", at: 100, type: "removed" }]);
});

test("a number that is shown masked is none: nothing is sent or called by it", async () => {
  await using site = await open();
  const [admin, agent] = [await site.person("admin"), await site.person("agent")];
  const shown = (await bodyOf<TextMessage[]>(agent, "GET", "/api/texts"))[0]?.number;
  for (const to of [shown, "13800138000#", "*100#"]) {
    expect((await agent.json("POST", "/api/texts", { to, text: "您好" })).status).toBe(400);
    expect((await admin.json("POST", "/api/lines/modem/test-text", { to })).status).toBe(400);
    expect((await admin.json("POST", "/api/lines/modem/test-call", { to })).status).toBe(400);
  }
  expect((await agent.json("POST", "/api/texts", { to: "13900139000", text: "  " })).status).toBe(400);
});

test("an agent answers a text without knowing whose it is, and none of codes and banks", async () => {
  await using site = await open();
  const [admin, agent, li] = [await site.person("admin"), await site.person("agent"), await site.person("li")];
  const answer = { text: "马上就来" };
  expect(await bodyOf(agent, "POST", "/api/texts/t1/answer", answer)).toMatchObject({ ...answer, number: "138****8000" });
  expect(await bodyOf(admin, "POST", "/api/texts/t2/answer", answer)).toMatchObject(answer);
  for (const id of ["t2", "nobody"])
    expect(await agent.json("POST", `/api/texts/${id}/answer`, answer)).toMatchObject({
      status: 404,
      body: { code: "no-such-text" },
    });
  expect((await agent.json("POST", "/api/texts/t1/answer", { text: "" })).status).toBe(400);
  expect((await li.json("POST", "/api/texts/t1/answer", answer)).status).toBe(403);
});

test("an admin asks what would happen to a call, and why, in either language", async () => {
  await using site = await open();
  const [admin, agent] = [await site.person("admin"), await site.person("agent")];
  expect(await bodyOf(admin, "GET", "/api/plan/decide?dialled=8000&line=carrier&language=en")).toEqual({
    action: { type: "assistant" },
    because: ["The call comes in by line carrier for 8000", "8000 is a service number: the assistant answers"],
  });
  expect(await bodyOf(admin, "GET", "/api/plan/decide?dialled=110&caller=8001")).toMatchObject({
    action: { type: "ring", steps: [{ targets: [{ type: "outside", number: "110" }] }] },
    because: ["分机 8001 拨打 110", "110 是紧急号码，不受任何限制，立即外呼"],
  });
  expect(await bodyOf(agent, "GET", "/api/plan/decide?dialled=8000")).toMatchObject({ fault: "not-allowed" });
});

test("admins see who is kept off, and let them in again", async () => {
  await using site = await open();
  const agent = await site.person("agent");
  expect(await bodyOf(agent, "GET", "/api/guard")).toMatchObject({ fault: "not-allowed" });
  const admin = await site.person("admin");
  expect(await bodyOf(admin, "GET", "/api/guard")).toEqual([ban]);
  const path = `/api/guard/${encodeURIComponent(ban.address)}`;
  expect(await bodyOf(agent, "DELETE", path)).toMatchObject({ fault: "not-allowed" });
  expect(await bodyOf(admin, "DELETE", path)).toEqual({});
  expect(await bodyOf(admin, "DELETE", path)).toMatchObject({ fault: "not-found" });
  expect(await bodyOf(admin, "GET", "/api/guard")).toEqual([]);
});
