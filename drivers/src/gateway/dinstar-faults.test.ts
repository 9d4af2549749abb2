import { expect, test } from "vitest";
import type { TextReport, Traffic } from "../line/index.ts";
import { hastyWaits, openDinstarRig, take, upWithPorts } from "./rig.testing.ts";
import { simulatedPort } from "./testing/index.ts";

const soon = () => AbortSignal.timeout(15_000);

test("a text whose answer got lost is asked for, and neither lost nor sent twice", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  rig.device.breakAt("/api/send_sms", "after");
  const outcome = await rig.line.texts?.send(rig.network.far, "一", { signal: soon() });
  expect(outcome).toMatchObject({ type: "sent", reference: expect.any(String) });
  await rig.line.texts?.send(rig.network.far, "二", { signal: soon() });
  expect([await rig.network.received(), await rig.network.received()]).toEqual(["一", "二"]);
});

test("a text that did not reach the gateway may be tried again", async () => {
  await using rig = await openDinstarRig({ deps: { clock: hastyWaits(50) } });
  await upWithPorts(rig.line);
  rig.device.breakAt("/api/send_sms", "before");
  expect(await rig.line.texts?.send(rig.network.far, "一", { signal: soon() })).toEqual({
    type: "failed",
    reason: "the text did not reach the gateway",
    retry: true,
  });
  await rig.line.texts?.send(rig.network.far, "二", { signal: soon() });
  expect(await rig.network.received()).toBe("二");
});

test("what became of a text is asked again where a question about it is not answered", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  for (let times = 0; times < 3; times++) rig.device.breakAt("/api/query_sms_result", "before");
  expect(await rig.line.texts?.send(rig.network.far, "一", { signal: soon() })).toMatchObject({ type: "sent" });
});

test("texts that come after somebody has emptied the gateway are told, though their numbers begin anew", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  for (const text of ["一", "二", "三"]) await rig.device.comeIn({ port: 1, from: "13900139000", text });
  const [one, two, three] = await take(rig.line.texts, 3);
  for (const text of [one, two]) await text?.stored();
  rig.device.clear();
  await rig.device.comeIn({ port: 1, from: "13900139000", text: "四" });
  const [four] = await take(rig.line.texts, 1);
  expect(four?.text).toBe("四");
  // Its number was another text's before; that one being stored says nothing of it.
  await three?.stored();
  await rig.reopen();
  expect((await take(rig.line.texts, 1))[0]).toMatchObject({ id: four?.id, text: "四" });
});

test("a text that cannot be read keeps no other from being told", async () => {
  await using rig = await openDinstarRig();
  await upWithPorts(rig.line);
  await rig.device.comeIn({ port: 1, from: "13900139000", text: "一" });
  rig.device.keepUnreadable();
  await rig.device.comeIn({ port: 1, from: "13900139000", text: "二" });
  expect((await take(rig.line.texts, 2)).map(({ text }) => text)).toEqual(["一", "二"]);
});

test("line ends and tabs that the gateway has put into its JSON as they are are read", async () => {
  const encode = (json: string) => Buffer.from(json.replaceAll("\\n", "\n").replaceAll("\\t", "\t"));
  await using rig = await openDinstarRig({ device: { encode } });
  await upWithPorts(rig.line);
  const text = '第一行\n"第二行"\t{}';
  await rig.device.comeIn({ port: 1, from: "13900139000", text });
  expect((await take(rig.line.texts, 1))[0]?.text).toBe(text);
});

test.for([
  ["GBK", (json: string) => gbk(json)],
  ["UCS2 in hexadecimal", (json: string) => Buffer.from(json.replace(WORDS, "4F59989D003A002000310032002E00355143"))],
] as const)("an answer to a service code in %s is read", async ([, encode]) => {
  await using rig = await openDinstarRig({ device: { encode } });
  rig.network.codes.set("*101#", WORDS);
  await upWithPorts(rig.line);
  expect(await rig.line.ussd?.("*101#", { signal: soon() })).toBe("余额: 12.5元");
});

const WORDS = "the balance";

