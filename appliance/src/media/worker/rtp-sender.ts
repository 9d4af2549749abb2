import { randomInt } from "node:crypto";
import { type AudioCodec, type Digit, FRAME_SAMPLES, type RtpRemote } from "@sitebox/drivers/line";
import { KeyPresses, type Pressed } from "./key-presses.ts";
import { RTP_HEADER_BYTES, rtpPacket } from "./rtp-packet.ts";
import { FRAME_BYTES, type VoiceEncoder, voiceEncoder } from "./voice-codec.ts";

/** Sound of 1 ms in each of our codecs, in bytes; their RTP clocks all run at 8 kHz, that of G.722 too (RFC 3551 §4.5.2). */
const BYTES_PER_MS = 8;
const SHORTEST_MS = 10;
const LONGEST_MS = 60;

const NOTHING: Int16Array = new Int16Array(FRAME_SAMPLES);

interface Deps {
  /** Takes a packet that is ready, with `room` free bytes behind its end. */
  readonly emit: (packet: Buffer, payloadBytes: number) => void;
  /** Bytes that each packet is to have free behind its payload, for what authenticates it. */
  readonly room: () => number;
}

/** Makes packets of frames and keys: one stream, whose time stamps follow the slots, so that skipped ones are a gap and not a delay. */
export class RtpSender {
  readonly ssrc = randomInt(1, 2 ** 32);
  readonly #deps: Deps;
  readonly #keys = new KeyPresses();
  readonly #firstTimestamp = randomInt(2 ** 32);
  /** The number of the first packet. */
  readonly firstSequence = randomInt(2 ** 16);
  #sequence = this.firstSequence;
  #marker = true;
  #encoder: VoiceEncoder = voiceEncoder("PCMA");
  #codec: AudioCodec = "PCMA";
  #packetBytes = FRAME_BYTES;
  /** Encoded sound that is less than a packet, and the time of its first sample, in slots' samples. */
  readonly #pending = Buffer.alloc(LONGEST_MS * BYTES_PER_MS + FRAME_BYTES);
  #pendingBytes = 0;
  #pendingAt = 0;
  /** Counted for RTCP (RFC 3550 §6.4.1). */
  packets = 0;
  octets = 0;
  /** The RTP time of the last slot. */
  timestamp = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Takes the form that the far end wants from now on. */
  use({ codec, packetMs = 20 }: RtpRemote): void {
    if (codec !== this.#codec) {
      this.#pendingBytes = 0;
      this.#encoder = voiceEncoder(codec);
      this.#codec = codec;
    }
    this.#packetBytes = Math.min(Math.max(Math.round(packetMs / 10) * 10, SHORTEST_MS), LONGEST_MS) * BYTES_PER_MS;
  }

  /** Queues keys. Gives how many were too many and are dropped. */
  press(digits: readonly Digit[]): number {
    return this.#keys.press(digits);
  }

  /** Sends what belongs into `slot`: a key that is pressed, else the frame, else silence. */
  send(slot: number, frame: Int16Array | undefined, remote: RtpRemote): void {
    const at = slot * FRAME_SAMPLES;
    this.timestamp = (this.#firstTimestamp + at) >>> 0;
    const pressed = this.#keys.isBusy ? this.#keys.next(slot, remote.telephoneEvent === undefined ? "tone" : "event") : undefined;
    if (!pressed) this.#sound(at, frame ?? NOTHING, remote.payloadType);
    else if (pressed.type === "tone") this.#sound(at, pressed.samples, remote.payloadType);
    else this.#key(pressed, remote);
  }

  #sound(at: number, frame: Int16Array, payloadType: number): void {
    // After a slot that was slept through, what was gathered before it goes as a shorter packet.
    if (this.#pendingBytes > 0 && this.#pendingAt + this.#pendingBytes !== at) this.#flush(payloadType);
    if (this.#pendingBytes === 0) this.#pendingAt = at;
    this.#encoder.encodeInto(frame, this.#pending, this.#pendingBytes);
    this.#pendingBytes += FRAME_BYTES;
    while (this.#pendingBytes >= this.#packetBytes) this.#emitSound(this.#packetBytes, payloadType);
  }

  #flush(payloadType: number): void {
    while (this.#pendingBytes > 0) this.#emitSound(Math.min(this.#pendingBytes, this.#packetBytes), payloadType);
  }

  #emitSound(bytes: number, payloadType: number): void {
    const packet = this.#packet(payloadType, this.#pendingAt, this.#marker, bytes);
    this.#pending.copy(packet, RTP_HEADER_BYTES, 0, bytes);
    this.#pending.copyWithin(0, bytes, this.#pendingBytes);
    this.#pendingBytes -= bytes;
    this.#pendingAt += bytes;
    this.#marker = false;
    this.#emit(packet, bytes);
  }

  #key(pressed: Exclude<Pressed, { type: "tone" }>, { payloadType, telephoneEvent = 0 }: RtpRemote): void {
    this.#flush(payloadType);
    // Sound begins anew after the key (RFC 3551 §4.1).
    this.#marker = true;
    if (pressed.type === "pause") return;
    const { payload, startSlot, first } = pressed;
    const packet = this.#packet(telephoneEvent, startSlot * FRAME_SAMPLES, first, payload.length);
    packet.set(payload, RTP_HEADER_BYTES);
    this.#emit(packet, payload.length);
  }

  #packet(payloadType: number, at: number, marker: boolean, payloadBytes: number): Buffer {
    const timestamp = this.#firstTimestamp + at;
    const sequence = this.#sequence++;
    return rtpPacket({
      payloadType,
      sequence,
      timestamp,
      ssrc: this.ssrc,
      marker,
      payloadBytes: payloadBytes + this.#deps.room(),
    });
  }

  #emit(packet: Buffer, payloadBytes: number): void {
    this.packets++;
    this.octets += payloadBytes;
    this.#deps.emit(packet, payloadBytes);
  }
}
