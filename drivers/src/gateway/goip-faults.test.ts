import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { until } from "../line/testing/index.ts";
import { GATEWAY_HOST, hastyClock, openGoipRig, take, upWithPorts } from "./rig.testing.ts";
import { GoipDevice, simulatedPort } from "./testing/index.ts";

const soon = () => AbortSignal.timeout(15_000);
const allUp = { ports: [simulatedPort(1)] };

test("where every packet comes twice, either way, each text arrives once and is told once", async () => {
  await using rig = await openGoipRig({ device: { twice: true } });
  await upWithPorts(rig.line);
  for (const text of ["一", "二"]) {
    const outcome = await rig.line.texts?.send(rig.network.far, text, { signal: soon() });
    expect(outcome).toMatchObject({ type: "sent" });
    for await (const report of rig.line.texts?.reports ?? []) {
      expect(report).toMatchObject({ outcome: "delivered", reference: outcome?.type === "sent" ? outcome.reference : "" });
      break;
    }
  }
  expect([await rig.network.received(), await rig.network.received()]).toEqual(["一", "二"]);
  for (const text of ["三", "四"]) await rig.device.comeIn({ port: 1, from: "13900139000", text });
  const told = await take(rig.line.texts, 2);
  expect(told.map(({ text }) => text)).toEqual(["三", "四"]);
  for (const text of told) await text.stored();
  expect(await rig.line.ussd?.("*100#", { signal: soon() })).toContain("12.50");
});

test("an answer from somewhere else than the channel is none", async () => {
  let last = 0;
  await using rig = await openGoipRig({ ...allUp, deps: { newId: () => ++last } });
  await upWithPorts(rig.line);
  const stranger = createSocket("udp4");
  stranger.bind(0, "127.0.0.3");
  await once(stranger, "listening");
  rig.network.silent.add("*102#");
  const given = new AbortController();
  const answer = rig.line.ussd?.("*102#", { signal: given.signal });
  const lie = (id: number) =>
    new Promise((done) => stranger.send(`USSD ${id} 余额: 999元`, rig.config.management?.port ?? 0, "127.0.0.1", done));
  await lie(last);
  // What comes after it is heard, so it was heard, too.
  expect(await rig.device.tell(1, "RECORD", "dir:1;num:1")).toBe("OK");
  given.abort(new Error("given up"));
  await expect(answer).rejects.toThrow("given up");
  stranger.close();
  await once(stranger, "close");
});

test("a service code of which nothing is heard is said twice at the most, and ended", async () => {
  await using rig = await openGoipRig({ ...allUp, device: { repeatMs: 20 }, deps: { clock: hastyClock(200) } });
  await upWithPorts(rig.line);
  rig.network.silent.add("*102#");
  await expect(rig.line.ussd?.("*102#", { signal: soon() })).rejects.toThrow("no answer for 45 s");
  // What it is told after all of that has come after all of that.
  expect(await rig.device.tell(1, "RECORD", "dir:1;num:1")).toBe("OK");
  expect(rig.device.obeyed.filter((word) => word.startsWith("USSD"))).toEqual(["USSD", "USSD", "USSDEXIT"]);
});

test("a text that was cut on its way is told when it comes whole", async () => {
  await using rig = await openGoipRig(allUp);
  await upWithPorts(rig.line);
  const cut = createSocket("udp4");
  cut.bind(0, GATEWAY_HOST);
  await once(cut, "listening");
  const number = Math.floor(Date.now() / 1_000);
  await new Promise((done) =>
    cut.send(`RECEIVE:${number};id:goip01;password:secret;srcnum:139`, rig.config.management?.port ?? 0, "127.0.0.1", done),
  );
  await rig.device.comeIn({ port: 1, from: "13900139000", text: "806空调坏了" });
  expect((await take(rig.line.texts, 1))[0]).toMatchObject({ from: "13900139000", text: "806空调坏了" });
  cut.close();
  await once(cut, "close");
});

test("a device whose password was changed while it ran says so, once nothing is heard with the right one", async () => {
  await using rig = await openGoipRig({ ...allUp, deps: { clock: hastyClock(400) } });
  await upWithPorts(rig.line);
  await rig.device[Symbol.asyncDispose]();
  const serverPort = rig.config.management?.port ?? 0;
  const { network } = rig;
  await using _changed = await GoipDevice.open({ network, serverPort, ...allUp, password: "another", host: GATEWAY_HOST });
  const state = await until(rig.line, ({ reason }) => reason?.includes("another password") === true);
  expect(state.state).toBe("up");
});

test("a device that starts anew in the middle of a text leaves it to be tried again, and the next one goes from its new port", async () => {
  const submitted = Promise.withResolvers<void>();
  const loses = (packet: string, direction: string) => {
    const is = direction === "from-box" && packet.startsWith("SEND ");
    if (is) submitted.resolve();
    return is;
  };
  await using rig = await openGoipRig({ ...allUp, device: { loses, repeatMs: 20 }, deps: { clock: hastyClock(100) } });
  await upWithPorts(rig.line);
  const asked = rig.line.texts?.send(rig.network.far, "一", { signal: soon() });
  await submitted.promise;
  await rig.device[Symbol.asyncDispose]();
  const serverPort = rig.config.management?.port ?? 0;
  const { network } = rig;
  await using _anew = await GoipDevice.open({ network, serverPort, ...allUp, host: GATEWAY_HOST, repeatMs: 20 });
  expect(await asked).toEqual({ type: "failed", reason: "no answer for 120 s", retry: true });
  await upWithPorts(rig.line);
  expect(await rig.line.texts?.send(rig.network.far, "二", { signal: soon() })).toMatchObject({ type: "sent" });
  expect(await network.received()).toBe("二");
});

test("a report that comes after a restart of the box is told by the reference that its text had before", async () => {
  let held = true;
  const loses = (packet: string, direction: string) => held && direction === "to-box" && packet.startsWith("DELIVER:");
  await using rig = await openGoipRig({ ...allUp, device: { loses } });
  await upWithPorts(rig.line);
  const outcome = await rig.line.texts?.send(rig.network.far, "一", { signal: soon() });
  await rig.reopen();
  held = false;
  for await (const report of rig.line.texts?.reports ?? []) {
    expect(report).toMatchObject({ outcome: "delivered", reference: outcome?.type === "sent" ? outcome.reference : "" });
    break;
  }
});
