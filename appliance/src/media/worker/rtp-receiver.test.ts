import type { Digit, RtpRemote } from "@sitebox/drivers/line";
import { alaw, goertzel, keyTone, tone } from "@sitebox/drivers/sound";
import { expect, test } from "vitest";
import { G722Encoder } from "../sound/index.ts";
import { RtpReceiver } from "./rtp-receiver.ts";
import { formatEvent } from "./telephone-event.ts";

const far: RtpRemote = { address: "192.0.2.1", port: 4_000, codec: "PCMA", payloadType: 8, send: true, receive: true };
const withEvents: RtpRemote = { ...far, telephoneEvent: 101 };

/** A session whose far end speaks frame by frame. */
function session(remote: RtpRemote) {
  const heard: Digit[] = [];
  const receiver = new RtpReceiver((digit) => heard.push(digit));
  let now = remote;
  let sequence = 0;
  let timestamp = 0;
  receiver.use(remote);
  const send = (payloadType: number, payload: Uint8Array) =>
    receiver.take({ payloadType, sequence: sequence++, timestamp, ssrc: 1, payload }, now);
  return {
    heard,
    use: (changed: RtpRemote) => {
      now = changed;
      receiver.use(changed);
    },
    event: (digit: Digit) => {
      for (const end of [false, true, true]) send(101, formatEvent(digit, { end, duration: 800 }));
    },
    /** A key as tones, 100 ms, with silence behind it; `lost` frames do not arrive. */
    tones: (digit: Digit, lost: readonly number[] = []) => {
      for (let at = 0; at < 12; at++) {
        const frame = at < 5 ? keyTone(digit, at * 160, 160) : tone(300, 20, 20);
        if (!lost.includes(at)) send(8, alaw.encode(frame));
        timestamp += 160;
        receiver.hear(0);
      }
    },
  };
}

test("where no events were agreed, keys are heard in the sound, once each", () => {
  const { heard, tones } = session(far);
  for (const digit of ["1", "1", "0", "#"] as const) tones(digit);
  expect(heard).toEqual(["1", "1", "0", "#"]);
});

test("a packet lost within the tones does not make two keys of one", () => {
  for (const lost of [0, 1, 2, 3, 4]) {
    const { heard, tones } = session(far);
    tones("7");
    tones("5", [lost]);
    tones("8");
    expect([lost, heard]).toEqual([lost, ["7", "5", "8"]]);
  }
});

test("where events were agreed, tones are sound: a phone that sends both is heard once", () => {
  const { heard, tones, event } = session(withEvents);
  for (const digit of ["4", "2"] as const) {
    event(digit);
    tones(digit);
  }
  expect(heard).toEqual(["4", "2"]);
});

test("a phone that ever sent an event is not listened to for tones, although events are no longer agreed", () => {
  const { heard, tones, event, use } = session(withEvents);
  event("9");
  tones("9");
  use(far);
  tones("9");
  expect(heard).toEqual(["9"]);
});

test.each([10, 20, 30, 60])("G.722 in packets of %i ms is heard as 8 kHz sound, by the number that was agreed", (packetMs) => {
  const remote: RtpRemote = { ...far, codec: "G722", payloadType: 96 };
  const receiver = new RtpReceiver(() => undefined);
  receiver.use(remote);
  const sound = tone(700, 2_400);
  const payload = new Uint8Array(sound.length);
  new G722Encoder().encodeInto(sound, payload, 0);
  const heard: number[] = [];
  const bytes = packetMs * 8;
  for (let slot = 0, sent = 0; slot < 100; slot++) {
    for (; sent * packetMs <= slot * 20; sent++) {
      const at = sent * bytes;
      receiver.take(
        { payloadType: 96, sequence: sent, timestamp: at, ssrc: 1, payload: payload.subarray(at, at + bytes) },
        remote,
      );
    }
    heard.push(...receiver.hear(0));
  }
  expect(goertzel(Int16Array.from(heard.slice(4_000, 12_000)), 700)).toBeGreaterThan(7_500);
  expect(receiver.codec).toBe("G722");
  expect(receiver.quality()).toMatchObject({ concealedMs: 0, lossRatio: 0 });
});

test("comfort noise is heard as loud as was said, until there is sound again", () => {
  const receiver = new RtpReceiver(() => undefined);
  receiver.use(far);
  const frames: Int16Array[] = [];
  const speak = (slot: number, sequence: number) =>
    receiver.take({ payloadType: 8, sequence, timestamp: slot * 160, ssrc: 1, payload: alaw.encode(tone(500, 20)) }, far);
  for (let slot = 0; slot < 60; slot++) {
    if (slot < 10) speak(slot, slot);
    if (slot === 10) receiver.take({ payloadType: 13, sequence: 10, timestamp: 1_600, ssrc: 1, payload: Uint8Array.of(50) }, far);
    if (slot >= 40) speak(slot, slot - 29);
    frames.push(receiver.hear(0));
  }
  const rms = (frame: Int16Array) => Math.sqrt(frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length);
  for (const frame of frames.slice(15, 38)) expect(Math.abs(20 * Math.log10(rms(frame) / 32_767) + 50)).toBeLessThan(2);
  expect(frames.slice(46).every((frame) => goertzel(frame, 500) > 7_000)).toBe(true);
  expect(receiver.quality()).toMatchObject({ concealedMs: 0, lossRatio: 0 });
});
