import type { AudioPort } from "@sitebox/drivers/line";
import type { Media, MediaLeg, Pcm8k } from "../../media/index.ts";
import type { OpenCall } from "../open-call.ts";
import type { Party } from "../party/index.ts";

export interface EarlySoundDeps {
  readonly media: Media;
  ringBack(): AsyncIterable<Pcm8k>;
}

/**
 * What is heard while somebody is rung. Who is up already, or has no tone of its own (a browser), gets the box's ring-back tone;
 * a telephone that calls makes its own. The far end's own tones and prompts take their place where one target alone is rung.
 */
export class EarlySound {
  #alone = true;
  readonly #deps: EarlySoundDeps;
  readonly #call: OpenCall;
  readonly #listeners: readonly Party[];
  readonly #tone = new AbortController();
  readonly #tones: Promise<unknown>;
  #heard: { readonly audio: AudioPort; readonly media: MediaLeg; linking: Promise<void> } | undefined;
  #over = false;

  constructor(deps: EarlySoundDeps, call: OpenCall, listeners: readonly Party[]) {
    this.#deps = deps;
    this.#call = call;
    this.#listeners = listeners;
    this.#tones = Promise.all(
      listeners
        .filter((party) => party.answered || party.kind === "visitor" || party.kind === "agent")
        .map((party) => party.media.play(deps.ringBack(), { signal: AbortSignal.any([this.#tone.signal, party.over]) })),
    );
  }

  /** Another step rings: what the one before let be heard is over. `alone`: with several targets nobody can tell whose prompt it is. */
  async next(alone: boolean): Promise<void> {
    this.#alone = alone;
    await this.#let();
  }

  /** The far end makes itself heard before it answers. */
  async hear(audio: AudioPort): Promise<void> {
    if (this.#over || !this.#alone || this.#listeners.length === 0 || this.#heard) return;
    this.#tone.abort();
    const media = this.#deps.media.attach(audio);
    const linking = this.#link(media);
    this.#heard = { audio, media, linking };
    this.#call.timeline.add("media", "the far end is heard before it answers");
    await linking;
  }

  /** Gives away the sound of the one who answered; undefined where it was not heard before. */
  async release(audio: AudioPort): Promise<MediaLeg | undefined> {
    if (this.#heard?.audio !== audio) return undefined;
    const { media, linking } = this.#heard;
    this.#heard = undefined;
    await linking;
    await media.unbridge();
    return media;
  }

  /** Ends all that is heard. */
  async stop(): Promise<void> {
    this.#over = true;
    this.#tone.abort();
    await this.#let();
    await this.#tones;
  }

  async #link(media: MediaLeg): Promise<void> {
    for (const party of this.#listeners) {
      if (!party.answered) await party.leg.progress();
      if (!party.over.aborted) await party.media.bridge(media);
    }
  }

  async #let(): Promise<void> {
    const heard = this.#heard;
    this.#heard = undefined;
    if (!heard) return;
    await heard.linking.catch(() => undefined);
    await heard.media[Symbol.asyncDispose]();
  }
}
