import { expect, test } from "vitest";
import type { TextOutcome } from "../line/index.ts";
import type { Management, OutgoingText } from "./management.ts";
import { GatewayTexts } from "./texts.ts";

const never = new AbortController().signal;

/** A management whose texts have an outcome when they are told one. */
function rig() {
  const handed: (OutgoingText & PromiseWithResolvers<TextOutcome>)[] = [];
  const waiting: ((text: (typeof handed)[number]) => void)[] = [];
  const management: Management = {
    ports: { type: "asking" },
    maxTextBytes: 100,
    incoming: (async function* () {})(),
    reports: (async function* () {})(),
    onText: () => ({ [Symbol.dispose]() {} }),
    async sendText(text) {
      const one = { ...text, ...Promise.withResolvers<TextOutcome>() };
      handed.push(one);
      waiting.shift()?.(one);
      return await one.promise;
    },
    ussd: async () => "",
    [Symbol.asyncDispose]: async () => {},
  };
  const texts = new GatewayTexts({ management, ready: () => true, choose: (port = 1) => ({ type: "port", port }) });
  const next = () => new Promise<(typeof handed)[number]>((resolve) => waiting.push(resolve));
  return { texts, handed, next };
}

test("a text that is given up in the queue is given up at once, and those behind it keep their turn", async () => {
  const { texts, handed, next } = rig();
  const begun = next();
  const first = texts.send("10086", "一", { signal: never });
  const given = new AbortController();
  const second = texts.send("10086", "二", { signal: given.signal });
  const third = texts.send("10086", "三", { signal: never });
  const one = await begun;
  given.abort();
  expect(await second).toEqual({ type: "failed", reason: "it was given up before its turn", retry: true });
  expect(handed.map(({ text }) => text)).toEqual(["一"]);
  const after = next();
  one.resolve({ type: "sent", parts: 1 });
  expect(await first).toEqual({ type: "sent", parts: 1 });
  (await after).resolve({ type: "sent", parts: 2 });
  expect([await third, handed.map(({ text }) => text)]).toEqual([{ type: "sent", parts: 2 }, ["一", "三"]]);
});

test("a text that breaks in a way that nobody thought of does not hold up the next one", async () => {
  const { texts, next } = rig();
  const begun = next();
  const first = texts.send("10086", "一", { signal: never });
  const after = next();
  const second = texts.send("10086", "二", { signal: never });
  (await begun).reject(new TypeError("a fault of ours"));
  await expect(first).rejects.toThrow("a fault of ours");
  (await after).resolve({ type: "sent", parts: 1 });
  expect(await second).toMatchObject({ type: "sent" });
});

test("ports do not wait for one another", async () => {
  const { texts, next } = rig();
  const begun = next();
  void texts.send("10086", "一", { signal: never, port: 1 });
  await begun;
  const other = next();
  const second = texts.send("10086", "二", { signal: never, port: 2 });
  (await other).resolve({ type: "sent", parts: 1 });
  expect(await second).toMatchObject({ type: "sent" });
});

test("closing ends the waiting", async () => {
  const { texts, next } = rig();
  const begun = next();
  void texts.send("10086", "一", { signal: never });
  const second = texts.send("10086", "二", { signal: never });
  await begun;
  texts[Symbol.dispose]();
  expect(await second).toEqual({ type: "failed", reason: "the line is closed", retry: true });
});
