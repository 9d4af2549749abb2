import { FRAME_SAMPLES } from "../../line/index.ts";
import type { HelperLink } from "../link/index.ts";

const SILENCE = new Int16Array(FRAME_SAMPLES);
/** How far our sound is ahead of the card's, in frames, so that a pause of Node's is not heard at once. The helper holds three. */
const AHEAD = 2;

export interface ChannelSettings {
  readonly channel: number;
  readonly type: "fxo" | "fxs";
  readonly receiveGainDb: number;
  readonly transmitGainDb: number;
  readonly echoTaps: number;
}

/** What a port hears of its channel. */
export interface ChannelEars {
  event(words: readonly string[]): void;
  /** 20 ms that came; gives the 20 ms that go, undefined for silence. */
  audio(samples: Int16Array): Int16Array | undefined;
}

/** A channel of a card that is ours. */
export interface CardChannel {
  /** Rejects with HelperError. */
  ask(text: string): Promise<void>;
  /** Puts the hook on and gives the channel back. Never rejects. */
  close(): Promise<void>;
  /** Hears nothing any more. */
  forget(): void;
}

/** Opens a channel and sets it as configured. Rejects with HelperError where the card or the kernel refuses; a canceller it lacks is told by `without`. */
export async function openChannel(
  link: HelperLink,
  settings: ChannelSettings,
  ears: ChannelEars,
  without: (what: string) => void,
): Promise<CardChannel> {
  const { channel, type } = settings;
  let begun = false;
  const listening = link.listen(channel, {
    event: (words) => ears.event(words),
    audio(samples) {
      if (!begun) for (let at = 0; at < AHEAD; at++) link.send(channel, SILENCE);
      begun = true;
      link.send(channel, ears.audio(samples) ?? SILENCE);
    },
  });
  const opened: CardChannel = {
    ask: async (text) => void (await link.ask(channel, text)),
    async close() {
      listening[Symbol.dispose]();
      await link.ask(channel, "close").catch(() => {});
    },
    forget: () => listening[Symbol.dispose](),
  };
  try {
    await opened.ask(`open ${type}`);
  } catch (error) {
    opened.forget();
    throw error;
  }
  const wishes = [`gain ${settings.receiveGainDb} ${settings.transmitGainDb}`, `echo ${settings.echoTaps}`];
  // A card without amplifiers or canceller still carries calls.
  for (const wish of wishes) await opened.ask(wish).catch(() => without(wish));
  return opened;
}
