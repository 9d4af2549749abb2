import { type Digit, FRAME_SAMPLES, type RtpRemote } from "@sitebox/drivers/line";
import { alaw, KeyDetector, PCMA, PCMU, ulaw } from "../sound/index.ts";
import { Concealment } from "./concealment.ts";
import { JitterBuffer } from "./jitter-buffer.ts";
import type { RtpPacket } from "./rtp-packet.ts";
import { TelephoneEvents } from "./telephone-event.ts";

const NOTHING: Int16Array = new Int16Array(FRAME_SAMPLES);

/** What comes of one stream: packets in any order become a frame for every slot, and keys. */
export class RtpReceiver {
  readonly #onDigit: (digit: Digit) => void;
  readonly #buffer = new JitterBuffer();
  readonly #concealment = new Concealment();
  readonly #events = new TelephoneEvents();
  #tones: KeyDetector | undefined;
  #eventsCame = false;

  constructor(onDigit: (digit: Digit) => void) {
    this.#onDigit = onDigit;
  }

  /** A peer that agreed on events, or ever sent one, sends no keys as tones: listening for both would hear some twice. */
  use({ telephoneEvent }: RtpRemote): void {
    if (telephoneEvent !== undefined || this.#eventsCame) this.#tones = undefined;
    else this.#tones ??= new KeyDetector();
  }

  /** A new sender counts its time anew. */
  restart(): void {
    this.#events.reset();
    this.#buffer.restart();
  }

  take(packet: RtpPacket, remote: RtpRemote): void {
    if (packet.payloadType === remote.telephoneEvent) {
      this.#eventsCame = true;
      const digit = this.#events.accept(packet.timestamp, packet.payload);
      if (digit !== undefined) this.#onDigit(digit);
      return;
    }
    // Either law is understood, whichever was agreed: peers are known to send the other one.
    if (packet.payloadType === PCMA) this.#buffer.push(packet.timestamp, alaw.decode(packet.payload));
    if (packet.payloadType === PCMU) this.#buffer.push(packet.timestamp, ulaw.decode(packet.payload));
  }

  /** What the far end said in one slot; a frame always. */
  hear(behind: number): Int16Array {
    const frame = this.#frame(behind);
    const digit = frame === NOTHING ? undefined : this.#tones?.hear(frame);
    if (digit !== undefined) this.#onDigit(digit);
    return frame;
  }

  #frame(behind: number): Int16Array {
    const pulled = this.#buffer.pull(behind);
    switch (pulled.type) {
      case "voice":
        return this.#concealment.voice(pulled.samples);
      case "lost":
        return this.#concealment.lost();
      case "idle":
        return NOTHING;
    }
  }
}
