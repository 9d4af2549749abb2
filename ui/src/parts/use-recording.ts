import { type Ref, ref, shallowRef, watchEffect } from "vue";
import { peaksOf } from "../kit/index.ts";

export interface RecordingView {
  readonly state: Readonly<Ref<"loading" | "ready" | "failed">>;
  /** One list of peaks a channel. */
  readonly lanes: Readonly<Ref<readonly (readonly number[])[]>>;
  readonly source: Readonly<Ref<string | undefined>>;
}

const BARS = 132;
/** Fit for any wav: the browser resamples to it, and only the shape is looked at. */
const DRAWING_RATE = 8_000;

/** Fetches a wav once, for its drawing and for its sound. */
export function useRecording(url: () => string): RecordingView {
  const state = ref<"loading" | "ready" | "failed">("loading");
  const lanes = shallowRef<number[][]>([]);
  const source = shallowRef<string>();
  watchEffect((onCleanup) => {
    const abort = new AbortController();
    let blobUrl: string | undefined;
    onCleanup(() => {
      abort.abort();
      if (blobUrl) URL.revokeObjectURL(blobUrl);
    });
    state.value = "loading";
    const load = async () => {
      const response = await fetch(url(), { signal: abort.signal });
      if (!response.ok) throw new Error(`no recording: ${response.status}`);
      const blob = await response.blob();
      const sound = await new OfflineAudioContext(1, 1, DRAWING_RATE).decodeAudioData(await blob.arrayBuffer());
      if (abort.signal.aborted) return;
      blobUrl = URL.createObjectURL(blob);
      source.value = blobUrl;
      lanes.value = Array.from({ length: sound.numberOfChannels }, (_, channel) => peaksOf(sound.getChannelData(channel), BARS));
      state.value = "ready";
    };
    load().catch(() => {
      if (!abort.signal.aborted) state.value = "failed";
    });
  });
  return { state, lanes, source };
}
