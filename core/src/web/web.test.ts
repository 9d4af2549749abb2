import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { request as plainRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Account } from "../contract/index.ts";
import { fieldIssue, Login, PasswordChange } from "../contract/index.ts";
import { silentLog, systemClock } from "../kernel/index.ts";
import { accountHandlers, BytesAnswer, FileAnswer, issuesOf, openServer, problemOf, WebError, webApp } from "./index.ts";

const roles = ["admin", "agent"] as const;
const routes = {
  login: { method: "POST", path: "/api/login", roles: "anyone", body: Login, answer: z.object({ name: z.string() }) },
  logout: { method: "POST", path: "/api/logout", roles: "anyone", answer: z.object({}) },
  me: { method: "GET", path: "/api/me", roles, answer: z.object({ name: z.string() }) },
  changePassword: { method: "POST", path: "/api/password", roles, body: PasswordChange, answer: z.object({ name: z.string() }) },
  rooms: {
    method: "GET",
    path: "/api/floors/:floor/rooms",
    roles: ["admin"],
    query: z.object({ limit: z.coerce.number().int().max(10).default(3), free: z.stringbool().optional() }),
    answer: z.array(z.object({ name: z.string() })),
  },
  broken: { method: "GET", path: "/api/broken", roles: "anyone", answer: z.object({}) },
  voice: { method: "GET", path: "/api/voice", roles: "anyone", answer: z.unknown(), content: "audio/wav" },
  echo: { method: "POST", path: "/api/echo", roles: "anyone", answer: z.unknown(), accepts: "audio/wav", content: "audio/wav" },
} as const;

const people: Record<string, Account["role"]> = { admin: "admin", agent: "agent", fresh: "admin" };

async function open() {
  const dir = await mkdtemp(join(tmpdir(), "sitebox-web-"));
  for (const [path, text] of [
    ["desk/index.html", "desk page"],
    ["console/index.html", "console page"],
    ["assets/a-1.js", "code"],
    ["secret/voice.wav", "0123456789"],
  ] as const) {
    await mkdir(join(dir, "ui", path, ".."), { recursive: true });
    await writeFile(join(dir, "ui", path), text);
  }
  await writeFile(join(dir, "outside.txt"), "secret");
  const account = (name: string) =>
    ({
      id: name,
      name,
      displayName: name,
      role: people[name] ?? "agent",
      mustChangePassword: name === "fresh",
    }) as unknown as Account;
  const app = webApp({
    title: "Test",
    version: "1",
    routes,
    sessions: { authenticate: async (token) => (token in people ? account(token) : undefined) },
    handlers: {
      ...accountHandlers({
        login: async ({ name }) => ({ account: account(name), token: name, lastsMs: 60_000 }),
        logout: async () => {},
        changePassword: async (who) => who,
      }),
      rooms: async ({ params, query }) =>
        Array.from({ length: query.limit }, (_, i) => ({ name: `${params.floor}0${i}`, guest: "secret" })),
      broken: async () => {
        throw new Error("the secret of the inside");
      },
      voice: async () => new FileAnswer("audio/wav", join(dir, "ui/secret/voice.wav")),
      echo: async ({ bytes }) => new BytesAnswer("audio/wav", await bytes(100)),
    },
    clock: systemClock,
    log: silentLog,
    pages: { dir: join(dir, "ui"), entries: ["desk"], home: "desk" },
    origins: ["http://localhost:5173"],
  });
  const server = await openServer(app.callback(), { host: "127.0.0.1", port: 0 });
  const ask = (path: string, options: RequestInit & { as?: string } = {}) =>
    fetch(server.url + path, {
      redirect: "manual",
      ...options,
      headers: { ...(options.as && { cookie: `a=b; sitebox=${options.as}` }), ...options.headers },
    });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });
  return { ...server, ask, post };
}

