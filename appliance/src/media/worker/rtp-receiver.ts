import { type AudioCodec, type Digit, FRAME_SAMPLES, type RtpRemote } from "@sitebox/drivers/line";
import { KeyDetector, PCMA, PCMU } from "@sitebox/drivers/sound";
import { G722 } from "../sound/index.ts";
import { ComfortNoise, statedNoise } from "./comfort-noise.ts";
import { Concealment } from "./concealment.ts";
import { JitterBuffer } from "./jitter-buffer.ts";
import type { RtpPacket } from "./rtp-packet.ts";
import { TelephoneEvents } from "./telephone-event.ts";
import { type VoiceDecoder, voiceDecoder } from "./voice-codec.ts";

const FRAME_MS = 20;

/** RTP payload type of comfort noise at 8 kHz (RFC 3551 §6); taken from whoever sends it, agreed or not. */
const COMFORT_NOISE = 13;

/** What of the sound was missing so far. */
export interface ReceptionQuality {
  /** The part of the sound that was made up, 0 to 1. */
  readonly lossRatio: number;
  /** How many frames were missing in a row on average. */
  readonly meanBurst: number;
  /** How long sound waits before it is heard. */
  readonly playoutMs: number;
  readonly concealedMs: number;
  readonly lateMs: number;
}

const NOTHING: Int16Array = new Int16Array(FRAME_SAMPLES);

/** What comes of one stream: packets in any order become a frame for every slot, and keys. */
export class RtpReceiver {
  readonly #onDigit: (digit: Digit) => void;
  readonly #buffer = new JitterBuffer();
  readonly #concealment = new Concealment();
  readonly #events = new TelephoneEvents();
  #tones: KeyDetector | undefined;
  #eventsCame = false;
  #heardFrames = 0;
  #lostFrames = 0;
  #bursts = 0;
  /** Frames missing just now: lost if sound goes on behind them, else the sender has only fallen silent. */
  #missing = 0;
  readonly #noise = new ComfortNoise();
  /** How loud the sender wants its silence. */
  #stated: number | undefined;
  #codec: AudioCodec | undefined;
  #decoder: VoiceDecoder | undefined;

  constructor(onDigit: (digit: Digit) => void) {
    this.#onDigit = onDigit;
  }

  /** The codec of what came last. */
  get codec(): AudioCodec | undefined {
    return this.#codec;
  }

  /** A peer that agreed on events, or ever sent one, sends no keys as tones: listening for both would hear some twice. */
  use({ telephoneEvent, receive }: RtpRemote): void {
    if (!receive) this.#stated = undefined;
    if (telephoneEvent !== undefined || this.#eventsCame) this.#tones = undefined;
    else this.#tones ??= new KeyDetector();
  }

  /** A new sender counts its time anew. */
  restart(): void {
    this.#stated = undefined;
    this.#decoder = undefined;
    this.#events.reset();
    this.#buffer.restart();
  }

  take(packet: RtpPacket, remote: RtpRemote): void {
    if (packet.payloadType === remote.telephoneEvent) {
      this.#eventsCame = true;
      // Sound pauses while a key is pressed.
      this.#buffer.quiet(packet.timestamp);
      const digit = this.#events.accept(packet.timestamp, packet.payload);
      if (digit !== undefined) this.#onDigit(digit);
      return;
    }
    if (packet.payloadType === COMFORT_NOISE) {
      this.#stated = statedNoise(packet.payload);
      this.#buffer.quiet(packet.timestamp);
      return;
    }
    const codec = codecOf(packet.payloadType, remote);
    if (codec === undefined) return;
    if (codec !== this.#codec || !this.#decoder) this.#decoder = voiceDecoder(codec);
    this.#codec = codec;
    this.#buffer.push(packet.timestamp, this.#decoder.decode(packet.payload), packet.sequence);
  }

  /** What the far end said in one slot; a frame always. */
  hear(behind: number): Int16Array {
    const frame = this.#frame(behind);
    const digit = frame === NOTHING ? undefined : this.#tones?.hear(frame);
    if (digit !== undefined) this.#onDigit(digit);
    return frame;
  }

  quality(): ReceptionQuality {
    const frames = this.#heardFrames + this.#lostFrames;
    return {
      lossRatio: frames === 0 ? 0 : this.#lostFrames / frames,
      meanBurst: this.#bursts === 0 ? 0 : this.#lostFrames / this.#bursts,
      playoutMs: this.#buffer.waitMs,
      concealedMs: this.#lostFrames * FRAME_MS,
      lateMs: this.#buffer.lateMs,
    };
  }

  #frame(behind: number): Int16Array {
    const pulled = this.#buffer.pull(behind);
    switch (pulled.type) {
      case "voice":
        this.#heardFrames++;
        if (this.#missing > 0) this.#bursts++;
        this.#lostFrames += this.#missing;
        this.#missing = 0;
        return this.#concealment.voice(pulled.samples);
      case "lost":
        this.#missing++;
        return this.#concealment.lost();
      case "idle":
        this.#missing = 0;
        this.#concealment.silence();
        return this.#stated === undefined ? NOTHING : this.#noise.fill(new Int16Array(FRAME_SAMPLES), this.#stated);
    }
  }
}

/** Every codec of ours is understood, whichever was agreed: peers are known to send the other law. */
function codecOf(payloadType: number, remote: RtpRemote): AudioCodec | undefined {
  if (payloadType === remote.payloadType) return remote.codec;
  if (payloadType === PCMA) return "PCMA";
  if (payloadType === PCMU) return "PCMU";
  return payloadType === G722 ? "G722" : undefined;
}
