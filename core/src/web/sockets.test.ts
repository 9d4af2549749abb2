import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { silentLog } from "../kernel/index.ts";
import { VirtualClock } from "../testing/index.ts";
import { openServer, openSockets, type SocketClient, WebError } from "./index.ts";

async function open() {
  const http = await openServer((_, answer) => answer.end(), { host: "127.0.0.1", port: 0 });
  const clock = new VirtualClock();
  const joined: SocketClient[] = [];
  const state = { allowed: true, release: Promise.withResolvers<void>() };
  const sockets = openSockets(http.server, {
    clock,
    log: silentLog,
    paths: [
      {
        path: "/ws",
        most: 2,
        authenticate: async () => {
          if (!state.allowed) throw new WebError("login-needed");
          return {};
        },
        joined: (client) => joined.push(client),
        methods: {
          double: async (_, params) => Number(params) * 2,
          fail: async () => {
            throw new Error("the secret of the inside");
          },
          wait: () => state.release.promise,
        },
      },
    ],
  });
  const connect = async (path = "/ws", headers: Record<string, string> = {}) => {
    const socket = new WebSocket(http.url.replace("http", "ws") + path, { headers });
    const messages: unknown[] = [];
    const next = async (): Promise<unknown> => {
      while (messages.length === 0) await once(socket, "message");
      return messages.shift();
    };
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    await once(socket, "open");
    return { socket, next, closed, ask: (request: unknown) => socket.send(JSON.stringify(request)) };
  };
  return {
    http,
    clock,
    sockets,
    joined,
    state,
    connect,
    async [Symbol.asyncDispose]() {
      await sockets[Symbol.asyncDispose]();
      await http[Symbol.asyncDispose]();
    },
  };
}

test("requests are answered by their id, failures without their insides", async () => {
  await using web = await open();
  const browser = await web.connect();
  browser.ask({ id: 1, method: "double", params: 21 });
  expect(await browser.next()).toEqual({ id: 1, result: 42 });
  browser.ask({ id: 2, method: "fail" });
  expect(await browser.next()).toMatchObject({ id: 2, problem: { fault: "internal" } });
  browser.ask({ id: 3, method: "constructor" });
  expect(await browser.next()).toMatchObject({ id: 3, problem: { fault: "not-found" } });
});

test("pushes go to whom they are meant for", async () => {
  await using web = await open();
  const [one, two] = [await web.connect(), await web.connect()];
  one.ask({ id: 1, method: "double", params: 1 });
  two.ask({ id: 1, method: "double", params: 1 });
  await Promise.all([one.next(), two.next()]);
  const second = web.joined[1];
  web.sockets.broadcast({ type: "a" }, (client) => client === second);
  web.sockets.broadcast({ type: "b" });
  expect(await one.next()).toEqual({ type: "b" });
  expect(await two.next()).toEqual({ type: "a" });
});

test("a message that is not a request ends the connection, not the server", async () => {
  await using web = await open();
  const browser = await web.connect();
  browser.socket.send("not json");
  expect(await browser.closed).toBe(1008);
  const next = await web.connect();
  next.ask({ id: 1, method: "double", params: 2 });
  expect(await next.next()).toEqual({ id: 1, result: 4 });
});

test("who is not logged in is told so in a way that a page can tell from a lost network", async () => {
  await using web = await open();
  web.state.allowed = false;
  expect(await (await web.connect()).closed).toBe(4401);
});

test("a logout ends the socket with the next heartbeat", async () => {
  await using web = await open();
  const browser = await web.connect();
  browser.ask({ id: 1, method: "double", params: 1 });
  await browser.next();
  web.state.allowed = false;
  await web.clock.advance(15_000);
  expect(await browser.closed).toBe(4401);
});

test("a browser that no longer answers is cut off at the second heartbeat", async () => {
  await using web = await open();
  const browser = await web.connect();
  browser.ask({ id: 1, method: "double", params: 1 });
  await browser.next();
  browser.socket.pause();
  const [client] = web.joined;
  const gone = once(client?.closed ?? new AbortController().signal, "abort");
  await web.clock.advance(30_000);
  await gone;
  expect([...web.sockets.clients]).toEqual([]);
});

test("one browser cannot have more than so many requests open", async () => {
  await using web = await open();
  const browser = await web.connect();
  for (let id = 1; id <= 33; id++) browser.ask({ id, method: "wait" });
  expect(await browser.next()).toMatchObject({ id: 33, problem: { fault: "busy" } });
  web.state.release.resolve();
});

test("more connections than a path allows are refused", async () => {
  await using web = await open();
  for (let i = 0; i < 2; i++) {
    const browser = await web.connect();
    browser.ask({ id: 1, method: "double", params: 1 });
    await browser.next();
  }
  expect(await (await web.connect()).closed).toBe(4429);
});

test("pages of other sites and other paths get no socket", async () => {
  await using web = await open();
  await expect(web.connect("/ws", { origin: "http://evil.example" })).rejects.toThrow("403");
  await expect(web.connect("/other")).rejects.toThrow("404");
});

test("a browser that cannot keep up is cut off instead of being stored for without end", async () => {
  await using web = await open();
  const browser = await web.connect();
  browser.ask({ id: 1, method: "double", params: 1 });
  await browser.next();
  browser.socket.pause();
  const [client] = web.joined;
  if (!client) throw new Error("nobody joined");
  const gone = once(client.closed, "abort");
  for (let i = 0; i < 1_000; i++) client.push("x".repeat(64_000));
  await gone;
  expect([...web.sockets.clients]).toEqual([]);
});
