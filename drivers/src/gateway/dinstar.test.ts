import { expect, test } from "vitest";
import { until } from "../line/testing/index.ts";
import { testAuthority } from "../sip/testing/index.ts";
import { forgetfulMemory } from "./index.ts";
import { hastyClock, hastyWaits, openDinstarRig, recovered, take, upWithPorts } from "./rig.testing.ts";
import { type HttpMischief, simulatedPort } from "./testing/index.ts";

const soon = () => AbortSignal.timeout(8_000);

test.for([
  ["error-500", "it answers with HTTP 500"],
  ["forbidden", "it refuses this user the interface"],
  ["not-found", "it has no such interface"],
  ["malformed", "its answer is no JSON"],
  ["wrong-shape", "its answer is not what is asked for"],
  ["cut", "its answer was cut off"],
  ["hang-up", "socket hang up"],
  ["endless", "its answer is too long"],
  ["silent", "no answer for 10 s"],
] as const satisfies readonly (readonly [HttpMischief, string])[])(
  "a gateway that answers with %s is up without ports, and comes back by itself",
  async ([mischief, reason]) => {
    await using rig = await openDinstarRig({ deps: { clock: hastyClock(20) } });
    expect(await recovered(rig, mischief)).toMatchObject({ state: "up", reason: expect.stringContaining(reason) });
  },
);

test.for([
  ["that asks for a plain login", { auth: "basic" }],
  ["that keeps connections open", { keepAlive: true }],
] as const)("a gateway %s is asked as well", async ([, device]) => {
  await using rig = await openDinstarRig({ device });
  await upWithPorts(rig.line);
  expect(await rig.line.texts?.send(rig.network.far, "你好", { signal: soon() })).toMatchObject({ type: "sent" });
});

test("a gateway is asked over HTTPS, whoever made its certificate", async () => {
  const authority = await testAuthority();
  const tls = await authority.issue({ names: [{ type: "dns", value: "gateway" }] });
  await using rig = await openDinstarRig({ device: { tls }, management: { tls: true } });
  expect((await upWithPorts(rig.line)).maxCalls).toBe(2);
});

test("a challenge that has grown old is answered anew", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  for (let times = 0; times < 3; times++) {
    rig.device.renewNonce();
    expect(await rig.line.texts?.send(rig.network.far, "你好", { signal: soon() })).toMatchObject({ type: "sent" });
  }
  expect(rig.line.state.ports).toBeDefined();
});

test("a text that has the gateway's own placeholder in it arrives as it was written", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  await rig.line.texts?.send(rig.network.far, "单号 #param#: 806", { signal: soon() });
  expect(await rig.network.received()).toBe("单号 #param#: 806");
});

test.for([
  [400, false],
  [413, false],
  [486, true],
  [500, true],
  [503, true],
  [550, true],
] as const)("a text that is refused with %i may be tried again: %s", async ([code, retry]) => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  rig.device.refuse(code);
  expect(await rig.line.texts?.send(rig.network.far, "你好", { signal: soon() })).toMatchObject({
    type: "failed",
    retry,
    reason: expect.stringMatching(/^(the|no) /),
  });
});

test("one service code runs at a port at a time", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  const first = rig.line.ussd?.("*100#", { signal: soon(), port: 1 });
  await expect(rig.line.ussd?.("*101#", { signal: soon(), port: 1 })).rejects.toThrow("already running at port 1");
  expect(await first).toContain("12.50");
});

test("questions that are asked at once have names of their own in traffic", async () => {
  const names = new Set<string>();
  await using rig = await openDinstarRig({ deps: { onTraffic: ({ port }) => names.add(port) } });
  await upWithPorts(rig.line);
  await Promise.all([1, 2].map((port) => rig.line.ussd?.("*100#", { signal: soon(), port })));
  expect([...names]).toEqual(expect.arrayContaining(["http /api/query_ussd_reply", "http /api/query_ussd_reply 2"]));
});

