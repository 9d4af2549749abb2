import type { Account, Role } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { type BoxClient, ClientError, type ClientEvent } from "../client/index.ts";
import { openSession, openStore } from "./index.ts";

const account = (role: Role, mustChangePassword = false) =>
  ({ id: "a1", name: "x", displayName: "X", role, mustChangePassword }) as Account;

/** A server that answers what the test says next. */
function openDoor(answers: Record<string, () => unknown>) {
  const listeners = new Set<(event: ClientEvent<never>) => void>();
  const log: string[] = [];
  const client = {
    call: async (name: string) => {
      log.push(name);
      return answers[name]?.();
    },
    subscribe: (listener: (event: ClientEvent<never>) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    link: "closed",
    open: () => log.push("open"),
    close: () => log.push("close"),
  } as unknown as BoxClient;
  return { client, log, tell: (event: ClientEvent<never>) => listeners.forEach((listener) => void listener(event)) };
}

const openStorage = () => {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
};
const fail = (fault: string, status?: number) => () => {
  throw new ClientError(fault, fault, { status });
};

describe("a session", () => {
  it("goes from the door through the new password to the page, and opens the socket only there", async () => {
    const { client, log } = openDoor({
      me: fail("signed-out", 401),
      login: () => account("agent", true),
      changePassword: () => account("agent"),
    });
    const session = openSession(client, { roles: ["agent"] });
    await session.check();
    expect(session.state.value).toEqual({ at: "login" });
    await session.login("x", "one-time");
    expect(session.state.value.at).toBe("change-password");
    expect(log).not.toContain("open");
    await session.changePassword("one-time", "a better one");
    expect(session.state.value.at).toBe("in");
    expect(log.at(-1)).toBe("open");
  });

  it("says why it was not let in", async () => {
    const { client } = openDoor({
      login: fail("wrong-password", 401),
      changePassword: fail("invalid", 400),
      me: () => account("agent", true),
    });
    const session = openSession(client, { roles: ["agent"] });
    await session.login("x", "y");
    expect(session.state.value).toMatchObject({ at: "login", refused: { fault: "wrong-password" } });
    await session.check();
    await session.changePassword("a", "b");
    expect(session.state.value).toMatchObject({ at: "change-password", refused: { fault: "invalid" } });
  });

  it("shows another role its own page", async () => {
    const { client, log } = openDoor({ me: () => account("staff") });
    const session = openSession(client, { roles: ["admin", "agent"] });
    await session.check();
    expect(session.state.value.at).toBe("elsewhere");
    expect(log).not.toContain("open");
  });

  it("starts without the server for one who is remembered, and asks others to wait", async () => {
    const remember = openStorage();
    const near = openDoor({ me: () => account("staff") });
    await openSession(near.client, { roles: ["staff"], remember }).check();
    const away = openDoor({ me: fail("offline") });
    const remembered = openSession(away.client, { roles: ["staff"], remember });
    await remembered.check();
    expect(remembered.state.value.at).toBe("in");
    const stranger = openSession(away.client, { roles: ["staff"] });
    await stranger.check();
    expect(stranger.state.value.at).toBe("unreachable");
  });

  it("ends when the server no longer knows it, and when the person leaves, even offline", async () => {
    const remember = openStorage();
    const { client, tell, log } = openDoor({ me: () => account("staff"), logout: fail("offline") });
    const session = openSession(client, { roles: ["staff"], remember });
    await session.check();
    tell({ type: "link", link: "online" });
    expect(session.link.value).toBe("online");
    tell({ type: "signed-out" });
    expect(session.state.value).toEqual({ at: "login" });
    await session.check();
    await session.logout();
    expect(log.slice(-2)).toEqual(["close", "logout"]);
    expect(remember.getItem("sitebox.account")).toBeNull();
  });
});

describe("a store", () => {
  const open = (load: (before: number[]) => Promise<number[]>) => {
    const listeners = new Set<(event: ClientEvent<number>) => void>();
    const client = {
      subscribe: (listener: (event: ClientEvent<number>) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const store = openStore<number[], number>({
      client,
      initial: [],
      load,
      apply: (state, push) => [...state.filter((one) => one !== push), push],
    });
    return { store, tell: (event: ClientEvent<number>) => listeners.forEach((listener) => void listener(event)) };
  };

  it("applies what was pushed during a load on top of its answer", async () => {
    let answer: (value: number[]) => void = () => undefined;
    const { store, tell } = open(() => new Promise((resolve) => (answer = resolve)));
    const loading = store.load();
    tell({ type: "push", push: 7 });
    expect(store.state.value).toEqual([7]);
    answer([1, 2]);
    await loading;
    expect(store.state.value).toEqual([1, 2, 7]);
    expect(store.loading.value).toBe("ready");
  });

  it("keeps what it has when a later load fails, and says failed only when there is nothing", async () => {
    let works = false;
    const { store } = open(async () => {
      if (!works) throw new ClientError("offline", "away");
      return [1];
    });
    await store.load();
    expect([store.loading.value, store.fault.value]).toEqual(["failed", "offline"]);
    works = true;
    await store.load();
    expect([store.loading.value, store.state.value]).toEqual(["ready", [1]]);
    works = false;
    await store.load();
    expect([store.loading.value, store.state.value, store.fault.value]).toEqual(["ready", [1], "offline"]);
    store.change((state) => [...state, 2]);
    store.close();
    expect(store.state.value).toEqual([1, 2]);
  });
});
