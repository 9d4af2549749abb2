import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { alarmOf, BoxId, type Control, HeadquartersConfig, type SyncItem, topics } from "@sitebox/core/contract";
import { type Log, silentLog, systemClock } from "@sitebox/core/kernel";
import { createIdentityKey, createSigningRequest, openCertificateAuthority } from "@sitebox/provisioning";
import { connect, type MqttClient } from "mqtt";
import { expect, test } from "vitest";
import { type Headquarters, type HeadquartersParts, openHeadquarters } from "./hq.ts";

const folder = () => mkdtemp(join(tmpdir(), "sitebox-hq-"));
const local = { host: "127.0.0.1", port: 0 };
const start = async (parts: Partial<HeadquartersParts> = {}) =>
  openHeadquarters(
    HeadquartersConfig.parse({
      dataDir: await folder(),
      http: local,
      mqtt: local,
      enrol: local,
      hostNames: ["127.0.0.1", "localhost"],
    }),
    { log: silentLog, passwordCost: { log2N: 4, r: 8, p: 1 }, reorderMs: 50, ...parts },
  );

/** A log that lets a test wait for a line. */
function listening() {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const keep = (message: string) => {
    lines.push(message);
    for (const wake of waiting) wake();
  };
  const log: Log = { child: () => log, debug: () => {}, info: keep, warn: keep, error: keep };
  const said = async (message: string) => {
    while (!lines.includes(message)) await new Promise<void>((resolve) => waiting.add(resolve));
  };
  return { log, said };
}

interface Keys {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}
const codes = "ABCDEFGH";
let claims = 0;

/** Enrols a box as a person at headquarters would. */
async function enrolled(hq: Headquarters, box: string): Promise<Keys> {
  const key = await createIdentityKey();
  const claimCode = `${codes.slice(0, 6)}${codes[Math.floor(claims / 8) % 8]}${codes[claims++ % 8]}`;
  const request = { box: BoxId.parse(box), claimCode, csr: await createSigningRequest(key, box), siteName: `Site of ${box}` };
  expect(await hq.claims.ask(request, "192.0.2.1")).toEqual({ state: "waiting" });
  await hq.claims.accept(claimCode, "admin");
  const answer = await hq.claims.ask(request, "192.0.2.1");
  if (answer.state !== "enrolled") throw new Error(answer.state);
  return { key, cert: answer.certificate, ca: hq.caCertificate };
}

const ended = (client: MqttClient) => new Promise<void>((resolve) => client.once("close", () => resolve()));

interface Raw extends AsyncDisposable {
  readonly client: MqttClient;
  readonly controls: Control[];
  say(topic: string, message: unknown): Promise<unknown>;
  told(right: (control: Control) => boolean): Promise<Control>;
}

async function rawBox(hq: Headquarters, box: string, keys: Keys, options: object = {}): Promise<Raw> {
  const client = connect(`mqtts://127.0.0.1:${hq.mqttPort}`, {
    ...keys,
    clientId: `demo/${box}`,
    reconnectPeriod: 0,
    protocolVersion: 4,
    ...options,
  });
  client.on("error", () => {});
  // Without this what waits for an answer would wait for ever: the client hopes to reconnect.
  client.on("close", () => client.end(true));
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
    client.once("close", () => reject(new Error("closed")));
  });
  const controls: Control[] = [];
  client.on("message", (_, payload) => controls.push(JSON.parse(payload.toString()) as Control));
  await client.subscribeAsync(topics("demo", box).down, { qos: 1 });
  return {
    client,
    controls,
    say: (topic, message) => client.publishAsync(topic, Buffer.isBuffer(message) ? message : JSON.stringify(message), { qos: 1 }),
    async told(right) {
      for (;;) {
        const found = controls.find(right);
        if (found) return found;
        await new Promise<void>((resolve) => client.once("message", () => resolve()));
      }
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
}

const alarm = (seq: number, code = `a${seq}`): SyncItem => ({
  id: `id-${seq}`,
  st: "p0",
  seq,
  agg: `alarm/${code}`,
  rev: seq,
  t: { wall: 1_700_000_000_000 + seq, mono: seq, q: "rtc" },
  hist: false,
  body: { type: "alarm.changed", alarm: { code, severity: "warning", text: "x", active: true, at: seq } },
});
const batch = (box: string, items: unknown[], epoch = "e1") => ({ v: 1, kind: "batch", box, epoch, boot: "b1", n: 1, items });
const ack = (upto: number) => (control: Control) => control.kind === "ack" && control.upto === upto;
const codesOf = async (hq: Headquarters, box: string) => (await hq.fleet.box(box))?.alarms.map(({ code }) => code);

async function eventually(hq: Headquarters, right: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const next = once(hq.events, "boxChanged");
    if (await right()) return;
    await next;
  }
}

