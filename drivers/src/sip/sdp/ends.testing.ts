import type { AudioCodec } from "../../line/index.ts";
import { type LocalAudio, parseSdp, type SessionDescription } from "./index.ts";

/** Keys that are told apart: each has bytes of its own. */
export function keysFrom(seed: number): () => Uint8Array {
  let made = 0;
  return () => {
    made += 1;
    return Uint8Array.from({ length: 30 }, (_, at) => (at === 0 ? seed : at === 1 ? made : at));
  };
}

export const localAudio = (change: Partial<LocalAudio> = {}): LocalAudio => ({
  address: "192.0.2.9",
  port: 10_000,
  codecs: ["PCMA", "PCMU", "G722"] satisfies AudioCodec[],
  srtp: "accept",
  packetMs: 20,
  direction: "sendrecv",
  newKey: keysFrom(1),
  ...change,
});

/** A description of a far end at 192.0.2.1. */
export function described(...lines: readonly string[]): SessionDescription {
  const session = parseSdp(["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", ...lines].join("\r\n"));
  if (!session) throw new Error("it was not read");
  return session;
}
