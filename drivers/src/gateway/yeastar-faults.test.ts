import { systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { until } from "../line/testing/index.ts";
import { openYeastarRig, take, upWithPorts } from "./rig.testing.ts";
import { simulatedPort } from "./testing/index.ts";

const soon = () => AbortSignal.timeout(15_000);

test("a line that is closed while the gateway is silent at the login does not wait for it", async () => {
  const begun = Promise.withResolvers<void>();
  // Deadlines never come: whoever waits for one waits for ever.
  const clock = { ...systemClock, after: () => ({ [Symbol.dispose]() {} }) };
  await using rig = await openYeastarRig({
    deps: { clock, onTraffic: ({ direction }) => direction === "out" && begun.resolve() },
  });
  rig.device.misbehave("silent");
  rig.device.hangUp();
  await begun.promise;
  await rig.line[Symbol.asyncDispose]();
});

test("a gateway that starts anew before it said what became of a text leaves it to be tried again, and comes back", async () => {
  const ports = [simulatedPort(1, { signal: 22 })];
  await using rig = await openYeastarRig({ ports, device: { keepsOutcomes: true } });
  await upWithPorts(rig.line);
  const sending = rig.line.texts?.send(rig.network.far, "一", { signal: soon() });
  await rig.network.received();
  const [port] = ports;
  // Another SIM is in it when it is back.
  if (port) port.imsi = "460011234567890";
  rig.device.hangUp();
  expect(await sending).toMatchObject({ type: "failed", retry: true, reason: "the gateway has closed the connection" });
  await until(rig.line, ({ ports: now }) => now === undefined);
  await upWithPorts(rig.line);
  expect(await rig.line.ussd?.("*100#", { signal: soon() })).toContain("12.50");
});

test("an answer to a service code in GBK is read", async () => {
  const answer = Buffer.from("d3e0b6ee3a2031322e35d4aa", "hex");
  const encode = (message: string) => {
    const [before = "", after] = message.split("the balance");
    return after === undefined ? Buffer.from(message) : Buffer.concat([Buffer.from(before), answer, Buffer.from(after)]);
  };
  await using rig = await openYeastarRig({ device: { encode } });
  rig.network.codes.set("*101#", "the balance");
  await upWithPorts(rig.line);
  expect(await rig.line.ussd?.("*101#", { signal: soon() })).toBe("余额: 12.5元");
});

test("a module that was taken out is told as such, and the numbers of the others stay", async () => {
  const ports = [simulatedPort(1), simulatedPort(3)];
  const sims = [1, 2, 3].map((port) => ({
    port,
    sim: { number: simulatedPort(port).number, owner: "酒店", purpose: "前台" },
  }));
  await using rig = await openYeastarRig({ ports, sims });
  const { ports: told } = await upWithPorts(rig.line);
  expect(told).toMatchObject([
    { port: 1, state: "idle" },
    { port: 2, state: "down", reason: "the gateway does not tell of this port" },
    { port: 3, state: "idle" },
  ]);
  await rig.device.comeIn({ port: 3, from: "13900139000", text: "806" });
  expect((await take(rig.line.texts, 1))[0]).toMatchObject({ text: "806", port: 3 });
});

test("a service code that is given up leaves the session as it was", async () => {
  await using rig = await openYeastarRig();
  await upWithPorts(rig.line);
  await expect(rig.line.ussd?.("*100#", { signal: AbortSignal.abort(new Error("given up")) })).rejects.toThrow("given up");
  expect(await rig.line.ussd?.("*100#", { signal: soon() })).toContain("12.50");
});
