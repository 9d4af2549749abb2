import { GatewayLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { freePort } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { Leg, LineState, SimMemory, Traffic, Trunk } from "../line/index.ts";
import { until } from "../line/testing/index.ts";
import { openGatewayLine } from "./index.ts";
import {
  GATEWAY_HOST,
  openBox,
  openDinstarRig,
  openGatewaySip,
  openGoipRig,
  openYeastarRig,
  type Rig,
  upWithPorts,
} from "./rig.testing.ts";
import { simulatedPort } from "./testing/index.ts";

const soon = () => AbortSignal.timeout(8_000);
const sim = { number: "13800000001", owner: "示范酒店", purpose: "前台" };

const makers: readonly (readonly [string, (options?: object) => Promise<Rig<unknown>>])[] = [
  ["Dinstar", openDinstarRig],
  ["Yeastar", openYeastarRig],
  ["GoIP", openGoipRig],
];

async function answered(trunk: Trunk): Promise<Leg> {
  for await (const leg of trunk.incoming) {
    await leg.answer();
    return leg;
  }
  throw new Error("closed without a call");
}

test("a gateway of another make carries calls, and nothing else", async () => {
  await using sip = await openGatewaySip();
  await using box = await openBox();
  const config = GatewayLine.parse({
    kind: "gateway",
    name: "fxo",
    maker: "other",
    host: GATEWAY_HOST,
    sip: { port: sip.address.udpPort },
    ports: [{ port: 1, sim }],
  });
  await using line = await openGatewayLine(config, { clock: systemClock, log: silentLog, sip: box });
  expect(await until(line, ({ state }) => state === "up")).toEqual({ name: "fxo", state: "up", calls: 0, maxCalls: 1 });
  expect([line.texts, line.ussd, line.askBalance]).toEqual([undefined, undefined, undefined]);
  const [outcome] = await Promise.all([line.dial("13800138000", { signal: soon() }), answered(sip)]);
  expect(outcome.type).toBe("answered");
  expect(await line.dial("13800138000", { signal: soon() })).toEqual({
    type: "unreachable",
    reason: "all 1 ports of line fxo are in use",
  });
  await expect(openGatewayLine(config, { clock: systemClock, log: silentLog, sip: box })).rejects.toThrow(
    "already a line called fxo",
  );
});

test("the caller's number that is shown is one of the gateway's own SIMs, whatever is asked for", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  for (const [asked, shown] of [
    ["13800000002", "13800000002"],
    ["10086", "13800000001"],
    [undefined, "13800000001"],
  ] as const) {
    const options = { signal: soon(), ...(asked !== undefined && { callerNumber: asked }) };
    const [, far] = await Promise.all([rig.line.dial("13800138000", options), answered(rig.sip)]);
    expect(far.remote).toBe(shown);
    await far.hangup("normal");
  }
});

test.for(makers)("%s: ports are told with their number, radio and state, and what changes is told", async ([, open]) => {
  const ports = [
    simulatedPort(1, { signal: 22 }),
    simulatedPort(2, { state: "no-sim" }),
    simulatedPort(3, { state: "searching" }),
    simulatedPort(4, { state: "power-off" }),
    simulatedPort(5, { busy: true, signal: 3 }),
  ];
  await using rig = await open({ ports });
  const state = await until(rig.line, (now) => now.state === "up" && now.ports?.[4]?.state === "busy");
  expect(state).toMatchObject({ state: "up", maxCalls: 2 });
  expect(state.ports).toMatchObject([
    { port: 1, state: "idle", number: "13800000001", radio: { bars: 5, dbm: -69, operator: "CHINA MOBILE" } },
    { port: 2, state: "down", fault: "no-sim", number: "13800000002" },
    { port: 3, state: "down", fault: "searching" },
    { port: 4, state: "down", fault: "switched-off" },
    { port: 5, state: "busy", radio: { bars: 1, dbm: -107 } },
  ]);
  const seen: LineState[] = [];
  rig.line.onChanged((now) => seen.push(now));
  for (const port of ports) port.state = "searching";
  const down = await until(rig.line, ({ state: now }) => now === "down");
  expect(down).toMatchObject({ state: "down", fault: "searching", maxCalls: 0 });
  expect(await rig.line.dial("13800138000", { signal: soon() })).toMatchObject({
    type: "unreachable",
    reason: expect.stringContaining("line gateway is down: port 1:"),
  });
  const help = rig.line.dial("13800138000", { signal: soon(), emergency: true });
  await answered(rig.sip);
  expect((await help).type).toBe("answered");
  for (const port of ports) port.state = "registered";
  await until(rig.line, ({ maxCalls }) => maxCalls === 5);
  expect(seen.length).toBeGreaterThan(1);
});

test.for(makers)(
  "%s: texts and service codes go by the first registered port, or by the one that is asked for",
  async ([, open]) => {
    const ports = [simulatedPort(1, { state: "no-sim" }), simulatedPort(2), simulatedPort(3)];
    await using rig = await open({ ports });
    await upWithPorts(rig.line);
    const { texts } = rig.line;
    const send = (port?: number) => texts?.send(rig.network.far, "你好", { signal: soon(), ...(port !== undefined && { port }) });
    const used: number[] = [];
    for (const port of [undefined, undefined, 3]) {
      expect(await send(port)).toMatchObject({ type: "sent", parts: 1 });
      for await (const text of rig.network.texts) {
        used.push(text.port);
        break;
      }
    }
    expect(used).toEqual([2, 2, 3]);
    expect(await send(1)).toMatchObject({ type: "failed", retry: true });
    expect(await send(9)).toEqual({ type: "failed", reason: "port 9 has no registered SIM", retry: false });
    expect(await texts?.send("12345\r\nAction: Logoff", "x", { signal: soon() })).toMatchObject({ type: "failed", retry: false });
    await expect(rig.line.ussd?.("*100#", { signal: soon(), port: 9 })).rejects.toThrow("no registered SIM");
    await expect(rig.line.ussd?.("*100# ; reboot", { signal: soon() })).rejects.toThrow("digits");
  },
);