test("a route is open to its roles only", async () => {
  await using web = await open();
  expect((await web.ask("/api/floors/8/rooms")).status).toBe(401);
  const refused = await web.ask("/api/floors/8/rooms", { as: "agent" });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ fault: "not-allowed" });
  expect((await web.ask("/api/floors/8/rooms", { as: "admin" })).status).toBe(200);
});

test("an answer holds what the contract names and nothing else", async () => {
  await using web = await open();
  const answer = await web.ask("/api/floors/8/rooms?limit=1", { as: "admin" });
  expect(await answer.json()).toEqual([{ name: "800" }]);
});

test("input that does not fit its schema is refused with the fields", async () => {
  await using web = await open();
  const answer = await web.ask("/api/floors/8/rooms?limit=11", { as: "admin" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ fault: "invalid", issues: [{ path: "limit" }] });
  expect((await web.post("/api/login", { name: "" })).status).toBe(400);
  const notJson = await web.ask("/api/login", { method: "POST", body: "{", headers: { "content-type": "application/json" } });
  expect(await notJson.json()).toMatchObject({ fault: "invalid" });
});

test("a login sets a cookie that scripts cannot read and other sites cannot send", async () => {
  await using web = await open();
  const answer = await web.post("/api/login", { name: "admin", password: "x" });
  expect(answer.headers.get("set-cookie")).toMatch(/^sitebox=admin; path=\/; expires=.*; samesite=lax; httponly$/i);
  const gone = await web.ask("/api/logout", { method: "POST", as: "admin" });
  expect(gone.headers.get("set-cookie")).toMatch(/^sitebox=;/);
});

test("a one-time password opens nothing but its own change", async () => {
  await using web = await open();
  expect((await web.ask("/api/me", { as: "fresh" })).status).toBe(200);
  const refused = await web.ask("/api/floors/8/rooms", { as: "fresh" });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ fault: "must-change-password" });
});

test("pages of other sites cannot act for a person", async () => {
  await using web = await open();
  const login = { name: "admin", password: "x" };
  const from = (origin: string) => web.post("/api/login", login, { origin });
  expect((await from("http://evil.example")).status).toBe(403);
  expect((await from("null")).status).toBe(403);
  expect((await from(web.url)).status).toBe(200);
  expect((await from("http://localhost:5173")).status).toBe(200);
  const asForm = { method: "POST", body: JSON.stringify(login), headers: { "content-type": "text/plain" } };
  expect((await web.ask("/api/login", asForm)).status).toBe(415);
});

test("a failure inside says nothing of the inside", async () => {
  await using web = await open();
  const answer = await web.ask("/api/broken");
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("secret");
});

test("a body over the limit is refused", async () => {
  await using web = await open();
  expect((await web.post("/api/login", { name: "a".repeat(1_000_001) })).status).toBe(413);
  expect((await web.ask("/api/echo", { method: "POST", body: "a".repeat(101) })).status).toBe(413);
  expect(await (await web.ask("/api/echo", { method: "POST", body: "abc" })).text()).toBe("abc");
});

