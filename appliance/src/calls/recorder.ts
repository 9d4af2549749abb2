import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CallId } from "@sitebox/core/contract";
import type { Log } from "@sitebox/core/kernel";
import { chainFileOf, type Recording } from "../media/index.ts";
import type { CallStore } from "./call-store.ts";
import type { Party } from "./party/index.ts";
import type { Timeline } from "./timeline.ts";

export interface RecorderDeps {
  readonly log: Log;
  readonly store: Pick<CallStore, "recorded">;
  readonly dataDir: string;
  readonly enabled: boolean;
  /** Takes what nobody waits for. */
  background(job: Promise<unknown>): void;
}

/**
 * The recording of one call: the one who called on the left, whatever he hears on the right. When he leaves and the others go on, the
 * one who has been there longest is recorded in a further file. Whoever refuses is not recorded, and what there is is deleted.
 */
export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #id: CallId;
  readonly #timeline: Timeline;
  readonly #files: string[] = [];
  #current: { readonly party: Party; readonly recording: Recording } | undefined;
  #refused = false;
  #working: Promise<void> = Promise.resolve();

  constructor(deps: RecorderDeps, id: CallId, timeline: Timeline) {
    this.#deps = deps;
    this.#id = id;
    this.#timeline = timeline;
  }

  /** Whether somebody may still refuse: there is, or was, a recording. */
  get isOn(): boolean {
    return this.#files.length > 0 && !this.#refused;
  }

  /** Records this party from now on, unless the call is recorded already. A call without a recording is better than none: never rejects. */
  start(party: Party): Promise<void> {
    return this.#then(async () => {
      if (!this.#deps.enabled || this.#refused || this.#current || party.over.aborted) return;
      await this.#begin(party);
    });
  }

  /** Goes on with one of these where the one who was recorded has left. */
  follow(parties: readonly Party[]): void {
    void this.#then(async () => {
      const current = this.#current;
      const [next] = parties;
      if (!current || this.#refused || !next || parties.includes(current.party)) return;
      await this.#end();
      await this.#begin(next);
    });
  }

  /** Somebody does not want to be recorded, or calls for help: nothing more is, whoever comes in, and what there is is deleted. */
  refuse(): Promise<void> {
    return this.#then(async () => {
      if (this.#refused) return;
      this.#refused = true;
      if (this.#files.length === 0) return;
      await this.#end();
      for (const file of this.#files.splice(0)) {
        const path = join(this.#deps.dataDir, file);
        for (const each of [path, chainFileOf(path)]) await rm(each, { force: true });
      }
      await this.#deps.store.recorded(this.#id, null);
      this.#timeline.add("decision", "the recording was refused and is deleted");
    });
  }

  /** Finishes the file. */
  stop(): Promise<void> {
    return this.#then(() => this.#end());
  }

  async #begin(party: Party): Promise<void> {
    const { dataDir, store, background } = this.#deps;
    const part = this.#files.length === 0 ? "" : `-${this.#files.length + 1}`;
    const file = join("recordings", `${this.#id}${part}.wav`);
    const path = join(dataDir, file);
    await mkdir(dirname(path), { recursive: true });
    this.#current = { party, recording: await party.media.record(path) };
    this.#files.push(file);
    if (part === "") background(store.recorded(this.#id, file));
    else this.#timeline.add("media", "the recording goes on in another file", { file });
  }

  async #end(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    const recorded = await current.recording.stop();
    this.#timeline.add("media", "recorded", { ...recorded });
  }

  #then(act: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(act).catch((err: unknown) => {
      this.#deps.log.error("a call cannot be recorded: look at the free space of the data folder", { err });
      this.#timeline.add("fault", "the call could not be recorded");
    });
    return this.#working;
  }
}
