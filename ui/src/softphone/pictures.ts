import type { BoxPush } from "@sitebox/core/contract";
import { type Ref, shallowRef } from "vue";
import { askCamera, MicrophoneError } from "./microphone.ts";
import type { Voice } from "./voice.ts";

/** Pictures beside a call's sound, as a page sees them. */
export interface PicturesState {
  /** Both ends are browsers that talk with each other. */
  readonly may: boolean;
  readonly mine: MediaStream | undefined;
  readonly theirs: MediaStream | undefined;
  /** Why the camera could not be turned on. */
  readonly fault?: "denied" | "missing" | "insecure" | "failed";
}

export interface Pictures {
  readonly state: Readonly<Ref<PicturesState>>;
  /** A push of the box: whether there may be pictures, and whether the other side shows any. */
  told(push: Extract<BoxPush, { type: "video" }>): void;
  /** Turns the own camera on or off. Without a camera, or where nobody can see it, the call goes on with sound alone. */
  toggle(): Promise<void>;
  /** The call's sound has been laid anew: the other side's camera is looked through again, the own one is off. */
  laid(): void;
  /** There is no call any more. */
  reset(): void;
}

const NONE: PicturesState = { may: false, mine: undefined, theirs: undefined };

export function openPictureState(voice: () => Voice | undefined, ask: () => Promise<MediaStream> = askCamera): Pictures {
  const state = shallowRef<PicturesState>(NONE);
  const stop = (stream: MediaStream | undefined) => stream?.getTracks().forEach((track) => void track.stop());
  /** Grows with each change on the other side: what belongs to an earlier one is ignored. */
  let current = 0;
  let isShown = false;

  const watch = async (generation: number) => {
    const theirs = await voice()
      ?.watch()
      .catch(() => undefined);
    if (generation === current && theirs) state.value = { ...state.value, theirs };
  };
  return {
    state,
    told({ may, theirs }) {
      const generation = ++current;
      const { mine } = state.value;
      if (!may) stop(mine);
      state.value = { may, mine: may ? mine : undefined, theirs: undefined };
      isShown = theirs;
      if (theirs) void watch(generation);
    },
    laid() {
      stop(state.value.mine);
      state.value = { ...state.value, mine: undefined, theirs: undefined };
      if (isShown) void watch(++current);
    },
    async toggle() {
      const { fault: _, ...before } = state.value;
      if (before.mine) {
        stop(before.mine);
        state.value = { ...before, mine: undefined };
        await voice()
          ?.hide()
          .catch(() => undefined);
        return;
      }
      const opened: { stream?: MediaStream } = {};
      try {
        opened.stream = await ask();
        await voice()?.show(opened.stream);
        state.value = { ...state.value, mine: opened.stream };
      } catch (error) {
        stop(opened.stream);
        state.value = { ...before, fault: error instanceof MicrophoneError ? error.fault : "failed" };
      }
    },
    reset() {
      current++;
      isShown = false;
      stop(state.value.mine);
      state.value = NONE;
    },
  };
}
