import { randomOf } from "./metrics.ts";

const RATE = 8_000;
const SECONDS = 24;
/** Who talks when, in seconds: the caller on the left, the box on the right. */
const caller: readonly (readonly [number, number])[] = [
  [7.3, 9.2],
  [11.6, 12.1],
  [19.8, 20.6],
];
const box: readonly (readonly [number, number])[] = [
  [0.6, 6.8],
  [8, 10.9],
  [12.5, 19.2],
  [20.4, 23.2],
];

/** A two-channel wav of tones that come and go as speech does, 8 bit: it stands for a recording where there is no box. */
export function recordedWav(): Blob {
  const random = randomOf(11);
  const data = new Uint8Array(RATE * SECONDS * 2).fill(128);
  const fill = (spans: readonly (readonly [number, number])[], channel: 0 | 1, pitch: number) => {
    for (const [from, to] of spans) {
      for (let at = Math.round(from * RATE); at < to * RATE; at++) {
        const syllable = Math.abs(Math.sin((at / RATE) * 11)) * (0.55 + 0.45 * Math.sin((at / RATE) * 2.3 + channel));
        const tone = Math.sin((2 * Math.PI * pitch * at) / RATE) * 0.7 + (random() - 0.5) * 0.5;
        data[at * 2 + channel] = 128 + Math.round(70 * syllable * tone);
      }
    }
  };
  fill(caller, 0, 170);
  fill(box, 1, 220);
  return new Blob([wavHeader(data.length), data], { type: "audio/wav" });
}

/** RIFF header of PCM, 8 bit, two channels. */
function wavHeader(dataBytes: number): ArrayBuffer {
  const header = new DataView(new ArrayBuffer(44));
  const text = (at: number, value: string) =>
    [...value].forEach((char, index) => void header.setUint8(at + index, char.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 36 + dataBytes, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 2, true);
  header.setUint32(24, RATE, true);
  header.setUint32(28, RATE * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 8, true);
  text(36, "data");
  header.setUint32(40, dataBytes, true);
  return header.buffer;
}
