import type { SrtpKey } from "@sitebox/drivers/line";
import { AuthCode } from "./auth-code.ts";
import { CounterMode } from "./counter-mode.ts";

const KEY_BYTES = 16;
const SALT_BYTES = 14;
const AUTH_BYTES = 20;

/** What encrypts and authenticates one kind of packet in one direction. */
export interface SessionKeys {
  readonly cipher: CounterMode;
  readonly auth: AuthCode;
}

/** Derives one session key: the key stream under the master key at the label's place (RFC 3711 §4.3.1, with a derivation rate of zero). */
export function deriveKey(master: Uint8Array, label: number, bytes: number): Buffer {
  const salt = Uint8Array.from(master.subarray(KEY_BYTES, KEY_BYTES + SALT_BYTES));
  salt[7] = (salt[7] ?? 0) ^ label;
  const derived = Buffer.alloc(bytes);
  new CounterMode(master.subarray(0, KEY_BYTES), salt).apply(derived, [0, bytes], { ssrc: 0, index: 0 });
  return derived;
}

/** The session keys of RTP or RTCP. Throws RangeError where the master key has not its 30 bytes. */
export function sessionKeys({ masterKeyAndSalt: master }: SrtpKey, kind: "rtp" | "rtcp"): SessionKeys {
  if (master.length !== KEY_BYTES + SALT_BYTES) throw new RangeError("an SRTP master key and salt have 30 bytes");
  const first = kind === "rtp" ? 0 : 3;
  return {
    cipher: new CounterMode(deriveKey(master, first, KEY_BYTES), deriveKey(master, first + 2, SALT_BYTES)),
    auth: new AuthCode(deriveKey(master, first + 1, AUTH_BYTES)),
  };
}
