import { stat } from "node:fs/promises";
import { Channel } from "@sitebox/core/kernel";
import type { Digit } from "@sitebox/drivers/line";
import { LegLinks, nextNumber } from "./leg-links.ts";
import type { HeardFrame, MediaEvent, MediaStats, Pcm8k, Played, PlayOptions, Recorded, Recording } from "./media.ts";
import { MediaError } from "./media-error.ts";
import { WAV_HEADER_BYTES } from "./sound/index.ts";
import { lastDigest } from "./verify-recording.ts";
import type { LegEvents, WorkerHost } from "./worker-host.ts";

interface Sound {
  readonly ended: PromiseWithResolvers<Played>;
  /** Resolves when the worker wants more of a streamed sound; renewed at each piece. */
  wants: PromiseWithResolvers<void>;
  over: boolean;
}

const NO_SAMPLES: Int16Array = new Int16Array(0);

/** One leg of a worker, as the main process sees it. What both an RTP port and a media leg are made of. */
export class LegClient implements LegEvents {
  readonly id = nextNumber();
  readonly host: WorkerHost;
  readonly links = new LegLinks(this);
  readonly digits = new Channel<Digit>();
  readonly #readers = new Set<Channel<HeardFrame>>();
  readonly #sounds = new Map<number, Sound>();
  readonly #recordings = new Map<number, PromiseWithResolvers<Recorded | undefined>>();
  readonly #watchers = new Set<Channel<MediaEvent>>();
  readonly #lost = Promise.withResolvers<void>();
  readonly #onSpoken: (frame: Int16Array) => void;
  readonly #onEnd: () => void;
  #ended = false;
  #stats: MediaStats = { receivedPackets: 0, sentPackets: 0, lostPackets: 0, jitterMs: 0, strangerPackets: 0 };
  #closing: Promise<void> | undefined;

