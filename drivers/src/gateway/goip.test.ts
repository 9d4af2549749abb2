import { freePort } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { until } from "../line/testing/index.ts";
import { hastyClock, openGoipRig, take, upWithPorts } from "./rig.testing.ts";
import { GoipDevice, simulatedPort } from "./testing/index.ts";

const soon = () => AbortSignal.timeout(15_000);

test.for(["reg", "req", "resp"] as const)(
  "keep-alives are answered with the word %s where the device wants it",
  async (replyWord) => {
    await using rig = await openGoipRig({ device: { replyWord }, management: { replyWord } });
    await until(rig.line, ({ maxCalls, ports }) => ports !== undefined && maxCalls === 2);
    rig.device.keepAlive();
    for (const port of [1, 2]) await rig.device.tell(port, "RECORD", "dir:1;num:13900139000");
    expect(rig.device.registered).toBe(true);
  },
);

test("a text arrives once although the first of every packet gets lost, either way", async () => {
  const seen = new Set<string>();
  const loses = (packet: string, direction: string) => {
    const first = !/^(req|reg)/.test(packet) && !seen.has(`${direction} ${packet}`);
    seen.add(`${direction} ${packet}`);
    return first;
  };
  await using rig = await openGoipRig({ device: { loses }, deps: { clock: hastyClock(10) } });
  await upWithPorts(rig.line);
  const outcome = await rig.line.texts?.send(rig.network.far, "806空调坏了", { signal: soon() });
  expect(outcome).toMatchObject({ type: "sent", parts: 1 });
  expect(await rig.network.received()).toBe("806空调坏了");
  for await (const report of rig.line.texts?.reports ?? []) {
    expect(report).toMatchObject({ outcome: "delivered", reference: outcome?.type === "sent" ? outcome.reference : "" });
    break;
  }
  await rig.device.comeIn({ port: 1, from: "13900139000", text: "修好了吗" });
  const [text] = await take(rig.line.texts, 1);
  expect(text?.text).toBe("修好了吗");
  await text?.stored();
  await rig.line.texts?.send(rig.network.far, "好了", { signal: soon() });
  expect(await rig.network.received()).toBe("好了");
});

test("a device that is busy says so, and is waited for", async () => {
  await using rig = await openGoipRig({ device: { waits: true } });
  await upWithPorts(rig.line);
  expect(await rig.line.texts?.send(rig.network.far, "你好", { signal: soon() })).toMatchObject({ type: "sent" });
});

test("a device that takes no text says so, and it may be tried again", async () => {
  await using rig = await openGoipRig({ device: { rejects: true } });
  await upWithPorts(rig.line);
  expect(await rig.line.texts?.send(rig.network.far, "你好", { signal: soon() })).toEqual({
    type: "failed",
    reason: "the gateway refuses it: not now",
    retry: true,
  });
});

test("a text that comes again and again is told once, and acknowledged when it is stored", async () => {
  await using rig = await openGoipRig();
  await upWithPorts(rig.line);
  const answers: string[] = [];
  const acknowledged = rig.device.tell(1, "RECEIVE", "srcnum:13900139000;msg:a;b:c;msg:d\n第二行");
  void acknowledged.then((answer) => answers.push(answer));
  const [text] = await take(rig.line.texts, 1);
  expect(text).toMatchObject({ from: "13900139000", text: "a;b:c;msg:d\n第二行", port: 1 });
  // Other news is acknowledged at once; this one still waits then.
  await rig.device.tell(1, "STATE", "gsm_remain_state:IDLE");
  await rig.device.tell(1, "RECORD", "dir:2;num:1");
  expect(answers).toEqual([]);
  await text?.stored();
  expect(await acknowledged).toBe("OK");
  void rig.device.tell(1, "RECEIVE", "srcnum:13900139000;msg:next");
  expect((await take(rig.line.texts, 1))[0]?.text).toBe("next");
});

test("news of calls is acknowledged and shows that a port is busy", async () => {
  await using rig = await openGoipRig({ device: { repeatMs: 400 } });
  await upWithPorts(rig.line);
  for (const word of ["HANGUP", "EXPIRY", "REMAIN", "CELLINFO", "CGATT", "BCCH", "USSN"])
    expect(await rig.device.tell(1, word, "num:13900139000;cause:16")).toBe("OK");
  expect(await rig.device.tell(1, "DELIVER", "sms_no:99;state:0")).toBe("OK");
  await rig.device.tell(1, "STATE", "gsm_remain_state:INCOMING");
  await until(rig.line, ({ ports }) => ports?.[0]?.state === "busy");
  await rig.device.tell(1, "STATE", "gsm_remain_state:IDLE");
  await until(rig.line, ({ ports }) => ports?.[0]?.state === "idle");
});

test("channels that nobody has registered, or with another password, are refused", async () => {
  await using rig = await openGoipRig();
  await upWithPorts(rig.line);
  const serverPort = rig.config.management?.port ?? 0;
  const { network } = rig;
  await using stranger = await GoipDevice.open({ network, serverPort, ports: [simulatedPort(7)], host: "127.0.0.3" });
  expect(await stranger.tell(7, "RECEIVE", "srcnum:1;msg:x")).toMatch(/^ERROR/);
  await using thief = await GoipDevice.open({
    network,
    serverPort,
    ports: [simulatedPort(1)],
    password: "guessed",
    host: "127.0.0.3",
  });
  expect(await thief.tell(1, "RECEIVE", "srcnum:1;msg:x")).toMatch(/^ERROR/);
  expect([stranger.registered, thief.registered]).toEqual([false, false]);
  expect(rig.line.state.ports).toMatchObject([{ state: "idle" }, { state: "idle" }]);
});

test("a channel that falls silent is down, and all of them leave the ports unknown", async () => {
  const clock = hastyClock(200);
  await using rig = await openGoipRig({ deps: { clock } });
  await upWithPorts(rig.line);
  await rig.device[Symbol.asyncDispose]();
  const silent = await until(rig.line, ({ ports }) => ports === undefined);
  expect(silent).toMatchObject({ state: "up", reason: expect.stringContaining("nothing has been heard of it") });
  expect(await rig.line.texts?.send(rig.network.far, "你好", { signal: soon() })).toMatchObject({ type: "failed", retry: true });
});

test("a device that was never heard of leaves the ports unknown after a minute", async () => {
  await using rig = await openGoipRig({ management: { port: await freePort("0.0.0.0") }, deps: { clock: hastyClock(200) } });
  await until(rig.line, ({ state }) => state === "starting");
  const state = await until(rig.line, ({ state: now }) => now === "up");
  expect(state.reason).toContain("is its SMS server set to this box?");
});

test("a service code that the network does not answer says so", async () => {
  await using rig = await openGoipRig();
  await upWithPorts(rig.line);
  await expect(rig.line.ussd?.("*999#", { signal: soon() })).rejects.toThrow("the gateway could not run it: timeout");
});
