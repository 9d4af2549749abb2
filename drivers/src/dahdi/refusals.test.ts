import { CardLine } from "@sitebox/core/contract";
import { Channel, silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { ByteStream, DialOutcome } from "../line/index.ts";
import { openCardLine } from "./index.ts";
import { encodeAudio, encodeControl, FrameReader } from "./protocol/index.ts";
import { type ToneName, toneFrame } from "./testing/index.ts";

const FRAME_MS = 20;
const RING_BACK_MS = 1_000;

/** A helper with one port at an exchange, of which the far end rings once, and `laterMs` after that gives a tone. */
class OneRing implements ByteStream {
  readonly chunks = new Channel<Uint8Array>();
  readonly #reader = new FrameReader();
  readonly #later: { readonly tone: ToneName; readonly laterMs: number };
  #state: "on-hook" | "dial-tone" | "dialled" = "on-hook";
  #at = 0;

  constructor(later: { readonly tone: ToneName; readonly laterMs: number }) {
    this.#later = later;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (const frame of this.#reader.read(bytes)) if (frame.type === "control") this.#answer(frame.channel, frame.words);
  }

  /** 20 ms of the exchange. */
  tick(): void {
    this.chunks.push(encodeAudio(1, this.#sound()));
    this.#at += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.chunks.close();
  }

  #sound(): Int16Array {
    const { tone, laterMs } = this.#later;
    const rest = this.#at - (RING_BACK_MS + laterMs) / FRAME_MS;
    if (this.#state !== "dialled") return toneFrame(this.#state === "on-hook" ? "none" : "dial", this.#at);
    return rest < 0 ? toneFrame(this.#at * FRAME_MS < RING_BACK_MS ? "ring-back" : "none", this.#at) : toneFrame(tone, rest);
  }

  #say(channel: number, text: string): void {
    this.chunks.push(encodeControl(channel, text));
  }

  #answer(channel: number, words: readonly string[]): void {
    const text = words.join(" ");
    for (const said of answersTo(words)) this.#say(channel, said);
    if (text === "hook off") this.#turn("dial-tone");
    else if (words[0] === "dial") {
      this.#turn("dialled");
      this.#say(1, "event dial-complete");
    }
  }

  #turn(state: "dial-tone" | "dialled"): void {
    this.#state = state;
    this.#at = 0;
  }
}

function answersTo(words: readonly string[]): readonly string[] {
  switch (words[0]) {
    case "hello":
      return ["hello 1 test"];
    case "ping":
      return ["pong"];
    case "channels":
      return ["channel 1 fxo free ok X", "channels-end"];
    case "open":
      return ["opened"];
    case "close":
      return ["closed"];
    default:
      return [`done ${words.join(" ")}`];
  }
}

test.each([
  ["busy", 1_500, { type: "busy" }],
  ["busy", 3_600, { type: "busy" }],
  ["busy", 4_500, { type: "busy" }],
  ["unobtainable", 4_500, { type: "unreachable" }],
  ["congestion", 4_500, { type: "unreachable" }],
  ["none", 4_500, { type: "answered" }],
] as const)("after ring-back, the tone %s that begins after %i ms is not taken for silence", async (tone, laterMs, wanted) => {
  const clock = new VirtualClock();
  const helper = new OneRing({ tone, laterMs });
  const ports = [{ type: "fxo", channel: 1, line: { number: "8001", owner: "示范酒店", purpose: "前台" } }];
  const config = CardLine.parse({ kind: "dahdi", name: "card", ports });
  const line = openCardLine(config, { clock, log: silentLog, connect: async () => helper });
  while (line.state.state !== "up") await clock.advance(FRAME_MS);
  const outcomes: DialOutcome[] = [];
  void line.dial("8009", { signal: new AbortController().signal }).then((outcome) => outcomes.push(outcome));
  while (outcomes.length === 0) {
    helper.tick();
    await clock.advance(FRAME_MS);
  }
  expect(outcomes).toMatchObject([wanted]);
  const closing = line[Symbol.asyncDispose]();
  await clock.advance(5_000);
  await closing;
});
