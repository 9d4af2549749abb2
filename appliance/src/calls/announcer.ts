import type { Log } from "@sitebox/core/kernel";
import type { Prompt } from "../dialog/index.ts";
import type { Pcm8k } from "../media/index.ts";
import type { Speech } from "../speech/index.ts";
import type { Party } from "./party/index.ts";
import type { Timeline } from "./timeline.ts";

export interface AnnouncerDeps {
  readonly log: Log;
  readonly speech: Speech;
  /** What a prompt says, in pieces: fixed ones come from the voice's cache. */
  segments(prompt: Prompt): readonly string[];
}

/** Pieces are asked for together and played in order, so that only the first can be waited for. */
export async function* spokenPieces(
  { speech, log }: Pick<AnnouncerDeps, "speech" | "log">,
  segments: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Pcm8k> {
  const spoken = segments.map((text) =>
    speech.synthesizer.speak(text, { language: "zh-CN", signal }).catch((err: unknown) => {
      if (!signal.aborted) log.error("a prompt could not be spoken", { err });
      return undefined;
    }),
  );
  for (const sound of spoken) {
    const pcm = await sound;
    if (pcm) yield pcm;
  }
}

/** Says lines to parties outside of the assistant's dialog. */
export class Announcer {
  readonly #deps: AnnouncerDeps;

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
  }

  /** Says it to all of them at once. Resolves with whether each heard something of it; never rejects. */
  async say(parties: readonly Party[], prompt: Prompt, timeline: Timeline, signal?: AbortSignal): Promise<boolean> {
    const segments = this.#deps.segments(prompt);
    const heard = await Promise.all(
      parties.map(async (party) => {
        const until = signal ? AbortSignal.any([signal, party.over]) : party.over;
        try {
          const { playedMs } = await party.media.play(spokenPieces(this.#deps, segments, until), { signal: until });
          return playedMs;
        } catch (err) {
          this.#deps.log.error("a line could not be said", { err });
          return 0;
        }
      }),
    );
    const playedMs = Math.min(...heard);
    timeline.add("said", segments.join(""), { prompt: prompt.id, ...prompt.params, playedMs: Math.round(playedMs) });
    return playedMs > 0;
  }
}