test("an alarm keeps its kind and values on its way, and one of an older box its text", async () => {
  await using hq = await start();
  const keys = await enrolled(hq, "box-1");
  await using box = await rawBox(hq, "box-1", keys);
  const told = { ...alarmOf("line-balance", { line: "lobby", yuan: 3.2 }), code: "b", severity: "warning", active: true, at: 2 };
  const newer = { ...alarm(2), body: { type: "alarm.changed", alarm: told } };
  await box.say(topics("demo", "box-1").up("p0"), batch("box-1", [alarm(1, "a"), newer]));
  await eventually(hq, async () => (await codesOf(hq, "box-1"))?.length === 2);
  const [old, known] = (await hq.fleet.box("box-1"))?.alarms ?? [];
  expect(old).toEqual({ code: "a", severity: "warning", text: "x", active: true, at: 1 });
  expect(known).toEqual(told);
});

test("the same batch twice, one overtaken by the next, and one that is lost: each item is applied once", async () => {
  await using hq = await start();
  const keys = await enrolled(hq, "box-1");
  await using box = await rawBox(hq, "box-1", keys);
  const { up } = topics("demo", "box-1");
  await box.say(up("p0"), batch("box-1", [alarm(1), alarm(2)]));
  await box.say(up("p0"), batch("box-1", [alarm(1), alarm(2)]));
  await box.told(ack(2));
  // 5 and 6 come before 3 and 4: nothing of them is acknowledged, and after a while the missing ones are asked for.
  await box.say(up("p0"), batch("box-1", [alarm(5), alarm(6)]));
  expect(await box.told(({ kind }) => kind === "resend")).toMatchObject({ stream: "p0", from: 3 });
  await box.say(up("p0"), zstdCompressSync(JSON.stringify(batch("box-1", [alarm(3), alarm(4)]))));
  await box.told(ack(6));
  await eventually(hq, async () => (await codesOf(hq, "box-1"))?.length === 6);
  expect(await codesOf(hq, "box-1")).toEqual(["a1", "a2", "a3", "a4", "a5", "a6"]);
  expect((await hq.fleet.counts()).deadLetters).toBe(0);
});

test("what a box dropped counts as come, also where part of it was there before", async () => {
  await using hq = await start();
  await using box = await rawBox(hq, "box-1", await enrolled(hq, "box-1"));
  const { up } = topics("demo", "box-1");
  const dropped = (fromSeq: number, toSeq: number) => ({
    ...alarm(toSeq),
    body: { type: "outbox.dropped", cls: "p0", fromSeq, toSeq, reason: "outbox full" },
  });
  await box.say(up("p0"), batch("box-1", [alarm(1), alarm(4)]));
  await box.told(ack(1));
  await box.say(up("p0"), batch("box-1", [dropped(2, 4), alarm(5)]));
  await box.told(ack(5));
  await eventually(hq, async () => (await codesOf(hq, "box-1"))?.length === 3);
  expect(await codesOf(hq, "box-1")).toEqual(["a1", "a4", "a5"]);
});

test("a payload that nobody understands is put aside and does not hold up what follows", async () => {
  await using hq = await start();
  await using box = await rawBox(hq, "box-1", await enrolled(hq, "box-1"));
  const { up } = topics("demo", "box-1");
  await box.say(up("p0"), Buffer.from("{ not json"));
  await box.say(up("p0"), batch("box-2", [alarm(1)]));
  const strange = { ...alarm(2), body: { type: "from.the.future" } };
  const broken = { seq: 3, st: 9 };
  await box.say(up("p0"), batch("box-1", [alarm(1), strange, broken, alarm(4)]));
  await box.told(ack(4));
  await eventually(hq, async () => (await codesOf(hq, "box-1"))?.length === 2);
  expect(await codesOf(hq, "box-1")).toEqual(["a1", "a4"]);
  expect((await hq.fleet.counts()).deadLetters).toBe(4);
  expect(hq.counters.malformedPayloads).toBe(2);
});

test("a topic of its own that is not known yet is taken and dropped", async () => {
  await using hq = await start();
  await using box = await rawBox(hq, "box-1", await enrolled(hq, "box-1"));
  await box.say("v1/demo/box-1/u/p9", {});
  await box.say(topics("demo", "box-1").up("p0"), batch("box-1", [alarm(1)]));
  await box.told(ack(1));
  expect(hq.counters.unknownTopics).toBe(1);
});

test.each([
  ["another box's topic", "v1/demo/box-2/u/p0"],
  ["another tenant's topic", "v1/other/box-1/u/p0"],
  ["headquarters' own topic", "v1/demo/box-1/d/ctl"],
  ["a topic of the broker", "$SYS/heartbeat"],
])("a box that publishes on %s is cut off", async (_, topic) => {
  const { log, said } = listening();
  await using hq = await start({ log });
  await using box = await rawBox(hq, "box-1", await enrolled(hq, "box-1"));
  const closed = ended(box.client);
  await expect(box.say(topic, batch("box-2", [alarm(1)]))).rejects.toThrow();
  await closed;
  await said("a topic is refused");
  expect(hq.counters.refusedTopics).toBe(1);
});

