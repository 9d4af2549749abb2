import { silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { type IncomingText, LineError, type TextOutcome } from "../../line/index.ts";
import { type Modem, profileFor } from "../modem/index.ts";
import { askBalance, type BalanceDeps, type Operator } from "./index.ts";

const never = new AbortController().signal;

/** A modem of which only the SIM is looked at. */
function modemOf(imsi: string | undefined): Modem {
  const profile = profileFor("quectel-ec2x", "");
  if (!profile) throw new Error("no such profile");
  const at = {
    send: async () => [],
    onUnsolicited: () => ({ [Symbol.dispose]() {} }),
    lost: new Promise<string>(() => {}),
    [Symbol.asyncDispose]: async () => {},
  };
  const identity = { manufacturer: "", model: "", firmware: "", imei: "", iccid: undefined, imsi };
  return { at, profile, identity, openAudio: undefined, over: never };
}

/** Texts whose far end answers by what it is told. */
class FakeTexts {
  readonly sent: [string, string][] = [];
  readonly listeners = new Set<(text: IncomingText) => void>();
  outcome: TextOutcome = { type: "sent", parts: 1 };
  readonly #answers: readonly [from: string, text: string][];

  constructor(...answers: readonly [string, string][]) {
    this.#answers = answers;
  }

  async send(to: string, text: string): Promise<TextOutcome> {
    this.sent.push([to, text]);
    for (const [from, answer] of this.#answers) this.come(from, answer);
    return this.outcome;
  }

  come(from: string, text: string): void {
    for (const listener of this.listeners) listener({ id: "1", from, text, sentAt: 0, stored: async () => {} });
  }

  onText(listener: (text: IncomingText) => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }
}

const ask = (operator: "auto" | Operator, texts: FakeTexts, more: Partial<BalanceDeps> & { readonly imsi?: string } = {}) => {
  const { imsi = "460001234567890", ...deps } = more;
  return askBalance(modemOf(imsi), operator, never, { clock: systemClock, log: silentLog, texts, ...deps });
};

test.for([
  ["460001234567890", "10086", "YE", "10086"],
  ["460011234567890", "10010", "YE", "10010"],
  ["460031234567890", "10001", "102", "10001"],
  ["460111234567890", "10001", "102", "10000"],
] as const)("the operator of SIM %s is asked at %s", async ([imsi, to, question, from]) => {
  const texts = new FakeTexts([from, "您的可用余额为12.30元"]);
  expect((await ask("auto", texts, { imsi })).yuan).toBe(12.3);
  expect(texts.sent).toEqual([[to, question]]);
  expect(texts.listeners.size).toBe(0);
});

test("other texts in between are no answer", async () => {
  const texts = new FakeTexts(
    ["13800000002", "余额999元"],
    ["10086", "您的查询已受理，稍后将短信告知结果。"],
    ["1008611", "您的余额为3.20元"],
  );
  expect((await ask("auto", texts)).yuan).toBe(3.2);
});

test("a SIM of none of the three has to have its operator stated", async () => {
  const texts = new FakeTexts(["10010", "余额1元"]);
  await expect(ask("auto", texts, { imsi: "310260000000000" })).rejects.toThrow(/state the operator/);
  expect((await ask("unicom", texts, { imsi: "310260000000000" })).yuan).toBe(1);
});

test("a question that does not go out says why", async () => {
  const texts = new FakeTexts();
  texts.outcome = { type: "failed", reason: "there is no network", retry: true };
  await expect(ask("auto", texts)).rejects.toThrow(/10086: there is no network/);
});

test("an operator that does not answer within three minutes is an error", async () => {
  const clock = new VirtualClock();
  const texts = new FakeTexts();
  const failing = expect(ask("auto", texts, { clock })).rejects.toThrow(LineError);
  await clock.advance(180_000);
  await failing;
  expect([texts.listeners.size, clock.pending]).toEqual([0, 0]);
});

test("giving up leaves nothing behind", async () => {
  const giveUp = new AbortController();
  const clock = new VirtualClock();
  const texts = new FakeTexts();
  const running = askBalance(modemOf("46000"), "auto", giveUp.signal, { clock, log: silentLog, texts });
  giveUp.abort();
  await expect(running).rejects.toThrow(/abort/i);
  expect([texts.listeners.size, clock.pending]).toEqual([0, 0]);
});
