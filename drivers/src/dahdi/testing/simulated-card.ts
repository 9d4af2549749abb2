import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket as NetSocket, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@sitebox/core/kernel";
import { encodeAudio, encodeControl, type Frame, FrameReader, ProtocolError } from "../protocol/index.ts";
import { type FxoChannel, FxsChannel } from "./card-channels.ts";
import { pace } from "./pacer.ts";

export type SimulatedChannel = FxoChannel | FxsChannel;

export interface CardTraits {
  /** "bytes": what the helper says comes in pieces of one to seven bytes. */
  readonly chunks?: "whole" | "bytes";
  /** Sound comes in bursts of so many frames, as from a machine under load. */
  readonly burst?: number;
  /** Words that the card refuses, with what "failed" is followed by. */
  readonly refuses?: Readonly<Record<string, string>>;
}

/** A card behind a helper of its own: serves the helper's side of the protocol on a Unix socket, one connection after the other. */
export class SimulatedCard implements AsyncDisposable {
  readonly socketPath: string;
  readonly channels: ReadonlyMap<number, SimulatedChannel>;
  readonly #folder: string;
  readonly #server: Server;
  readonly #traits: CardTraits;
  readonly #pacing: Disposable;
  /** Every word that the driver said, with its channel. */
  readonly told: string[] = [];
  #connection: NetSocket | undefined;
  #frozen = false;
  #held: Uint8Array[] = [];

  private constructor(folder: string, channels: ReadonlyMap<number, SimulatedChannel>, traits: CardTraits, clock: Clock) {
    this.#folder = folder;
    this.socketPath = join(folder, "helper.sock");
    this.channels = channels;
    this.#traits = traits;
    this.#server = createServer((connection) => this.#serve(connection));
    this.#pacing = pace(clock, () => {
      for (const channel of channels.values()) if (channel instanceof FxsChannel) channel.tick();
    });
  }

  static async open(
    channels: Readonly<Record<number, SimulatedChannel>>,
    { clock, ...traits }: CardTraits & { readonly clock: Clock },
  ): Promise<SimulatedCard> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-card-"));
    const byNumber = new Map(Object.entries(channels).map(([number, channel]) => [Number(number), channel]));
    const card = new SimulatedCard(folder, byNumber, traits, clock);
    card.#server.listen(card.socketPath);
    await once(card.#server, "listening");
    return card;
  }

  alarm(channel: number, alarm: string | undefined): void {
    const one = this.#channel(channel);
    one.alarm = alarm;
    one.voice?.event(alarm === undefined ? "no-alarm" : `alarm ${alarm}`);
  }

  /** The card is pulled out. */
  remove(channel: number): void {
    const one = this.#channel(channel);
    one.voice?.event("removed");
    one.close();
    one.removed = true;
  }

  putBack(channel: number): void {
    this.#channel(channel).removed = false;
  }

  /** The helper ends without a word. */
  crash(): void {
    this.#connection?.destroy();
  }

  /** The helper stands still: it neither says nor takes anything, until it is asked to go on. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
  }

  /** Says whatever bytes, as a broken helper would. */
  babble(bytes: Uint8Array): void {
    this.#connection?.write(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pacing[Symbol.dispose]();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#connection?.destroy();
    await closed;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #channel(number: number): SimulatedChannel {
    const channel = this.channels.get(number);
    if (!channel) throw new Error(`the card has no channel ${number}`);
    return channel;
  }

  #serve(connection: NetSocket): void {
    this.#connection?.destroy();
    this.#connection = connection;
    const reader = new FrameReader();
    connection.on("error", () => {});
    connection.on("data", (bytes) => {
      try {
        for (const frame of reader.read(bytes)) this.#take(frame);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        connection.destroy();
      }
    });
    connection.on("close", () => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      for (const channel of this.channels.values()) channel.close();
    });
  }

  #take(frame: Frame): void {
    if (this.#frozen) return;
    if (frame.type === "audio") {
      const channel = this.channels.get(frame.channel);
      if (channel?.voice) channel.take(frame.samples);
      return;
    }
    this.told.push([frame.channel, ...frame.words].join(" "));
    if (frame.channel === 0) this.#hear(frame.words);
    else this.#hearFor(frame.channel, frame.words);
  }

  #hear([word, detail]: readonly string[]): void {
    switch (word) {
      case "hello":
        if (detail === "1") this.#say(0, "hello 1 simulated");
        else {
          this.#say(0, "failed version");
          this.#connection?.end();
        }
        return;
      case "channels":
        for (const [number, channel] of this.channels)
          if (!channel.removed)
            this.#say(
              0,
              `channel ${number} ${channel.kind} ${channel.voice ? "in-use" : "free"} ${channel.alarm ?? "ok"} SIM/0/${number}`,
            );
        this.#say(0, "channels-end");
        return;
      case "ping":
        this.#say(0, "pong");
        return;
      default:
        this.#say(0, `failed unknown ${word}`);
    }
  }

  #hearFor(number: number, words: readonly string[]): void {
    this.#say(number, this.#answerOf(number, words));
  }

  #answerOf(number: number, words: readonly string[]): string {
    const channel = this.channels.get(number);
    const [word = "", kind] = words;
    if (!channel || channel.removed) return "failed no-such-channel";
    const refusal = this.#traits.refuses?.[word];
    if (refusal !== undefined) return `failed ${refusal}`;
    if (word === "open") return this.#openFor(number, channel, kind);
    if (!channel.voice) return "failed no-such-channel";
    if (word === "close") channel.close();
    const failure = word === "close" ? undefined : channel.obey(words);
    if (failure !== undefined) return `failed ${failure}`;
    return word === "close" ? "closed" : `done ${words.join(" ")}`;
  }

  #openFor(number: number, channel: SimulatedChannel, kind: string | undefined): string {
    if (channel.voice) return "failed busy";
    if (channel.kind !== kind) return `failed not-${kind}`;
    channel.voice = { event: (event) => this.#say(number, `event ${event}`), audio: (frame) => this.#sound(number, frame) };
    return "opened";
  }

  #say(channel: number, text: string): void {
    this.#send(encodeControl(channel, text));
  }

  #sound(channel: number, frame: Int16Array): void {
    this.#held.push(encodeAudio(channel, frame));
    if (this.#held.length < (this.#traits.burst ?? 1)) return;
    for (const bytes of this.#held) this.#send(bytes);
    this.#held = [];
  }

  #send(bytes: Uint8Array): void {
    if (this.#frozen || !this.#connection?.writable) return;
    if (this.#traits.chunks !== "bytes") {
      this.#connection.write(bytes);
      return;
    }
    for (let at = 0, length = 1; at < bytes.length; at += length, length = (length % 7) + 1)
      this.#connection.write(bytes.subarray(at, at + length));
  }
}
