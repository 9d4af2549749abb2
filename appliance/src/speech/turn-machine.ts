import type { TurnProfile } from "./speech.ts";

/** Voice that has lasted this long is somebody speaking (and stops a prompt). */
const SPEECH_AFTER_MS = 200;
/** A single short word ("对") may last no longer than this; anything shorter is a click. */
const SHORTEST_WORD_MS = 90;
/** A voice that stops for this long before it became speech was none. */
const BLIP_GAP_MS = 250;

export type Turn =
  | { readonly type: "silent" }
  /** Voice, but not long enough to be sure. */
  | { readonly type: "stirring"; readonly startedAtMs: number; readonly voicedMs: number; readonly endedAtMs: number }
  | { readonly type: "speaking"; readonly startedAtMs: number; readonly endedAtMs: number };

export type TurnEvent =
  | { readonly type: "window"; readonly voiced: boolean; readonly fromMs: number; readonly toMs: number }
  /** Nothing more will be heard. */
  | { readonly type: "end" };

export type TurnEffect =
  | { readonly type: "open" }
  | { readonly type: "speech-started"; readonly atMs: number }
  /** It was nothing: forget what was opened. */
  | { readonly type: "drop" }
  /** `sure` is false for a voice so short that only a recognised word makes it a turn. */
  | { readonly type: "close"; readonly sure: boolean; readonly startedAtMs: number; readonly endedAtMs: number };

export interface TurnStep {
  readonly next: Turn;
  readonly effects: readonly TurnEffect[];
}

export const SILENT: Turn = { type: "silent" };

/** Decides where turns begin and end, window by window. */
export function step(turn: Turn, event: TurnEvent, profile: TurnProfile): TurnStep {
  switch (turn.type) {
    case "silent": {
      if (event.type === "end" || !event.voiced) return { next: turn, effects: [] };
      const { fromMs, toMs } = event;
      return {
        next: { type: "stirring", startedAtMs: fromMs, voicedMs: toMs - fromMs, endedAtMs: toMs },
        effects: [{ type: "open" }],
      };
    }
    case "stirring":
      return stirring(turn, event, profile);
    case "speaking":
      return speaking(turn, event, profile);
  }
}

function stirring(turn: Turn & { type: "stirring" }, event: TurnEvent, profile: TurnProfile): TurnStep {
  const { startedAtMs, endedAtMs } = turn;
  if (event.type === "window" && event.voiced) {
    const voicedMs = turn.voicedMs + event.toMs - event.fromMs;
    if (voicedMs < SPEECH_AFTER_MS) return { next: { ...turn, voicedMs, endedAtMs: event.toMs }, effects: [] };
    return {
      next: { type: "speaking", startedAtMs, endedAtMs: event.toMs },
      effects: [{ type: "speech-started", atMs: startedAtMs }],
    };
  }
  const word = turn.voicedMs >= SHORTEST_WORD_MS;
  const gapMs = word ? profile.endpointMs : Math.min(profile.endpointMs, BLIP_GAP_MS);
  if (event.type === "window" && event.toMs - endedAtMs < gapMs) return { next: turn, effects: [] };
  return { next: SILENT, effects: [word ? { type: "close", sure: false, startedAtMs, endedAtMs } : { type: "drop" }] };
}

function speaking(turn: Turn & { type: "speaking" }, event: TurnEvent, profile: TurnProfile): TurnStep {
  const endedAtMs = event.type === "window" && event.voiced ? event.toMs : turn.endedAtMs;
  const going =
    event.type === "window" && event.toMs - endedAtMs < profile.endpointMs && event.toMs - turn.startedAtMs < profile.maxMs;
  if (going) return { next: { ...turn, endedAtMs }, effects: [] };
  return { next: SILENT, effects: [{ type: "close", sure: true, startedAtMs: turn.startedAtMs, endedAtMs }] };
}