test("a text that stays in the gateway's queue is taken back and may be tried again", async () => {
  await using rig = await openDinstarRig({ deps: { clock: hastyWaits(400) } });
  rig.device.congest();
  await upWithPorts(rig.line);
  const outcome = await rig.line.texts?.send(rig.network.far, "你好", { signal: soon() });
  expect(outcome).toEqual({ type: "failed", reason: "the gateway has not sent it for 120 s", retry: true });
  expect(rig.device.asked).toContain("/api/stop_sms");
});

test("many texts are told page by page, in their order, and those of unregistered ports are not", async () => {
  const ports = [simulatedPort(1), simulatedPort(2)];
  const { number } = simulatedPort(1);
  await using rig = await openDinstarRig({ ports, sims: [{ port: 1, sim: { number, owner: "酒店", purpose: "前台" } }] });
  await upWithPorts(rig.line);
  const all = Array.from({ length: 23 }, (_, at) => `第 ${at} 条`);
  for (const text of all) {
    await rig.device.comeIn({ port: 2, from: "10086", text: "谁?" });
    await rig.device.comeIn({ port: 1, from: "13900139000", text, sentAt: 1_700_000_000_000 });
  }
  const texts = await take(rig.line.texts, all.length);
  expect(texts.map(({ text }) => text)).toEqual(all);
  expect(texts[0]).toMatchObject({ from: "13900139000", port: 1, sentAt: 1_700_000_000_000 });
  expect(new Set(texts.map(({ id }) => id)).size).toBe(all.length);
});

test("after a restart, texts are told from the first on that was not stored, though later ones were", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  for (const text of ["一", "二", "三"]) await rig.device.comeIn({ port: 1, from: "13900139000", text });
  const [one, , three] = await take(rig.line.texts, 3);
  await one?.stored();
  await three?.stored();
  await rig.reopen();
  expect((await take(rig.line.texts, 2)).map(({ text }) => text)).toEqual(["二", "三"]);
});

test.for([
  ["was emptied", "clear"],
  ["was replaced by another", "replace"],
] as const)("a gateway that %s counts its texts anew, and they are told", async ([, what]) => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  for (const text of ["一", "二", "三"]) await rig.device.comeIn({ port: 1, from: "13900139000", text });
  for (const text of await take(rig.line.texts, 3)) await text.stored();
  rig.device.misbehave("hang-up");
  await until(rig.line, ({ ports }) => ports === undefined);
  if (what === "clear") rig.device.clear();
  else rig.device.replace("db00-0102-9999-9999");
  rig.device.misbehave(undefined);
  await rig.device.comeIn({ port: 1, from: "13900139000", text: "新" });
  expect((await take(rig.line.texts, 1))[0]?.text).toBe("新");
});

test("where nothing can be noted, everything that the gateway keeps is told again under the same names", async () => {
  const memory = { ...forgetfulMemory(), write: () => Promise.reject(new Error("disk full")) };
  await using rig = await openDinstarRig({ deps: { memory } });
  await upWithPorts(rig.line);
  await rig.device.comeIn({ port: 1, from: "13900139000", text: "一" });
  const [once] = await take(rig.line.texts, 1);
  await once?.stored();
  await rig.reopen();
  expect((await take(rig.line.texts, 1))[0]?.id).toBe(once?.id);
});

test("a service code that the network does not answer is cancelled and says so", async () => {
  await using rig = await openDinstarRig({ deps: { clock: hastyWaits(100) } });
  await upWithPorts(rig.line);
  await expect(rig.line.ussd?.("*999#", { signal: soon() })).rejects.toThrow("the network has not answered for 45 s");
  expect(rig.device.asked.filter((path) => path === "/api/send_ussd")).toHaveLength(2);
});

test("the same answer to a service code twice is told twice", async () => {
  await using rig = await openDinstarRig({ deps: { clock: hastyWaits(20) } });
  await upWithPorts(rig.line);
  const once = await rig.line.ussd?.("*100#", { signal: soon() });
  expect(await rig.line.ussd?.("*100#", { signal: soon() })).toBe(once);
});
