import { Channel } from "@sitebox/core/kernel";
import type { Digit } from "../../line/index.ts";
import { bodyOf, type SipRequest } from "../parser/index.ts";

const KEYS = "0123456789*#ABCD";

const isDigit = (text: string): text is Digit => text.length === 1 && KEYS.includes(text);

/** The key in an INFO: `Signal=5` of application/dtmf-relay, or the bare key of application/dtmf. */
export function digitOf(info: SipRequest): Digit | undefined {
  const relay = bodyOf(info, "application/dtmf-relay");
  const [, signal] = relay === undefined ? [] : (/^[ \t]*Signal[ \t]*=[ \t]*(\S+)/im.exec(relay) ?? []);
  const text = (signal ?? bodyOf(info, "application/dtmf") ?? "").trim().toUpperCase();
  // Some phones send the event number instead of the key.
  const key = text === "10" ? "*" : text === "11" ? "#" : text;
  return isDigit(key) ? key : undefined;
}

/**
 * Joins the two ways in which a phone can send its keys. A phone that sends each key both ways is heard once:
 * the way of its first key is its way for the rest of the call.
 */
export class Digits {
  readonly #keys = new Channel<Digit>();
  #way: "rtp" | "info" | undefined;

  get stream(): AsyncIterable<Digit> {
    return this.#keys;
  }

  take(way: "rtp" | "info", digit: Digit): void {
    this.#way ??= way;
    if (this.#way === way) this.#keys.push(digit);
  }

  close(): void {
    this.#keys.close();
  }
}