test("a recording is served whole, by ranges, and not again when unchanged", async () => {
  await using web = await open();
  const whole = await web.ask("/api/voice");
  expect([whole.headers.get("content-type"), whole.headers.get("accept-ranges"), await whole.text()]).toEqual([
    "audio/wav",
    "bytes",
    "0123456789",
  ]);
  const range = async (header: string) => {
    const answer = await web.ask("/api/voice", { headers: { range: header } });
    return [answer.status, answer.headers.get("content-range"), answer.ok ? await answer.text() : ""];
  };
  expect(await range("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
  expect(await range("bytes=7-")).toEqual([206, "bytes 7-9/10", "789"]);
  expect(await range("bytes=-3")).toEqual([206, "bytes 7-9/10", "789"]);
  expect(await range("bytes=5-99")).toEqual([206, "bytes 5-9/10", "56789"]);
  expect(await range("bytes=10-")).toEqual([416, "bytes */10", ""]);
  expect(await range("bytes=4-2")).toEqual([200, null, "0123456789"]);
  const seen = { "if-none-match": whole.headers.get("etag") ?? "", "cache-control": "max-age=0" };
  const again = await web.ask("/api/voice", { headers: seen });
  expect(again.status).toBe(304);
});

test("each entry's own routes get its page; other entries and files outside are not there", async () => {
  await using web = await open();
  expect((await web.ask("/")).headers.get("location")).toBe("/desk/");
  expect((await web.ask("/desk")).headers.get("location")).toBe("/desk/");
  expect(await (await web.ask("/desk/tickets/1")).text()).toBe("desk page");
  const asset = await web.ask("/assets/a-1.js");
  expect([await asset.text(), asset.headers.get("cache-control")]).toEqual(["code", "public, max-age=31536000, immutable"]);
  expect((await web.ask("/desk/gone.js")).status).toBe(404);
  expect((await web.ask("/console/")).status).toBe(404);
  expect((await web.ask("/console/index.html")).status).toBe(404);
  expect((await web.ask("/api/nothing")).status).toBe(404);
  const { port } = web;
  const status = await new Promise((resolve) =>
    plainRequest({ port, path: "/desk/%2e%2e/../../outside.txt" }, (answer) => resolve(answer.resume().statusCode)).end(),
  );
  expect(status).toBe(404);
});

test("every answer carries the headers that keep browsers safe", async () => {
  await using web = await open();
  const { headers } = await web.ask("/desk/");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

test("the table describes itself as OpenAPI", async () => {
  await using web = await open();
  const document = await (await web.ask("/api/openapi.json")).json();
  expect(document).toMatchObject({
    openapi: "3.1.0",
    paths: {
      "/api/floors/{floor}/rooms": {
        get: {
          operationId: "rooms",
          parameters: [{ name: "floor", in: "path" }, { name: "limit", in: "query", required: false }, { name: "free" }],
        },
      },
      "/api/voice": { get: { responses: { 200: { content: { "audio/wav": {} } } } } },
    },
  });
});

test("a port that is taken is said so", async () => {
  await using web = await open();
  await expect(openServer(() => {}, { host: "127.0.0.1", port: web.port })).rejects.toThrow(/stop the other program/);
});

test("a problem has the status of its fault", async () => {
  expect(problemOf(new WebError("no-call")).status).toBe(409);
  expect(problemOf("text").status).toBe(500);
});

test("a problem says by a code and its values what its message says in English", () => {
  const issues = [fieldIssue("ports.0.channel", "device-taken", { device: "channel 3", line: "card" })];
  expect(problemOf(new WebError("line-unfit", { why: "see there" }, { issues })).problem).toEqual({
    fault: "invalid",
    message: "the line cannot be set up so: see there",
    code: "line-unfit",
    about: { why: "see there" },
    issues: [
      {
        path: "ports.0.channel",
        message: "channel 3 belongs to the line “card”",
        code: "device-taken",
        about: { device: "channel 3", line: "card" },
      },
    ],
  });
  const missingFile = Object.assign(new Error("no such file"), { fault: "not-found", code: "ENOENT" });
  expect(problemOf(missingFile).problem).toEqual({ fault: "not-found", message: "no such file" });
});

test("what a schema finds wrong has a code for its field", () => {
  const schema = z.strictObject({
    name: z.string().min(3).max(4),
    digits: z.string().regex(/^\d$/),
    count: z.number().max(7),
    kind: z.enum(["a", "b"]),
    rows: z.array(z.string()).min(1),
    text: z.string(),
  });
  const wrong = { name: "x", digits: "y", count: 8, kind: "c", rows: [], more: 1 };
  const { error } = schema.safeParse(wrong);
  expect(error && issuesOf(error).map(({ path, code, about }) => [path, code, about])).toEqual([
    ["name", "too-short", { minimum: 3 }],
    ["digits", "wrong-format", undefined],
    ["count", "too-large", { maximum: 7 }],
    ["kind", "no-choice", undefined],
    ["rows", "too-few", { minimum: 1 }],
    ["text", "wrong-type", undefined],
    ["", "unknown-field", undefined],
  ]);
});