/** The words in GBK, of an answer that is else ASCII. */
function gbk(json: string): Buffer {
  const [before = "", after] = json.split(WORDS);
  if (after === undefined) return Buffer.from(json);
  return Buffer.concat([Buffer.from(before), Buffer.from("d3e0b6ee3a2031322e35d4aa", "hex"), Buffer.from(after)]);
}

test("a gateway that says not found where there is nothing is one that works", async () => {
  await using rig = await openDinstarRig({ device: { noneIsNotFound: true } });
  await upWithPorts(rig.line);
  expect(await rig.line.texts?.send(rig.network.lost, "你好", { signal: soon() })).toMatchObject({ type: "sent" });
  for await (const { outcome } of rig.line.texts?.reports ?? []) {
    expect(outcome).toBe("failed");
    break;
  }
  expect(await rig.line.ussd?.("*100#", { signal: soon() })).toContain("12.50");
  expect(rig.line.state.ports).toBeDefined();
});

test("texts to one number by several ports at once are told apart, also where the network writes the number otherwise", async () => {
  const ports = [1, 2, 3].map((port) => simulatedPort(port));
  await using rig = await openDinstarRig({ ports, device: { countryCode: "+86" } });
  await upWithPorts(rig.line);
  const sent = await Promise.all(
    ports.map(({ port }) => rig.line.texts?.send(rig.network.far, "同时", { signal: soon(), port })),
  );
  const references = sent.map((outcome) => (outcome?.type === "sent" ? outcome.reference : outcome?.reason));
  const told: TextReport[] = [];
  for await (const report of rig.line.texts?.reports ?? []) if (told.push(report) === 3) break;
  expect(new Set(told.map(({ reference }) => reference))).toEqual(new Set(references));
  expect(new Set(references).size).toBe(3);
});

test("reports are asked for of all numbers in turn, however many are never told of", async () => {
  await using rig = await openDinstarRig({ deps: { clock: hastyWaits(20) } });
  await upWithPorts(rig.line);
  rig.device.keepReports();
  for (let count = 0; count < 40; count++)
    await rig.line.texts?.send(`1380000${String(count).padStart(4, "0")}`, "你好", { signal: soon(), port: 1 + (count % 2) });
  rig.device.keepReports(false);
  const last = await rig.line.texts?.send(rig.network.far, "最后一条", { signal: soon() });
  for await (const { reference } of rig.line.texts?.reports ?? []) {
    expect(reference).toBe(last?.type === "sent" ? last.reference : "");
    break;
  }
});

test("a gateway that takes each proof but once is not taken for one that refuses the password", async () => {
  await using rig = await openDinstarRig({ device: { challengesOnce: true } });
  await upWithPorts(rig.line);
  const answers = await Promise.all([1, 2].map((port) => rig.line.ussd?.("*100#", { signal: soon(), port })));
  expect(answers.map((answer) => answer?.slice(0, 2))).toEqual(["余额", "余额"]);
});

test("a service code goes on where one question about it fails", async () => {
  const { promise: sent, resolve } = Promise.withResolvers<void>();
  const onTraffic = ({ port, direction }: Traffic) => {
    if (port === "http /api/send_ussd" && direction === "in") resolve();
  };
  await using rig = await openDinstarRig({ deps: { onTraffic } });
  await upWithPorts(rig.line);
  const answer = rig.line.ussd?.("*100#", { signal: soon() });
  await sent;
  rig.device.breakAt("/api/query_ussd_reply", "after");
  expect(await answer).toContain("12.50");
});

test("a service code that the port cannot run is not cancelled at the network", async () => {
  const ports = [simulatedPort(1), simulatedPort(2)];
  await using rig = await openDinstarRig({ ports });
  await upWithPorts(rig.line);
  const [port] = ports;
  if (port) port.state = "searching";
  rig.device.asked.length = 0;
  await expect(rig.line.ussd?.("*100#", { signal: soon(), port: 1 })).rejects.toThrow(/not registered|UNREGISTER/);
  expect(rig.device.asked.filter((path) => path === "/api/send_ussd").length).toBeLessThanOrEqual(1);
});
