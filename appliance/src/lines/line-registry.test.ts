import { BoxConfig, LineConfig } from "@sitebox/core/contract";
import { ConfigError } from "@sitebox/core/kernel";
import type { Leg } from "@sitebox/drivers/line";
import { expect, test } from "vitest";
import { z } from "zod";
import { TestLeg } from "../calls/testing/index.ts";
import { checkLines, withoutSecrets } from "./index.ts";
import { modem, NOON, openLinesSite } from "./testing/index.ts";

const statesOf = ({ registry }: { registry: { lines(): readonly { name: string; state: string; fault?: string }[] } }) =>
  registry.lines().map(({ name, state, fault }) => (fault === undefined ? `${name} ${state}` : `${name} ${state} ${fault}`));
const nobody = new AbortController().signal;

test("lines of the file come first, then those that were added; all are there again after a restart, switched as they were", async () => {
  const list = [modem("lobby")];
  let dataDir: string;
  {
    await using site = await openLinesSite({ list, keep: true });
    dataDir = site.dataDir;
    await site.registry.add(modem("attic", { pin: "1234" }));
    await site.registry.add(modem("cellar"));
    await site.registry.switch("lobby", false);
    await site.registry.remove("cellar");
    expect(statesOf(site)).toEqual(["lobby down switched-off", "attic up"]);
  }
  {
    await using site = await openLinesSite({ list, dataDir });
    expect(statesOf(site)).toEqual(["lobby down switched-off", "attic up"]);
    await site.registry.switch("lobby", true);
    await site.clock.advance(0);
    expect(statesOf(site)).toEqual(["lobby up", "attic up"]);
    expect(site.kind.line("attic").config).toMatchObject({ pin: "1234" });
  }
});

test("a line that cannot be opened says why, stops nobody, and comes up when it can", async () => {
  await using site = await openLinesSite();
  site.kind.broken.set("lobby", "the port is somebody else's");
  await site.registry.add(modem("lobby"));
  await site.registry.add(modem("attic"));
  await site.clock.advance(0);
  expect(statesOf(site)).toEqual(["lobby down failed", "attic up"]);
  expect(site.registry.lines()[0]?.reason).toBe("the port is somebody else's");
  expect(await site.registry.line("lobby").dial("110", { signal: nobody })).toEqual({
    type: "unreachable",
    reason: "the line is not open",
  });
  site.kind.broken.clear();
  await site.clock.advance(20_000);
  expect(statesOf(site)).toEqual(["lobby up", "attic up"]);
});

test("calls that come in by any of them stand in one row, and a line that is removed is closed", async () => {
  await using site = await openLinesSite({ list: [modem("lobby")] });
  await site.registry.add(modem("attic"));
  await site.clock.advance(0);
  const [lobby, attic] = [site.kind.line("lobby"), site.kind.line("attic")];
  const told: string[] = [];
  site.registry.events
    .on("lineChanged", ({ name, state }) => told.push(`${name} ${state}`))
    .on("lineRemoved", (name) => told.push(`no ${name}`));
  lobby.incoming.push(new TestLeg({ remote: "1", dialled: "", line: "lobby" }));
  attic.incoming.push(new TestLeg({ remote: "2", dialled: "", line: "attic" }));
  const legs: Leg[] = [];
  for await (const leg of site.registry.incoming) if (legs.push(leg) === 2) break;
  expect(legs.map(({ line }) => line)).toEqual(["lobby", "attic"]);
  attic.become({ state: "down" });
  await site.registry.remove("attic");
  expect(told).toEqual(["attic down", "no attic"]);
  expect(attic.closed).toBe(true);
  expect(attic.listeners).toBe(0);
});

test("secrets are never shown, and stay where a change does not state them", async () => {
  await using site = await openLinesSite();
  const gateway = LineConfig.parse({
    kind: "gateway",
    name: "rack",
    maker: "dinstar",
    host: "10.0.0.9",
    sip: { user: "box", password: "sip-secret" },
    management: { password: "web-secret" },
    ports: [{ port: 0, sim: { number: "13800138000", owner: "x", purpose: "y" } }],
  });
  const added = await site.registry.add(gateway);
  const shown = withoutSecrets(added.config);
  expect(JSON.stringify(shown)).not.toContain("secret");
  await site.registry.change("rack", { ...shown, balanceHours: 12 });
  expect(site.registry.setUp("rack")?.config).toMatchObject({
    balanceHours: 12,
    sip: { user: "box", password: "sip-secret" },
    management: { password: "web-secret" },
  });
  await site.clock.advance(0);
  site.kind
    .line("rack")
    .deps.onTraffic?.({ port: "http", direction: "out", bytes: Buffer.from("GET /?password=web-secret HTTP/1.1") });
  expect(site.registry.transcript("rack")).not.toContain("secret");
  expect(site.registry.transcript("rack")).toContain("GET /?password=***");
});

test("every field that the schema calls write-only is kept secret", () => {
  const fields = new Set<string>();
  const look = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === "object" && value !== null && "writeOnly" in value) fields.add(key);
      look(value);
    }
  };
  look(z.toJSONSchema(LineConfig, { io: "input" }));
  expect(fields.size).toBeGreaterThan(0);
  expect(withoutSecrets(Object.fromEntries([...fields].map((field) => [field, "x"])))).toEqual({});
});

