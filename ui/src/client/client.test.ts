import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BoxPush, boxApi } from "@sitebox/core/contract";
import { VirtualClock } from "@sitebox/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { addressOf, type BoxClient, type ClientEvent, LiveClient, retryAfterMs, type SocketLike } from "./index.ts";

const account = { id: "a1", name: "desk", displayName: "Desk", role: "agent", mustChangePassword: false };
const uplink = { type: "uplink", uplink: { state: "online", waiting: 0 } };

type Answer = { status: number; body: unknown };

/** A real HTTP server on the loopback that answers what it is told to, and notes what it was asked. */
async function openServer() {
  const asked: { method: string; url: string; body: string }[] = [];
  const answers = new Map<string, Answer>();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      asked.push({ method: request.method ?? "", url: request.url ?? "", body });
      const { status, body: told } = answers.get(`${request.method} ${request.url?.split("?")[0]}`) ?? { status: 404, body: {} };
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof told === "string" ? told : JSON.stringify(told));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, answers, base: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(resolve)) };
}

/** One end of a socket whose other end is the test. */
class FakeSocket implements SocketLike {
  readonly sent: { id: number; method: string; params: unknown }[] = [];
  closed = false;
  readonly #listeners: Record<string, ((event: { data: unknown }) => void)[]> = { open: [], message: [], close: [] };
  addEventListener(type: string, listener: (event: { data: unknown }) => void): void {
    this.#listeners[type]?.push(listener);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.tell("close");
  }
  tell(type: "open" | "message" | "close", data?: unknown): void {
    for (const listener of this.#listeners[type] ?? []) listener({ data });
  }
}

/** Resolves with the socket that the client opens next. */
class Sockets {
  readonly opened: FakeSocket[] = [];
  #told: ((socket: FakeSocket) => void) | undefined;
  connect = () => {
    const socket = new FakeSocket();
    this.opened.push(socket);
    this.#told?.(socket);
    this.#told = undefined;
    return socket;
  };
  next(): Promise<FakeSocket> {
    return new Promise((resolve) => {
      this.#told = resolve;
    });
  }
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openClient(probe?: "me") {
  const server = await openServer();
  const sockets = new Sockets();
  const clock = new VirtualClock();
  const client: BoxClient = new LiveClient<typeof boxApi, BoxPush>(
    { api: boxApi, push: BoxPush, base: server.base, socketPath: "/ws", ...(probe && { probe }) },
    { fetch, connect: sockets.connect, clock, random: () => 1 },
  );
  const events: ClientEvent<BoxPush>[] = [];
  client.subscribe((event) => events.push(event));
  closing.push(server.close, () => client.close());
  return { server, sockets, clock, client, events };
}

describe("an address", () => {
  it("is filled with its names, and carries the query that is given", () => {
    expect(addressOf("/api/tickets/:id/commands", { params: { id: "a/b" } })).toBe("/api/tickets/a%2Fb/commands");
    expect(addressOf("/api/tickets", { query: { mine: "true", limit: undefined } })).toBe("/api/tickets?mine=true");
  });
});

describe("a call of a route", () => {
  it("sends the body and gives the answer that the contract describes", async () => {
    const { server, client } = await openClient();
    server.answers.set("POST /api/login", { status: 200, body: { ...account, unknownField: 1 } });
    expect(await client.call("login", { body: { name: "desk", password: "secret" } })).toEqual(account);
    expect(server.asked).toEqual([{ method: "POST", url: "/api/login", body: '{"name":"desk","password":"secret"}' }]);
  });

  it.each([
    [{ status: 401, body: { fault: "wrong-password", message: "no" } }, "wrong-password"],
    [{ status: 409, body: { fault: "conflict", message: "late" } }, "conflict"],
    [{ status: 500, body: "<html>" }, "unexpected"],
    [{ status: 502, body: "bad gateway" }, "offline"],
    [{ status: 503, body: { fault: "storage", message: "disk full" } }, "storage"],
    [{ status: 200, body: { id: "a1" } }, "unintelligible"],
  ])("that ends in %j is the fault %s", async (answer, fault) => {
    const { server, client } = await openClient();
    server.answers.set("GET /api/me", answer);
    await expect(client.call("me", {})).rejects.toMatchObject({ fault });
  });

  it("is offline where no server listens", async () => {
    const { server, client } = await openClient();
    await server.close();
    await expect(client.call("health", {})).rejects.toMatchObject({ fault: "offline" });
  });
});

describe("the socket", () => {
  it("gives each request its own answer, whatever the order, and tells pushes to all listeners", async () => {
    const { sockets, client, events } = await openClient();
    const opening = sockets.next();
    client.open();
    const socket = await opening;
    socket.tell("open");
    const first = client.request("agent.ready", { ready: true });
    const second = client.request("rtc.capabilities");
    expect(socket.sent).toEqual([
      { id: 1, method: "agent.ready", params: { ready: true } },
      { id: 2, method: "rtc.capabilities", params: {} },
    ]);
    socket.tell("message", JSON.stringify({ id: 2, problem: { fault: "not-found", message: "gone" } }));
    socket.tell("message", JSON.stringify(uplink));
    socket.tell("message", "not json");
    socket.tell("message", JSON.stringify({ type: "something-newer" }));
    socket.tell("message", JSON.stringify({ id: 1, result: { ok: true } }));
    await expect(second).rejects.toMatchObject({ fault: "not-found" });
    expect(await first).toEqual({ ok: true });
    expect(events).toEqual([
      { type: "link", link: "connecting" },
      { type: "link", link: "online" },
      { type: "push", push: uplink },
    ]);
  });

  it("fails what waits when it breaks, and is opened again later and later until it holds", async () => {
    const { sockets, client, clock, events } = await openClient();
    let opening = sockets.next();
    client.open();
    (await opening).tell("open");
    const waiting = client.request("agent.ready", { ready: true });
    sockets.opened[0]?.close();
    await expect(waiting).rejects.toMatchObject({ fault: "offline" });
    expect(client.link).toBe("offline");
    await expect(client.request("agent.ready")).rejects.toMatchObject({ fault: "offline" });

    for (const ms of [1_000, 2_000, 4_000, 8_000, 8_000]) {
      opening = sockets.next();
      await clock.advance(ms - 1);
      const before = sockets.opened.length;
      await clock.advance(1);
      (await opening).close();
      expect(sockets.opened).toHaveLength(before + 1);
    }
    opening = sockets.next();
    await clock.advance(8_000);
    (await opening).tell("open");
    expect(client.link).toBe("online");
    expect(events.at(-1)).toEqual({ type: "link", link: "online" });
    expect(clock.pending).toBe(0);
  });

  it("asks whether the session holds first, and tells when it does not", async () => {
    const { server, sockets, client, events } = await openClient("me");
    server.answers.set("GET /api/me", { status: 401, body: { fault: "signed-out", message: "log in" } });
    const told = new Promise<void>((resolve) => {
      client.subscribe((event) => {
        if (event.type === "signed-out") resolve();
      });
    });
    client.open();
    await told;
    expect(sockets.opened).toEqual([]);
    expect(events).toEqual([{ type: "link", link: "connecting" }, { type: "link", link: "closed" }, { type: "signed-out" }]);
  });

  it("stays closed once it is closed, whatever the old one still does", async () => {
    const { sockets, client, clock } = await openClient();
    const opening = sockets.next();
    client.open();
    const socket = await opening;
    client.close();
    socket.tell("open");
    socket.tell("message", JSON.stringify(uplink));
    socket.close();
    expect(client.link).toBe("closed");
    expect(clock.pending).toBe(0);
  });
});

describe("the wait before an attempt", () => {
  it("is spread between half and the whole of its step", () => {
    expect(retryAfterMs(0, 0)).toBe(500);
    expect(retryAfterMs(0, 1)).toBe(1_000);
    expect(retryAfterMs(99, 1)).toBe(8_000);
  });
});