test.each(["#", "v1/demo/+/d/#", "v1/demo/box-2/d/#", "v1/demo/box-1/u/#"])("a box may not listen to %s", async (filter) => {
  await using hq = await start();
  await using box = await rawBox(hq, "box-1", await enrolled(hq, "box-1"));
  await expect(box.client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
});

test("a client id, session or will that is not its certificate's is refused", async () => {
  await using hq = await start();
  const keys = await enrolled(hq, "box-1");
  await enrolled(hq, "box-2");
  for (const options of [
    { clientId: "demo/box-2" },
    { clean: false },
    { will: { topic: "v1/demo/box-2/st", payload: Buffer.from("{}"), qos: 1 as const, retain: true } },
  ])
    await expect(rawBox(hq, "box-1", keys, options)).rejects.toThrow();
  expect(hq.counters.refusedConnections).toBe(3);
});

test("a certificate of another authority does not get as far as MQTT", async () => {
  const { log, said } = listening();
  await using hq = await start({ log });
  await enrolled(hq, "box-1");
  const stranger = await openCertificateAuthority(await folder(), { clock: systemClock, name: "Stranger" });
  const key = await createIdentityKey();
  const csr = await createSigningRequest(key, "demo/box-1");
  const { certificate: cert } = await stranger.issueBox({ csr, commonName: "demo/box-1", days: 30 });
  await expect(rawBox(hq, "box-1", { key, cert, ca: hq.caCertificate })).rejects.toThrow();
  await said("a stranger is refused");
});

test("a box that is replaced loses its connection and its certificate opens nothing more", async () => {
  await using hq = await start();
  const keys = await enrolled(hq, "box-1");
  await using box = await rawBox(hq, "box-1", keys);
  const closed = ended(box.client);
  await using successor = await rawBox(hq, "box-1", await enrolled(hq, "box-1"));
  await closed;
  await expect(rawBox(hq, "box-1", keys)).rejects.toThrow(/not authorized/i);
  expect(successor.client.connected).toBe(true);
});

test("a box is online from its birth to the end of that connection; a late will of an earlier one changes nothing", async () => {
  await using hq = await start();
  const keys = await enrolled(hq, "box-1");
  const topic = topics("demo", "box-1").status;
  const status = (boot: string, since: number, online = true) => ({ v: 1, online, epoch: "e1", boot, software: "0.1.0", since });
  const will = (boot: string, since: number) => ({
    will: { topic, payload: Buffer.from(JSON.stringify(status(boot, since, false))), qos: 1 as const, retain: true },
  });
  const online = async () => (await hq.fleet.box("box-1"))?.online;
  {
    await using first = await rawBox(hq, "box-1", keys, will("boot-1", 1));
    await first.say(topic, status("boot-1", 1));
    expect(await online()).toBe(true);
    await using second = await rawBox(hq, "box-1", keys, will("boot-2", 2));
    await second.say(topic, status("boot-2", 2));
    // As a will would say it that arrives only now.
    await second.say(topic, status("boot-1", 1, false));
    expect(await online()).toBe(true);
    // Killed: no DISCONNECT, so the will is sent.
    second.client.stream.destroy();
    await eventually(hq, async () => (await online()) === false);
  }
});

test("a resend of what another box holds is its own matter: boxes do not see each other's streams", async () => {
  await using hq = await start();
  await using one = await rawBox(hq, "box-1", await enrolled(hq, "box-1"));
  await using two = await rawBox(hq, "box-2", await enrolled(hq, "box-2"));
  await one.say(topics("demo", "box-1").up("p0"), batch("box-1", [alarm(1), alarm(2)]));
  await two.say(topics("demo", "box-2").up("p0"), batch("box-2", [alarm(1)]));
  await one.told(ack(2));
  await two.told(ack(1));
  await one.say(topics("demo", "box-1").hello, { v: 1, kind: "hello", box: "box-1", epoch: "e1", boot: "b1", software: "0.1.0" });
  expect(await one.told(({ kind }) => kind === "cursors")).toMatchObject({ cursors: { p0: 2 } });
  expect(two.controls.some(({ kind }) => kind === "cursors")).toBe(false);
});

test("connections beyond the bucket are turned away before their handshake", async () => {
  await using hq = await start({ connections: { burst: 1, perSecond: 0 } });
  const keys = await enrolled(hq, "box-1");
  await using box = await rawBox(hq, "box-1", keys);
  await expect(rawBox(hq, "box-1", keys)).rejects.toThrow();
  expect(box.client.connected).toBe(true);
  expect(hq.counters.refusedConnections).toBe(1);
});

test("a message longer than any batch ends its connection before it is gathered", async () => {
  const { log, said } = listening();
  await using hq = await start({ log });
  await using box = await rawBox(hq, "box-1", await enrolled(hq, "box-1"));
  await expect(box.say(topics("demo", "box-1").up("p4"), Buffer.alloc(1_000_000))).rejects.toThrow();
  await said("a message is too long, its connection ends");
});