test("a change of limits or prices ends no call; another change opens the line anew", async () => {
  await using site = await openLinesSite();
  await site.registry.add(modem("lobby"));
  await site.clock.advance(0);
  const before = site.kind.line("lobby");
  await site.registry.change(
    "lobby",
    modem("lobby", { limits: { callsPerHour: 5 }, tariffs: [{ numbers: "1.*", fenPerMinute: 20 }] }),
  );
  expect(site.registry.left("lobby")).toMatchObject({ callsThisHour: 5 });
  expect(site.registry.price("lobby", "13800138000")).toBe(60);
  expect(before.closed).toBe(false);
  await site.registry.change("lobby", modem("lobby", { roaming: true }));
  expect(before.closed).toBe(true);
});

test.each<[string, object, object[], RegExp]>([
  ["the name of another line", modem("lobby", { usbPath: "9-9" }), [modem("lobby")], /another line is called “lobby”/],
  ["the name of a carrier", modem("carrier"), [], /carrier of sip.trunks/],
  ["a USB socket", modem("b", { usbPath: "1-1" }), [modem("a", { usbPath: "1-1" })], /usbPath 1-1 belongs to the line “a”/],
  ["an IMEI", modem("b", { imei: "860000000000001" }), [modem("a", { imei: "860000000000001" })], /imei/],
  ["a port", modem("b", { audioPort: "/dev/ttyUSB2" }), [modem("a", { atPort: "/dev/ttyUSB2" })], /port \/dev\/ttyUSB2/],
  [
    "a channel",
    { kind: "dahdi", name: "b", ports: [{ type: "fxs", channel: 1, extension: "8005" }] },
    [{ kind: "dahdi", name: "a", ports: [{ type: "fxs", channel: 1, extension: "8004" }] }],
    /channel 1 belongs to the line “a”/,
  ],
  [
    "an extension",
    { kind: "dahdi", name: "b", ports: [{ type: "fxs", channel: 1, extension: "8001" }] },
    [],
    /8001 is another telephone's extension/,
  ],
  [
    "a pattern of numbers that is none",
    modem("b", { tariffs: [{ numbers: "1(", fenPerMinute: 1 }] }),
    [],
    /“1\(” is not a regular/,
  ],
])("a line is refused for %s", (_, line, others, message) => {
  const config = {
    lines: BoxConfig.shape.lines.parse({ list: [...others, line] } as object),
    sip: BoxConfig.shape.sip.parse({
      trunks: [{ name: "carrier", host: "carrier.example" }],
      extensions: [{ number: "8001", password: "8001-secret" }],
    }),
  };
  expect(() => checkLines(config)).toThrow(ConfigError);
  expect(() => checkLines(config)).toThrow(message);
});

test("more SIMs than may be are refused with the reason, in the file and when they are added", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const config = {
    lines: BoxConfig.shape.lines.parse({ list: names.map((name) => modem(name)) } as object),
    sip: BoxConfig.shape.sip.parse({}),
  };
  expect(() => checkLines(config)).toThrow(/there would be 5 SIMs, and lines.mostSims allows 4: .* law/);
  await using site = await openLinesSite({ list: names.slice(0, 3).map((name) => modem(name)) });
  const [fourth, fifth] = await Promise.allSettled([site.registry.add(modem("d")), site.registry.add(modem("e"))]);
  expect(fourth.status).toBe("fulfilled");
  expect(fifth).toMatchObject({
    status: "rejected",
    reason: { fault: "invalid", issues: [{ path: "sim.number", code: "too-many-sims" }] },
  });
});

test("a line that the file has got in the way of is kept, and says so instead of working", async () => {
  let dataDir: string;
  {
    await using site = await openLinesSite({ keep: true });
    dataDir = site.dataDir;
    await site.registry.add(modem("attic", { usbPath: "1-1" }));
  }
  {
    await using site = await openLinesSite({ dataDir, list: [modem("lobby", { usbPath: "1-1" })] });
    expect(statesOf(site)).toEqual(["lobby up", "attic down failed"]);
    expect(site.registry.lines()[1]?.reason).toContain("usbPath 1-1 belongs to the line “lobby”");
  }
});

test("a line rests between calls, stops at its hour's and day's limit, and knows it after a restart; help is called all the same", async () => {
  const list = [modem("lobby", { limits: { callsPerHour: 2, callMinutesPerDay: 10, secondsBetweenCalls: 5 } })];
  let dataDir: string;
  {
    await using site = await openLinesSite({ list, keep: true });
    dataDir = site.dataDir;
    const lobby = site.registry.line("lobby");
    expect(site.registry.limited("lobby")).toBeUndefined();
    await lobby.dial("1", { signal: nobody });
    expect(site.registry.limited("lobby")).toBe("it rests 5 s between calls");
    await site.clock.advance(5_000);
    const leg = new TestLeg({ remote: "2", dialled: "2", line: "lobby" });
    site.kind.line("lobby").onDial = async () => ({ type: "answered", leg });
    await lobby.dial("2", { signal: nobody });
    expect(site.registry.limited("lobby")).toBe("its limit of 2 calls an hour is reached");
    await site.clock.advance(6 * 60_000);
    await leg.hangup("normal");
    await site.clock.advance(0);
    expect(site.registry.left("lobby")).toEqual({ callsThisHour: 0, minutesToday: 4, textsToday: 200 });
    await lobby.dial("110", { signal: nobody, emergency: true });
    expect(site.kind.line("lobby").dialled).toEqual(["1", "2", "110"]);
  }
  {
    await using site = await openLinesSite({ list, dataDir, at: NOON + 10 * 60_000 });
    expect(site.registry.left("lobby")).toEqual({ callsThisHour: 0, minutesToday: 4, textsToday: 200 });
    await site.clock.advance(3_600_000);
    expect(site.registry.left("lobby")).toMatchObject({ callsThisHour: 2, minutesToday: 4 });
    await site.clock.advance(12 * 3_600_000);
    expect(site.registry.left("lobby")).toMatchObject({ minutesToday: 10 });
  }
});
