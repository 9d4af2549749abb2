import { FRAME_SAMPLES, type RtpRemote } from "@sitebox/drivers/line";
import { alaw } from "@sitebox/drivers/sound";
import { Reception } from "./reception.ts";
import { RtpReceiver } from "./rtp-receiver.ts";
import { mosOf, rate } from "./voice-quality.ts";

/** What a network does to a stream of 20 ms packets. */
export interface BadNetwork {
  /** Packets lost in all, in percent. */
  readonly lossPercent: number;
  /** How many are lost in a row on average; 1 is by chance alone (Gilbert's model). */
  readonly meanBurst: number;
  /** Each packet is late by up to twice as much, evenly, and may overtake others: `netem delay 50ms <jitter>ms`. */
  readonly jitterMs: number;
  readonly seconds: number;
  readonly seed: number;
}

/** What a listener has of it. */
export interface HeardThrough {
  readonly lostPackets: number;
  /** Sound that was made up, and how much of it for packets that came, but too late. */
  readonly concealedMs: number;
  readonly lateMs: number;
  /** Time in which a steady voice was heard by 12 dB too weak or not at all, and the longest of such gaps. */
  readonly gapMs: number;
  readonly longestGapMs: number;
  /** Steps in the sound by more than the voice itself makes: clicks. */
  readonly clicks: number;
  /** How long sound waited in the buffer at the end, in ms. */
  readonly depthMs: number;
  readonly jitterMs: number;
  readonly mos: number;
}

const FRAME_MS = 20;
const FAR: RtpRemote = {
  address: "192.0.2.1",
  port: 9,
  codec: "PCMA",
  payloadType: 8,
  telephoneEvent: 101,
  send: true,
  receive: true,
};

/** A voice that never stops: harmonics of a pitch that slowly moves between 100 and 150 Hz. */
function steadyVoice(frames: number): Int16Array {
  let phase = 0;
  return Int16Array.from({ length: frames * FRAME_SAMPLES }, (_, i) => {
    phase += (2 * Math.PI * (125 + 25 * Math.sin((2 * Math.PI * i) / 16_000))) / 8_000;
    return 2_500 * (Math.sin(phase) + 0.8 * Math.sin(2 * phase) + 0.6 * Math.sin(3 * phase) + 0.3 * Math.sin(5 * phase));
  });
}

/** Even numbers of 0 to 1, the same for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The slots in which each packet arrives; nowhere when it is lost. */
function fates({ lossPercent, meanBurst, jitterMs, seed }: BadNetwork, count: number): (number | undefined)[] {
  const random = randomOf(seed);
  const loss = lossPercent / 100;
  const leave = Math.min(1, 1 / meanBurst);
  const enter = (loss * leave) / Math.max(1e-9, 1 - loss);
  let losing = false;
  return Array.from({ length: count }, (_, n) => {
    losing = random() < (losing ? 1 - leave : enter);
    const late = 2 * jitterMs * random();
    return losing ? undefined : n * FRAME_MS + late;
  });
}

const power = (samples: Int16Array) => samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;

/** Sends a steady voice through such a network into a receiver, slot by slot and by no clock: the same figures every time. */
export function hearThrough(network: BadNetwork): HeardThrough {
  const count = network.seconds * 50;
  const voice = steadyVoice(count);
  const packets = fates(network, count)
    .flatMap((at, n) => (at === undefined ? [] : [{ at, n }]))
    .sort((a, b) => a.at - b.at);
  const receiver = new RtpReceiver(() => undefined);
  const reception = new Reception();
  receiver.use(FAR);
  const level = power(voice);
  const steepest = voice.reduce((most, sample, i) => Math.max(most, Math.abs(sample - (voice[i - 1] ?? sample))), 0);
  let [gapMs, longestGapMs, runMs, clicks, next, last] = [0, 0, 0, 0, 0, 0];
  // From when its first packet may be heard to when its last one is.
  for (let slot = 0; slot < count; slot++) {
    for (let packet = packets[next]; packet && packet.at <= slot * FRAME_MS; packet = packets[++next]) {
      const payload = alaw.encode(voice.subarray(packet.n * FRAME_SAMPLES, (packet.n + 1) * FRAME_SAMPLES));
      const header = { payloadType: 8, sequence: packet.n & 0xffff, timestamp: packet.n * FRAME_SAMPLES, ssrc: 1 };
      reception.count(header, packet.at);
      receiver.take({ ...header, payload }, FAR);
    }
    const frame = receiver.hear(0);
    if (slot < 25) continue;
    for (const sample of frame) {
      if (Math.abs(sample - last) > 1.5 * steepest) clicks++;
      last = sample;
    }
    runMs = power(frame) < level / 16 ? runMs + FRAME_MS : 0;
    gapMs += runMs > 0 ? FRAME_MS : 0;
    longestGapMs = Math.max(longestGapMs, runMs);
  }
  const { concealedMs, lateMs, lossRatio, meanBurst, playoutMs } = receiver.quality();
  const mos = mosOf(rate({ lossRatio, meanBurst, delayMs: playoutMs + FRAME_MS }));
  const { lost, jitterMs } = reception;
  return { lostPackets: lost, concealedMs, lateMs, gapMs, longestGapMs, clicks, depthMs: playoutMs, jitterMs, mos };
}
