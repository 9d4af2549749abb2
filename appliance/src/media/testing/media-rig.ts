import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { type Log, silentLog, systemClock } from "@sitebox/core/kernel";
import type { RtpPort } from "@sitebox/drivers/line";
import { goertzel } from "@sitebox/drivers/sound";
import type { MediaLeg } from "../media.ts";
import { WorkerMedia } from "../open-media.ts";

const LOCAL = "127.0.0.1";
/** Kept from run to run: each test starts several workers. */
const codeCacheDir = join(tmpdir(), `sitebox-media-code-${userInfo().uid}`);

export interface End {
  readonly port: RtpPort;
  readonly leg: MediaLeg;
}

/** A leg of ours and the far end it is connected to. */
export interface TestCall {
  readonly near: End;
  readonly far: End;
}

/** A media plane over real workers and sockets, and calls whose far ends are in a media plane of their own. */
export class MediaRig implements AsyncDisposable {
  readonly media: WorkerMedia;
  readonly folder: string;
  readonly #far: WorkerMedia;
  readonly #owned: AsyncDisposableStack;

  constructor(media: WorkerMedia, far: WorkerMedia, folder: string, owned: AsyncDisposableStack) {
    this.media = media;
    this.#far = far;
    this.folder = folder;
    this.#owned = owned;
  }

  static async open(options: { readonly maxLegsPerWorker?: number; readonly log?: Log } = {}): Promise<MediaRig> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-media-"));
    const owned = new AsyncDisposableStack();
    owned.defer(() => rm(folder, { recursive: true }));
    const far = owned.use(new WorkerMedia({ clock: systemClock, log: silentLog, codeCacheDir }));
    const media = owned.use(new WorkerMedia({ clock: systemClock, log: silentLog, codeCacheDir, ...options }));
    return new MediaRig(media, far, folder, owned);
  }

  async call(): Promise<TestCall> {
    const near = this.#owned.use(await this.media.rtp.open(LOCAL));
    const far = this.#owned.use(await this.#far.rtp.open(LOCAL));
    near.connect(to(far));
    far.connect(to(near));
    return { near: { port: near, leg: this.media.attach(near) }, far: { port: far, leg: this.#far.attach(far) } };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}

const to = ({ localPort }: RtpPort) =>
  ({
    address: LOCAL,
    port: localPort,
    codec: "PCMA",
    payloadType: 8,
    telephoneEvent: 101,
    send: true,
    receive: true,
  }) as const;

/** What a leg hears until `enough` of it has come. */
export async function hear(leg: MediaLeg, enough: (heard: Int16Array[]) => boolean): Promise<Int16Array[]> {
  const heard: Int16Array[] = [];
  for await (const { samples } of leg.listen(new AbortController().signal)) {
    heard.push(samples);
    if (enough(heard)) break;
  }
  return heard;
}

export const frames = (count: number) => (heard: Int16Array[]) => heard.length >= count;

/** Until these tones have been heard together for 0.6 s, and how strong each of `tones` was in the last 0.4 s of it. */
export async function strengths(leg: MediaLeg, present: readonly number[], tones: readonly number[]): Promise<number[]> {
  let steady = 0;
  const heard = await hear(leg, (sound) => {
    const last = sound.at(-1) ?? new Int16Array(0);
    steady = present.every((hertz) => goertzel(last, hertz) > 2_000) ? steady + 1 : 0;
    return steady >= 30;
  });
  const last = heard.slice(-20);
  return tones.map((hertz) => last.reduce((sum, frame) => sum + goertzel(frame, hertz), 0) / last.length);
}
