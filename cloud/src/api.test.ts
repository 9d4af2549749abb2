import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BoxId, HeadquartersConfig } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { createIdentityKey, createSigningRequest, runClaim } from "@sitebox/provisioning";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Headquarters, openHeadquarters } from "./hq.ts";

const folder = () => mkdtemp(join(tmpdir(), "sitebox-hq-"));
const local = { host: "127.0.0.1", port: 0 };
const config = async (more = {}) =>
  HeadquartersConfig.parse({
    dataDir: await folder(),
    http: local,
    mqtt: local,
    enrol: local,
    hostNames: ["127.0.0.1"],
    ...more,
  });
const open = async (dir?: string) => {
  const pagesDir = await folder();
  return openHeadquarters(await config(dir ? { dataDir: dir } : {}), {
    log: silentLog,
    passwordCost: { log2N: 4, r: 8, p: 1 },
    pagesDir,
  });
};

/** A browser: keeps its cookie. */
function browser(hq: Headquarters) {
  let cookie = "";
  return {
    get cookie() {
      return cookie;
    },
    async ask(method: string, path: string, body?: unknown) {
      const response = await fetch(`${hq.url}${path}`, {
        method,
        redirect: "manual",
        headers: { cookie, ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const set = response.headers.getSetCookie()[0]?.split(";")[0];
      if (set) cookie = set;
      const text = await response.text();
      return { status: response.status, location: response.headers.get("location"), body: text && JSON.parse(text) };
    },
  };
}
const passwordOf = (hq: Headquarters, name: string) => hq.accounts.find((one) => one.name === name)?.password;

/** The program itself; killed at the end of the test, whatever came before. */
function program(file: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), "--config", file], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

async function loggedIn(hq: Headquarters, name: string) {
  const page = browser(hq);
  const password = passwordOf(hq, name);
  await page.ask("POST", "/api/login", { name, password });
  await page.ask("POST", "/api/password", { current: password, next: "correct horse battery" });
  return page;
}

async function ask(hq: Headquarters, box: string, claimCode: string) {
  const csr = await createSigningRequest(await createIdentityKey(), box);
  return await hq.claims.ask({ box: BoxId.parse(box), claimCode, csr, siteName: "示范酒店" }, "192.0.2.1");
}

test("the first start gives one-time passwords, and nothing is open before they are changed", async () => {
  const dir = await folder();
  {
    await using hq = await open(dir);
    const page = browser(hq);
    expect((await page.ask("GET", "/api/boxes")).status).toBe(401);
    expect((await page.ask("POST", "/api/login", { name: "admin", password: "guess" })).status).toBe(401);
    const password = passwordOf(hq, "admin");
    expect((await page.ask("POST", "/api/login", { name: "admin", password })).body).toMatchObject({ mustChangePassword: true });
    expect((await page.ask("GET", "/api/boxes")).body).toMatchObject({ fault: "must-change-password" });
    await page.ask("POST", "/api/password", { current: password, next: "correct horse battery" });
    expect(await page.ask("GET", "/api/boxes")).toMatchObject({ status: 200, body: [] });
  }
  await using again = await open(dir);
  expect(again.notes).toEqual([]);
});

test("a claim is seen live by the administrator only, accepted with its code, and the box appears", async () => {
  await using hq = await open();
  const admin = await loggedIn(hq, "admin");
  const operator = await loggedIn(hq, "operator");
  const listen = async (cookie: string) => {
    const socket = new WebSocket(`${hq.url.replace("http", "ws")}/ws`, { headers: { cookie } });
    const heard: { type: string }[] = [];
    socket.on("message", (data) => heard.push(JSON.parse(String(data)) as { type: string }));
    await once(socket, "open");
    const until = async (type: string) => {
      while (!heard.some((message) => message.type === type)) await once(socket, "message");
    };
    return { socket, heard, until };
  };
  const adminPage = await listen(admin.cookie);
  const operatorPage = await listen(operator.cookie);
  // A page is let in after its socket opened; a box that changes is the sign that it was.
  await ask(hq, "box-0", "AAAAAAAA");
  await hq.claims.accept("AAAAAAAA", "test");
  await Promise.all([adminPage.until("box"), operatorPage.until("box")]);
  expect(await ask(hq, "box-1", "ABCDEFGH")).toEqual({ state: "waiting" });
  await adminPage.until("claim");
  expect((await operator.ask("GET", "/api/claims")).status).toBe(403);
  expect((await admin.ask("GET", "/api/claims")).body).toMatchObject([{ code: "ABCDEFGH", box: "box-1", siteName: "示范酒店" }]);
  expect((await admin.ask("POST", "/api/claims", { code: "HHHHHHHH" })).status).toBe(404);
  expect(await admin.ask("POST", "/api/claims", { code: " abcdefgh " })).toMatchObject({
    status: 200,
    body: { box: "box-1", online: false, health: "unknown", openTickets: 0 },
  });
  expect((await operator.ask("GET", "/api/boxes/box-1")).body).toMatchObject({ siteName: "示范酒店" });
  expect((await operator.ask("GET", "/api/boxes/box-9")).status).toBe(404);
  expect((await operator.ask("GET", "/api/boxes/box-1/tickets/t1")).status).toBe(404);
  expect((await operator.ask("GET", "/api/tickets?active=true")).body).toEqual([]);
  expect((await operator.ask("GET", "/api/boxes/box-1/metrics?limit=0")).body).toMatchObject({ fault: "invalid" });
  expect(operatorPage.heard.some(({ type }) => type === "claim")).toBe(false);
  adminPage.socket.terminate();
  operatorPage.socket.terminate();
});

test("a code that two boxes show is not accepted for the second", async () => {
  await using hq = await open();
  expect(await ask(hq, "box-1", "ABCDEFGH")).toEqual({ state: "waiting" });
  expect(await ask(hq, "box-2", "ABCDEFGH")).toMatchObject({ state: "refused" });
});

test("anyone may ask for health; the console is where the address leads", async () => {
  await using hq = await open();
  const page = browser(hq);
  expect((await page.ask("GET", "/api/health")).body).toEqual({
    state: "ok",
    software: "0.1.0",
    boxes: 0,
    online: 0,
    deadLetters: 0,
  });
  const response = await fetch(hq.url, { redirect: "manual" });
  expect(response.headers.get("location")).toBe("/console/");
});

test("the program says when it is ready, and stops when it is told to", async () => {
  const file = join(await folder(), "headquarters.json");
  await writeFile(file, JSON.stringify(await config({ logLevel: "silent" })));
  using running = program(file);
  const { child } = running;
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { ready, url, notes } = JSON.parse(line) as { ready: string; url: string; notes: string[] };
  expect(ready).toBe("headquarters");
  expect(notes).toHaveLength(2);
  expect((await fetch(`${url}/api/health`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a config with a wrong key is refused with its place", async () => {
  const file = join(await folder(), "headquarters.json");
  await writeFile(file, JSON.stringify({ mqtt: { port: "x" }, tennant: "demo" }));
  using running = program(file);
  const { child } = running;
  let said = "";
  child.stderr.on("data", (data: Buffer) => (said += data.toString()));
  expect(await once(child, "close")).toEqual([1, null]);
  expect(said).toMatch(/mqtt\.port/);
  expect(said).toMatch(/tennant/);
});

test("a claim is accepted from a terminal too", async () => {
  await using hq = await open();
  await loggedIn(hq, "admin");
  await ask(hq, "box-1", "ABCDEFGH");
  const run = async (password: string | undefined, ...args: string[]) => {
    const said: string[] = [];
    const io = { password: async () => password ?? "", say: (text: string) => void said.push(text) };
    const status = await runClaim(["--url", hq.url, ...args], io);
    return { status, said: said.join("") };
  };
  const password = "correct horse battery";
  expect(await run(password, "accept")).toMatchObject({ status: 2 });
  expect(await run("wrong", "list")).toMatchObject({ status: 1, said: expect.stringMatching(/^wrong-password: /) });
  expect(await run(passwordOf(hq, "operator"), "--name", "operator", "list")).toMatchObject({
    status: 1,
    said: expect.stringMatching(/^must-change-password: /),
  });
  expect(await run(password, "list")).toMatchObject({
    status: 0,
    said: expect.stringMatching(/^ABCDEFGH {2}box-1 {2}示范酒店 {2}[0-9a-f]{64}\n$/),
  });
  expect(await run(password, "accept", "HHHHHHHH")).toMatchObject({ status: 1, said: expect.stringMatching(/^not-found: /) });
  expect(await run(password, "accept", "ABCDEFGH")).toEqual({ status: 0, said: "box-1  示范酒店\n" });
});

test.each(["mqtt", "enrol", "http"])("a port that is taken ends the program with what to do: %s", async (setting) => {
  await using hq = await open();
  const taken = { mqtt: hq.mqttPort, enrol: Number(new URL(hq.enrolUrl).port), http: Number(new URL(hq.url).port) }[setting];
  const file = join(await folder(), "headquarters.json");
  await writeFile(file, JSON.stringify(await config({ logLevel: "silent", [setting]: { host: "127.0.0.1", port: taken } })));
  using running = program(file);
  const { child } = running;
  const said: Buffer[] = [];
  child.stderr.on("data", (data: Buffer) => said.push(data));
  expect(await once(child, "close")).toEqual([1, null]);
  expect(Buffer.concat(said).toString()).toContain(`choose another ${setting}.port`);
});