test.for([
  ["Dinstar", openDinstarRig],
  ["GoIP", openGoipRig],
] as const)(
  "%s: another SIM than the first one stops the line, over a restart, too, until the first is back",
  async ([, open]) => {
    const kept = new Map<string, string>();
    const sims: SimMemory = {
      load: async ({ number }) => kept.get(number),
      keep: async ({ number }, iccid) => void kept.set(number, iccid),
    };
    const port = simulatedPort(1);
    const { iccid } = port;
    await using rig = await open({ ports: [port], deps: { sims } });
    await upWithPorts(rig.line);
    port.iccid = "89860099999999999999";
    const isOther = ({ state, fault }: LineState) => state === "down" && fault === "other-sim";
    await until(rig.line, isOther);
    await until(await rig.reopen(), isOther);
    expect([...kept.values()]).toEqual([iccid]);
    port.iccid = iccid;
    await upWithPorts(rig.line);
  },
);

test.for(makers)("%s: what is an order to the network is neither sent as a service code nor dialled", async ([, open]) => {
  const traffic: string[] = [];
  const onTraffic = ({ bytes }: Traffic) => traffic.push(Buffer.from(bytes).toString("latin1"));
  await using rig = await open({ deps: { onTraffic } });
  await upWithPorts(rig.line);
  for (const code of ["*31#", "#31#", "**21*13912345678#", "##002#", "**04*1234*1111*1111#"]) {
    await expect(rig.line.ussd?.(code, { signal: soon() })).rejects.toMatchObject({ code: "service-code-orders" });
    for (const emergency of [false, true])
      expect(await rig.line.dial(code, { signal: soon(), emergency })).toMatchObject({ type: "unreachable" });
  }
  expect(traffic).not.toEqual([]);
  expect(traffic.join("")).not.toMatch(/ussd|13912345678/i);
});

test.for(makers)("%s: a service code is answered with what the network says", async ([, open]) => {
  await using rig = await open();
  await upWithPorts(rig.line);
  expect(await rig.line.ussd?.("*100#", { signal: soon() })).toBe("余额: 12.50元\n感谢使用");
});

test.for(makers)("%s: with another password the line is up, and its ports are not known", async ([, open]) => {
  await using rig = await open({ management: { password: "guessed" } });
  const state = await until(rig.line, ({ state: now }) => now === "up");
  expect(state).toMatchObject({ state: "up", maxCalls: 2, reason: expect.stringContaining("unknown") });
  expect(state.ports).toBeUndefined();
  const [outcome] = await Promise.all([rig.line.dial("13800138000", { signal: soon() }), answered(rig.sip)]);
  expect(outcome.type).toBe("answered");
  const sent = await rig.line.texts?.send(rig.network.far, "你好", { signal: soon() });
  expect(sent).toMatchObject({ type: "failed", retry: true });
});

test.for(makers)("%s: what goes between is told, without passwords", async ([, open]) => {
  const traffic: Traffic[] = [];
  await using rig = await open({ deps: { onTraffic: (piece: Traffic) => traffic.push(piece) } });
  await upWithPorts(rig.line);
  await rig.line.texts?.send(rig.network.far, "报修", { signal: soon() });
  await rig.line.ussd?.("*100#", { signal: soon() });
  const all = traffic
    .map(({ port, direction, bytes }) => `${port} ${direction} ${Buffer.from(bytes).toString("utf8")}`)
    .join("\n");
  expect(new Set(traffic.map(({ port }) => port.split(" ")[0])).size).toBe(1);
  expect(all).toContain("***");
  expect(all).not.toContain("secret");
  expect(all).not.toMatch(/Digest username/);
  expect(all).toMatch(/报修|%E6%8A%A5%E4%BF%AE/);
});

test.for(makers)("%s: closing the line ends its calls and leaves nothing behind", async ([, open]) => {
  await using rig = await open();
  await upWithPorts(rig.line);
  const [outcome, far] = await Promise.all([rig.line.dial("13800138000", { signal: soon() }), answered(rig.sip)]);
  if (outcome.type !== "answered") throw new Error(outcome.type);
  await rig.line[Symbol.asyncDispose]();
  expect(await Promise.all([outcome.leg.ended, far.ended])).toEqual(["normal", "normal"]);
  expect(rig.box.lines()).toEqual([]);
  await expect(rig.line.ussd?.("*100#", { signal: soon() })).rejects.toThrow();
});

test("a UDP port that is taken is told, and the line carries calls", async () => {
  const port = await freePort("0.0.0.0");
  await using first = await openGoipRig({ device: { serverPort: port }, management: { port } });
  await upWithPorts(first.line);
  await using second = await openGoipRig({ management: { port } });
  const state = await until(second.line, ({ state: now, reason }) => now === "up" && reason !== undefined);
  expect(state.reason).toContain(`UDP port ${port}`);
});
