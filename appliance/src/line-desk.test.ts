import { BoxConfig, type SelfCall } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { LineError } from "@sitebox/drivers/line";
import { expect, test } from "vitest";
import { lineDesk } from "./line-desk.ts";
import { LineQualities, Lines } from "./lines/index.ts";
import { modem, openLinesSite } from "./lines/testing/index.ts";

const carrier = { name: "carrier", state: "up", calls: 1, maxCalls: 30 } as const;

const selfCall: SelfCall = { number: "13800138000", at: 1, by: "carrier", result: "good" };

/** A desk over a carrier and a modem called lobby, which stands in the dial plan. */
async function openDesk() {
  await using opening = new AsyncDisposableStack();
  const site = opening.use(await openLinesSite());
  await site.registry.add(modem("lobby", { sim: { number: "13800138000", owner: "示范酒店", purpose: "报修" }, pin: "1234" }));
  await site.clock.advance(0);
  const { clock, db, registry } = site;
  const config = {
    sip: BoxConfig.shape.sip.parse({ trunks: [{ name: "carrier", host: "carrier.example", numbers: ["057112345678"] }] }),
    calls: BoxConfig.shape.calls.parse({ outgoing: [{ name: "all", dialled: "\\d+", lines: ["lobby", "carrier"] }] }),
  };
  const carriers = {
    lines: () => [carrier],
    line: () => ({ dial: async () => ({ type: "busy" }) as const }),
    onLineChanged: () => ({ [Symbol.dispose]: () => {} }),
  };
  const tried: string[] = [];
  const desk = lineDesk({
    clock,
    config,
    registry,
    lines: opening.use(new Lines([carriers, registry])),
    qualities: new LineQualities({ db, clock, log: silentLog }),
    selfCalls: {
      of: (line) => (line === "lobby" ? [selfCall] : []),
      call: async (line) =>
        line === "lobby" ? { type: "called", calls: [selfCall] } : { type: "not-called", reason: "there is no other line" },
    },
    found: () => [],
    testCall: async (line, to) => {
      tried.push(`${line} ${to}`);
      throw new Error("not in this test");
    },
  });
  const owned = opening.move();
  return { desk, tried, site, lobby: site.kind.line("lobby"), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("carriers and other lines stand in one list, each with what it owns and can", async () => {
  await using open = await openDesk();
  open.lobby.become({ balance: { yuan: 5, at: 0 }, radio: { bars: 4 }, warnings: ["texts-nearly-full"] });
  expect(open.desk.list()).toMatchObject([
    { name: "carrier", kind: "sip", numbers: ["057112345678"], calls: 1, can: { text: false, ussd: false, balance: false } },
    {
      ...{ name: "lobby", kind: "gsm", numbers: ["13800138000"], can: { text: true, ussd: true, balance: false } },
      ...{
        lowBalance: true,
        warnings: ["texts-nearly-full"],
        radio: { bars: 4 },
        left: { callsThisHour: 60 },
        selfCalls: [selfCall],
        quality: { callsOut: 0 },
      },
    },
  ]);
  expect(open.desk.configs()).toMatchObject([{ name: "lobby", origin: "page", config: { kind: "gsm" } }]);
  expect(JSON.stringify(open.desk.configs())).not.toContain("1234");
});

test("what a line cannot do is said, and what it would not do has its reason", async () => {
  await using open = await openDesk();
  const { desk, lobby, site } = open;
  expect(await desk.ussd("lobby", "*100#", undefined)).toBe("answer to *100#");
  lobby.ussd = async () => {
    throw new LineError("the network refuses service codes");
  };
  await expect(desk.ussd("lobby", "*100#", undefined)).rejects.toMatchObject({
    fault: "unavailable",
    message: "the network refuses service codes",
  });
  lobby.ussd = async () => {
    throw new LineError("there is no network (+CME ERROR: 30)", { code: "no-network" });
  };
  await expect(desk.ussd("lobby", "*100#", undefined)).rejects.toMatchObject({
    fault: "unavailable",
    code: "no-network",
    message: "there is no network (+CME ERROR: 30)",
  });
  lobby.ussd = async () => {
    throw new LineError("an order", { code: "service-code-orders" });
  };
  await expect(desk.ussd("lobby", "*31#", undefined)).rejects.toMatchObject({
    fault: "not-allowed",
    code: "service-code-orders",
  });
  lobby.ussd = (_, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("late"))));
  const late = desk.ussd("lobby", "*100#", undefined);
  const refused = expect(late).rejects.toMatchObject({ fault: "unavailable", message: "the network did not answer in time" });
  await site.clock.advance(60_000);
  await refused;
  await expect(desk.askBalance("lobby")).rejects.toMatchObject({ fault: "conflict" });
  await expect(desk.ussd("carrier", "*100#", undefined)).rejects.toMatchObject({ fault: "conflict" });
  await expect(desk.ussd("nobody", "*100#", undefined)).rejects.toMatchObject({ fault: "not-found" });
  await desk.switch("lobby", false);
  await expect(desk.ussd("lobby", "*100#", undefined)).rejects.toMatchObject({ fault: "unavailable" });
});

test("an operator who takes three minutes over a balance is waited for", async () => {
  await using open = await openDesk();
  const { desk, lobby, site } = open;
  const answer = Promise.withResolvers<{ yuan: number; at: number }>();
  lobby.askBalance = (signal) => {
    signal.addEventListener("abort", () => answer.reject(new Error("late")));
    return answer.promise;
  };
  const asked = desk.askBalance("lobby");
  await site.clock.advance(200_000);
  answer.resolve({ yuan: 6.4, at: 1 });
  expect(await asked).toEqual({ yuan: 6.4, at: 1 });
});

test("a line of the file is changed there; one that the dial plan names stays; no line is tried on 110", async () => {
  await using open = await openDesk();
  const { desk, tried } = open;
  await expect(desk.remove("carrier", "admin")).rejects.toMatchObject({ fault: "not-allowed" });
  await expect(desk.switch("carrier", false)).rejects.toMatchObject({ fault: "not-allowed" });
  await expect(desk.remove("lobby", "admin")).rejects.toMatchObject({
    fault: "conflict",
    message: /calls\.outgoing\[0\]\.lines/,
  });
  await expect(desk.testCall("lobby", "110", "admin")).rejects.toMatchObject({ fault: "not-allowed" });
  expect(() => desk.transcript("carrier")).toThrow(/stands with each call/);
  expect(desk.transcript("lobby")).toMatch(/^\{"transcript":1,/);
  expect(tried).toEqual([]);
});

test("a line is called by another when somebody asks, and why it is not is told", async () => {
  await using open = await openDesk();
  const { desk } = open;
  expect(await desk.selfCall("lobby")).toEqual([selfCall]);
  await expect(desk.selfCall("carrier")).rejects.toMatchObject({
    fault: "conflict",
    message: "the line was not called: there is no other line",
  });
  await expect(desk.selfCall("attic")).rejects.toMatchObject({ fault: "not-found" });
});
