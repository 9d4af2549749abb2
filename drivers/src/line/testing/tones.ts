import { FRAME_SAMPLES } from "../index.ts";

const RATE = 8_000;

/** Frames of a steady tone without a click between them; without end unless `count` says how many. */
export function* toneFrames(hertz: number, count = Number.POSITIVE_INFINITY): Generator<Int16Array> {
  const amplitude = 8_000;
  for (let start = 0; start < count * FRAME_SAMPLES; start += FRAME_SAMPLES)
    yield Int16Array.from({ length: FRAME_SAMPLES }, (_, at) =>
      Math.round(amplitude * Math.sin((2 * Math.PI * hertz * (start + at)) / RATE)),
    );
}

/** The part of a frame's power at one frequency, 0 to 1 (Goertzel). Silence has none. */
export function toneShare(frame: Int16Array, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
  let before = 0;
  let last = 0;
  let power = 0;
  for (const sample of frame) {
    const next = sample + coefficient * last - before;
    before = last;
    last = next;
    power += sample * sample;
  }
  const atTone = before * before + last * last - coefficient * before * last;
  return power === 0 ? 0 : Math.min(1, (2 * atTone) / (frame.length * power));
}

/** Reads frames until `count` of them in a row are the tone. Rejects when the stream ends or the time is over. */
export async function hearTone(
  frames: AsyncIterable<Int16Array>,
  hertz: number,
  { count = 5, timeoutMs = 5_000 } = {},
): Promise<void> {
  const until = performance.now() + timeoutMs;
  let inRow = 0;
  for await (const frame of frames) {
    inRow = toneShare(frame, hertz) > 0.8 ? inRow + 1 : 0;
    if (inRow >= count) return;
    if (performance.now() > until) throw new Error(`no tone of ${hertz} Hz in ${timeoutMs} ms`);
  }
  throw new Error(`the audio ended before a tone of ${hertz} Hz`);
}

/** Writes a tone at the pace of sound until the signal aborts. */
export async function playTone(write: (frame: Int16Array) => void, hertz: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  let written = 0;
  for (const frame of toneFrames(hertz)) {
    write(frame);
    written += 1;
    const waitMs = startedAt + written * 20 - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
    if (signal.aborted) return;
  }
}
