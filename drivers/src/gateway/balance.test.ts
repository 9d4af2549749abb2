import { systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { until } from "../line/testing/index.ts";
import { hastyWaits, openDinstarRig, openGoipRig, openYeastarRig, type Rig, take, upWithPorts } from "./rig.testing.ts";
import { type ComingText, simulatedPort } from "./testing/index.ts";

type Device = { comeIn(text: ComingText): Promise<void> };
type Open = (options?: Parameters<typeof openDinstarRig>[0]) => Promise<Rig<Device>>;

const makers: readonly (readonly [string, Open])[] = [
  ["Dinstar", (options) => openDinstarRig(options as Parameters<typeof openDinstarRig>[0])],
  ["Yeastar", (options) => openYeastarRig(options as Parameters<typeof openYeastarRig>[0])],
  ["GoIP", (options) => openGoipRig(options as Parameters<typeof openGoipRig>[0])],
];

const soon = () => AbortSignal.timeout(15_000);

/** The operators answer what they are asked, by the socket that it came from. Says what they were asked. */
async function answer({ network, device }: Rig<Device>, yuan: Readonly<Record<number, string>>): Promise<readonly string[]> {
  const asked: string[] = [];
  for await (const { port, to, text } of network.texts) {
    asked.push(`${port} ${to} ${text}`);
    const told = yuan[port];
    if (told !== undefined) await device.comeIn({ port, from: to, text: `【账户】您的可用余额为${told}元。` });
    if (asked.length === Object.keys(yuan).length) break;
  }
  return asked.toSorted((a, b) => a.localeCompare(b));
}

test.for(makers)("%s: each SIM's operator is asked by its own socket, and the least that is left counts", async ([, open]) => {
  const ports = [simulatedPort(1), simulatedPort(2, { imsi: "460011234567892" }), simulatedPort(3, { imsi: "460111234567893" })];
  await using rig = await open({ ports });
  await until(rig.line, (now) => now.state === "up" && now.maxCalls === 3 && now.ports !== undefined);
  const [balance, asked] = await Promise.all([
    rig.line.askBalance?.(soon()),
    answer(rig, { 1: "88.00", 2: "3.50", 3: "120.25" }),
  ]);
  expect(asked).toEqual(["1 10086 YE", "2 10010 YE", "3 10001 102"]);
  expect(balance?.yuan).toBe(3.5);
  const { state } = rig.line;
  expect(state.balance).toEqual(balance);
  expect(state.ports?.map((port) => port.balance?.yuan)).toEqual([88, 3.5, 120.25]);
  // They are texts like others, too.
  expect((await take(rig.line.texts, 3)).map(({ from }) => from).toSorted((a, b) => a.localeCompare(b))).toEqual([
    "10001",
    "10010",
    "10086",
  ]);
});

test("a SIM whose operator does not answer, or has no network, keeps the others from nothing", async () => {
  const ports = [simulatedPort(1), simulatedPort(2), simulatedPort(3, { state: "no-sim" })];
  await using rig = await openDinstarRig({ ports, deps: { clock: hastyWaits(20) } });
  await upWithPorts(rig.line);
  const late = new AbortController();
  const balance = rig.line.askBalance?.(late.signal);
  await answer(rig, { 1: "9.90" });
  await until(rig.line, (now) => now.balance !== undefined);
  late.abort();
  expect((await balance)?.yuan).toBe(9.9);
  expect(rig.line.state.ports?.map((port) => port.balance?.yuan)).toEqual([9.9, undefined, undefined]);
});

test("where nobody can be asked, the reason is told for each socket", async () => {
  const ports = [simulatedPort(1, { state: "searching" }), simulatedPort(2, { imsi: "310150123456789" })];
  await using rig = await openDinstarRig({ ports });
  await upWithPorts(rig.line);
  await expect(rig.line.askBalance?.(soon())).rejects.toThrow(
    "port 1: UNREGISTER; port 2: the SIM is of none of the known operators: state the operator of the line",
  );
});

test("an operator that is stated is asked, whatever the SIM says", async () => {
  const [port] = [simulatedPort(1, { imsi: "310150123456789" })];
  const sims = [{ port: 1, operator: "unicom", sim: { number: port.number, owner: "酒店", purpose: "前台" } }] as const;
  await using rig = await openDinstarRig({ ports: [port], sims: [...sims] });
  await upWithPorts(rig.line);
  const [balance, asked] = await Promise.all([rig.line.askBalance?.(soon()), answer(rig, { 1: "7" })]);
  expect([balance?.yuan, asked]).toEqual([7, ["1 10010 YE"]]);
});

test("what is left on a SIM is forgotten when another one is in its place", async () => {
  const port = simulatedPort(1);
  await using rig = await openDinstarRig({ ports: [port] });
  await upWithPorts(rig.line);
  await Promise.all([rig.line.askBalance?.(soon()), answer(rig, { 1: "7" })]);
  expect(rig.line.state.balance?.yuan).toBe(7);
  port.imsi = "460011234567890";
  expect((await until(rig.line, ({ balance }) => balance === undefined)).ports?.[0]?.balance).toBeUndefined();
});

test("operators are asked by themselves some minutes after the start, and the answer is told", async () => {
  // Only what lasts minutes is over soon.
  const sleep = (ms: number, signal?: AbortSignal) => systemClock.sleep(ms >= 600_000 ? 200 : ms, signal);
  await using rig = await openDinstarRig({
    ports: [simulatedPort(1)],
    balanceHours: 24,
    deps: { clock: { ...systemClock, sleep } },
  });
  await Promise.all([until(rig.line, ({ balance }) => balance?.yuan === 42), answer(rig, { 1: "42.00" })]);
});

test("closing the line ends the asking", async () => {
  await using rig = await openDinstarRig({ ports: [simulatedPort(1)] });
  await upWithPorts(rig.line);
  const asked = rig.line.askBalance?.(soon());
  for await (const { to } of rig.network.texts) if (to === "10086") break;
  await Promise.all([expect(asked).rejects.toThrow("the line is closed"), rig.line[Symbol.asyncDispose]()]);
});
