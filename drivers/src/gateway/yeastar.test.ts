import { expect, test } from "vitest";
import { until } from "../line/testing/index.ts";
import { hastyClock, hastyWaits, openYeastarRig, recovered, take, upWithPorts } from "./rig.testing.ts";
import { simulatedPort, type TcpMischief } from "./testing/index.ts";

const soon = () => AbortSignal.timeout(8_000);

test.for([
  ["hang-up", "the gateway has closed the connection"],
  ["cut", "the gateway has closed the connection"],
  ["endless", "its message does not end"],
  ["silent", "no answer for 10 s"],
] as const satisfies readonly (readonly [TcpMischief, string])[])(
  "a gateway that answers with %s is up without ports, and comes back by itself",
  async ([mischief, reason]) => {
    await using rig = await openYeastarRig({ deps: { clock: hastyClock(20) } });
    expect(await recovered(rig, mischief)).toMatchObject({ state: "up", reason: expect.stringContaining(reason) });
    await rig.device.comeIn({ port: 1, from: "13900139000", text: "回来了" });
    expect((await take(rig.line.texts, 1))[0]?.text).toBe("回来了");
  },
);

test("answers that come character by character are read", async () => {
  await using rig = await openYeastarRig({ device: {} });
  rig.device.misbehave("slow-drip");
  await upWithPorts(rig.line);
  expect(await rig.line.ussd?.("*100#", { signal: soon() })).toContain("12.50");
});

test("a text whose outcome was under way when the connection broke may be tried again, and the next one goes", async () => {
  await using rig = await openYeastarRig();
  await upWithPorts(rig.line);
  rig.device.misbehave("hang-up");
  expect(await rig.line.texts?.send(rig.network.far, "一", { signal: soon() })).toMatchObject({ type: "failed", retry: true });
  await until(rig.line, ({ ports }) => ports === undefined);
  rig.device.misbehave(undefined);
  await until(rig.line, ({ ports }) => ports !== undefined);
  expect(await rig.line.texts?.send(rig.network.far, "二", { signal: soon() })).toMatchObject({ type: "sent" });
});

test("texts of one port keep the distance that the maker asks for, and are given up meanwhile where they should be", async () => {
  const clock = hastyWaits(50);
  await using rig = await openYeastarRig({ deps: { clock, textGapMs: 10_000 } });
  await upWithPorts(rig.line);
  const startedAt = clock.monotonic();
  const given = new AbortController();
  const send = (text: string, signal = soon(), port = 1) => rig.line.texts?.send(rig.network.far, text, { signal, port });
  const outcomes = [send("一"), send("二"), send("三", given.signal), send("别的卡", soon(), 2)];
  expect(await outcomes[3]).toMatchObject({ type: "sent" });
  expect(await outcomes[1]).toMatchObject({ type: "sent" });
  expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(9_900);
  given.abort();
  expect(await outcomes[2]).toMatchObject({ type: "failed", retry: true });
});

test("texts of ports whose SIM is not registered are left alone", async () => {
  const [one, other] = [simulatedPort(1), simulatedPort(2)];
  const sims = [{ port: 1, sim: { number: one.number, owner: "酒店", purpose: "前台" } }];
  await using rig = await openYeastarRig({ ports: [one, other], sims });
  await upWithPorts(rig.line);
  await rig.device.comeIn({ port: 2, from: "13900139000", text: "谁?" });
  await rig.device.comeIn({ port: 1, from: "13900139000", text: "806", sentAt: 1_700_000_000_000 });
  expect((await take(rig.line.texts, 1))[0]).toMatchObject({ text: "806", port: 1, sentAt: 1_700_000_000_000 });
});

test("a service code that the network does not answer says so", async () => {
  await using rig = await openYeastarRig();
  await upWithPorts(rig.line);
  await expect(rig.line.ussd?.("*999#", { signal: soon() })).rejects.toThrow("the network has not answered: USSD Responses: 4");
});

test("an interface that cannot be encrypted is not spoken to where encryption is asked for", async () => {
  await using rig = await openYeastarRig({ management: { tls: true } });
  const state = await until(rig.line, ({ state: now }) => now === "up");
  expect(state.reason).toContain("cannot be encrypted");
  expect(rig.device.commands).toEqual([]);
});