  constructor(host: WorkerHost, options: { readonly onSpoken?: (frame: Int16Array) => void; readonly onEnd?: () => void } = {}) {
    this.host = host;
    this.#onSpoken = options.onSpoken ?? (() => undefined);
    this.#onEnd = options.onEnd ?? (() => undefined);
    host.add(this.id, this);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when the leg's worker dies or the leg fails in it; stays pending otherwise. */
  get lost(): Promise<void> {
    return this.#lost.promise;
  }

  async play(audio: Pcm8k | AsyncIterable<Pcm8k>, { signal }: PlayOptions = {}): Promise<Played> {
    if (this.#ended) return { outcome: "ended", playedMs: 0 };
    if (signal?.aborted) return { outcome: "stopped", playedMs: 0 };
    const number = nextNumber();
    const sound: Sound = { ended: Promise.withResolvers(), wants: Promise.withResolvers(), over: false };
    this.#sounds.set(number, sound);
    const whole = audio instanceof Int16Array;
    this.host.tell({ type: "play", leg: this.id, sound: number, samples: whole ? audio : NO_SAMPLES, complete: whole });
    const stop = () => this.host.tell({ type: "stopSound", leg: this.id, sound: number });
    signal?.addEventListener("abort", stop);
    try {
      if (whole) return await sound.ended.promise;
      // A sound that is stopped is over at once, even while its source is still thinking.
      const streamed = this.#stream(number, sound, audio).then(() => sound.ended.promise);
      return await Promise.race([sound.ended.promise, streamed]);
    } finally {
      signal?.removeEventListener("abort", stop);
      if (!sound.over) stop();
    }
  }

  async flush(): Promise<void> {
    // A leg that has ended has nothing left to stop.
    await this.askWhileUp(() => this.host.ask("flush", { leg: this.id }));
  }

  /** Frames from this moment on, until the leg ends or the signal aborts. */
  listen(signal?: AbortSignal): AsyncGenerator<HeardFrame> {
    const channel = new Channel<HeardFrame>();
    if (this.#ended || signal?.aborted) channel.close();
    else this.#readers.add(channel);
    if (this.#readers.size === 1) this.host.tell({ type: "listen", leg: this.id, on: true });
    const stop = () => this.#stopListening(channel);
    signal?.addEventListener("abort", stop);
    return (async function* () {
      try {
        for await (const frame of channel) {
          if (signal?.aborted) return;
          yield frame;
        }
      } finally {
        signal?.removeEventListener("abort", stop);
        stop();
      }
    })();
  }

  /** What befalls the leg from this moment on, until it ends or the signal aborts. */
  watch(signal: AbortSignal): AsyncIterable<MediaEvent> {
    const channel = new Channel<MediaEvent>();
    if (this.#ended || signal.aborted) channel.close();
    else this.#watchers.add(channel);
    signal.addEventListener("abort", () => {
      channel.close();
      this.#watchers.delete(channel);
    });
    return channel;
  }

  write(frame: Int16Array): void {
    this.host.offer({ type: "write", leg: this.id, samples: frame });
  }

  async record(file: string): Promise<Recording> {
    if (this.#ended) throw new MediaError("leg-ended", "the leg has ended");
    const recording = nextNumber();
    const recorded = Promise.withResolvers<Recorded | undefined>();
    this.#recordings.set(recording, recorded);
    try {
      await this.host.ask("record", { leg: this.id, recording, file });
    } catch (error) {
      this.#recordings.delete(recording);
      throw error;
    }
    let stopped: Promise<Recorded> | undefined;
    const setPaused = async (paused: boolean) => {
      await this.askWhileUp(() => this.host.ask("pauseRecording", { leg: this.id, recording, paused }));
    };
    return {
      file,
      pause: () => setPaused(true),
      resume: () => setPaused(false),
      stop: () => {
        stopped ??= this.#stopRecording(recording, recorded.promise, file);
        return stopped;
      },
    };
  }

  async stats(): Promise<MediaStats> {
    const stats = await this.askWhileUp(() => this.host.ask("stats", { leg: this.id }));
    if (stats) this.#stats = stats;
    // A leg on its end tells its last figures with its closing, which waits for its recordings.
    else await this.#closing;
    return this.#stats;
  }

  /** Closes the leg in its worker, socket and recordings with it. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  onHeard(frame: HeardFrame): void {
    for (const reader of this.#readers) reader.push(frame);
  }

  onSpoken(frame: Int16Array): void {
    this.#onSpoken(frame);
  }

  onDigit(digit: Digit): void {
    this.digits.push(digit);
  }

  onSoundEnded(number: number, outcome: "finished" | "stopped", playedMs: number): void {
    this.#endSound(number, { outcome: this.#closing !== undefined && outcome === "stopped" ? "ended" : outcome, playedMs });
  }

  onSoundWants(number: number): void {
    this.#sounds.get(number)?.wants.resolve();
  }

  onEvent(event: MediaEvent): void {
    for (const watcher of this.#watchers) watcher.push(event);
  }

  onRecorded(recording: number, recorded: Recorded): void {
    this.#recordings.get(recording)?.resolve(recorded);
    this.#recordings.delete(recording);
  }

  onLost(): void {
    if (this.#closing === undefined) {
      this.onEvent({ type: "lost" });
      this.#lost.resolve();
    }
    this.abandon();
  }

  /** Ends everything about the leg that is in this process. */
  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const reader of this.#readers) reader.close();
    for (const watcher of this.#watchers) watcher.close();
    this.digits.close();
    for (const number of this.#sounds.keys()) this.#endSound(number, { outcome: "ended", playedMs: 0 });
    for (const recording of this.#recordings.values()) recording.resolve(undefined);
    void this.links.part();
    this.host.remove(this.id);
    this.#onEnd();
  }

  #stopListening(channel: Channel<HeardFrame>): void {
    channel.close();
    if (this.#readers.delete(channel) && this.#readers.size === 0) this.host.tell({ type: "listen", leg: this.id, on: false });
  }

  async #stream(number: number, sound: Sound, audio: AsyncIterable<Pcm8k>): Promise<void> {
    for await (const samples of audio) {
      if (sound.over) return;
      if (samples.length === 0) continue;
      sound.wants = Promise.withResolvers();
      this.host.tell({ type: "feed", leg: this.id, sound: number, samples, complete: false });
      await Promise.race([sound.wants.promise, sound.ended.promise]);
    }
    this.host.tell({ type: "feed", leg: this.id, sound: number, samples: NO_SAMPLES, complete: true });
  }

  #endSound(number: number, played: Played): void {
    const sound = this.#sounds.get(number);
    if (!sound) return;
    this.#sounds.delete(number);
    sound.over = true;
    sound.ended.resolve(played);
  }

  /** What only makes sense while the leg is up; nothing where it ends before the answer. */
  async askWhileUp<T>(ask: () => Promise<T>): Promise<T | undefined> {
    if (this.#ended) return undefined;
    try {
      return await ask();
    } catch (error) {
      if (this.#ended || this.#closing !== undefined) return undefined;
      throw error;
    }
  }

  async #stopRecording(recording: number, byItself: Promise<Recorded | undefined>, file: string): Promise<Recorded> {
    const asked = await this.askWhileUp(() => this.host.ask("stopRecording", { leg: this.id, recording }));
    const recorded = asked ?? (await byItself);
    this.#recordings.delete(recording);
    if (recorded) return recorded;
    // The worker died: what it had written by then is a whole file.
    const bytes = (await stat(file)).size;
    const digest = await lastDigest(file);
    return { bytes, durationMs: Math.max(0, bytes - WAV_HEADER_BYTES) / 32, ...(digest !== undefined && { digest }) };
  }

  async #close(): Promise<void> {
    const stats = await this.askWhileUp(() => this.host.ask("close", { leg: this.id }));
    if (stats) this.#stats = stats;
    this.abandon();
  }
}
