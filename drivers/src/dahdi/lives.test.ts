import { CardLine } from "@sitebox/core/contract";
import { Channel, silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { type ByteStream, type Leg, LineError } from "../line/index.ts";
import { openCardLine } from "./index.ts";
import { encodeControl, FrameReader } from "./protocol/index.ts";

/** A helper with one port, which answers everything until it is made to go. */
class MortalHelper implements ByteStream {
  readonly chunks = new Channel<Uint8Array>();
  readonly #reader = new FrameReader();
  mute = false;
  closed = false;

  async write(bytes: Uint8Array): Promise<void> {
    if (this.closed) throw new LineError("gone");
    for (const frame of this.#reader.read(bytes))
      if (frame.type === "control" && !this.mute) this.#answer(frame.channel, frame.words);
  }

  say(channel: number, text: string): void {
    this.chunks.push(encodeControl(channel, text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    this.chunks.close();
  }

  #answer(channel: number, words: readonly string[]): void {
    if (words[0] === "hello") this.say(0, "hello 1 test");
    else if (words[0] === "ping") this.say(0, "pong");
    else if (words[0] === "channels") {
      this.say(0, "channel 1 fxo free ok X");
      this.say(0, "channels-end");
    } else this.say(channel, words[0] === "open" ? "opened" : words[0] === "close" ? "closed" : `done ${words.join(" ")}`);
  }
}

test("in 200 lives of a helper each call ends, and nothing is left behind", async () => {
  const clock = new VirtualClock();
  const helpers: MortalHelper[] = [];
  const ports = [{ type: "fxo", channel: 1, line: { number: "8001", owner: "示范酒店", purpose: "前台" }, callerId: "off" }];
  const line = openCardLine(CardLine.parse({ kind: "dahdi", name: "card", ports }), {
    clock,
    log: silentLog,
    connect: async () => {
      const helper = new MortalHelper();
      helpers.push(helper);
      return helper;
    },
  });
  const legs: Leg[] = [];
  const causes: string[] = [];
  const reading = (async () => {
    for await (const leg of line.incoming) {
      legs.push(leg);
      void leg.ended.then((cause) => causes.push(cause));
      await leg.answer();
    }
  })();
  const pending: number[] = [];
  for (let life = 0; life < 200; life++) {
    while (line.state.state !== "up") await clock.advance(100);
    pending.push(clock.pending);
    const helper = helpers.at(-1);
    helper?.say(1, "event ring-begin");
    await clock.advance(100);
    expect(line.state).toMatchObject({ calls: 1, ports: [{ state: "busy" }] });
    // It dies, babbles, or falls silent.
    if (life % 3 === 0) await helper?.[Symbol.asyncDispose]();
    else if (life % 3 === 1) helper?.chunks.push(Buffer.from("segmentation fault"));
    else if (helper) helper.mute = true;
    while (line.state.state === "up") await clock.advance(100);
    expect(line.state).toMatchObject({ fault: "helper-lost", calls: 0 });
  }
  expect(legs).toHaveLength(200);
  expect(new Set(causes)).toEqual(new Set(["failed"]));
  expect(new Set(pending).size).toBe(1);
  expect(helpers.filter(({ closed }) => !closed)).toEqual([]);
  const closing = line[Symbol.asyncDispose]();
  await clock.advance(20_000);
  await Promise.all([closing, reading]);
  expect(clock.pending).toBe(0);
});
