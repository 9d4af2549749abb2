import { randomInt } from "node:crypto";
import type { Digit, RtpPort } from "../../line/index.ts";
import { answerOffer, buildOffer, formatSdp, parseSdp, readAnswer } from "../sdp/index.ts";
import { Digits } from "./digits.ts";

export const SDP_TYPE = "application/sdp";

/** The sound of one call: its RTP session, and the offers and answers about it (RFC 3264). */
export class CallMedia implements AsyncDisposable {
  readonly port: RtpPort;
  readonly #digits = new Digits();
  readonly #sessionId = String(randomInt(1, 2 ** 47));
  readonly #listening: Promise<void>;
  #version = 0;
  #last = "";

  constructor(port: RtpPort) {
    this.port = port;
    this.#listening = this.#listen();
  }

  get digits(): AsyncIterable<Digit> {
    return this.#digits.stream;
  }

  /** A key that came in an INFO. */
  pressed(digit: Digit): void {
    this.#digits.take("info", digit);
  }

  /** Our proposal, as a peer that reaches us at `address` is to read it. */
  offer(address: string): string {
    return this.#state((version) => formatSdp(buildOffer(this.#local(address, version))));
  }

  /** Agrees to what the far end proposes and lets sound flow; undefined when there is nothing to agree on. */
  answer(offerText: string, address: string): string | undefined {
    const offer = parseSdp(offerText);
    const negotiation = offer && answerOffer(offer, this.#local(address, this.#version));
    if (!offer || negotiation?.type !== "agreed") return undefined;
    this.port.connect(negotiation.remote);
    return this.#state((version) =>
      formatSdp({ ...negotiation.answer, origin: { ...negotiation.answer.origin, version: String(version) } }),
    );
  }

  /** Takes the far end's answer to our proposal; false when it agrees to nothing that we can speak. */
  accept(answerText: string): boolean {
    const answer = parseSdp(answerText);
    const remote = answer && readAnswer(answer);
    if (remote) this.port.connect(remote);
    return remote !== undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.port[Symbol.asyncDispose]();
    this.#digits.close();
    await this.#listening;
  }

  async #listen(): Promise<void> {
    for await (const digit of this.port.digits) this.#digits.take("rtp", digit);
  }

  #local(address: string, version: number) {
    return { address, port: this.port.localPort, sessionId: this.#sessionId, version };
  }

  /** A description that says the same as the last keeps its version; another gets the next (RFC 3264 §8). */
  #state(write: (version: number) => string): string {
    const same = write(this.#version);
    if (same === this.#last) return same;
    this.#version += 1;
    this.#last = write(this.#version);
    return this.#last;
  }
}

/** Whether an offer has anything for us, without opening a port for it. */
export function isAnswerable(offerText: string): boolean {
  const offer = parseSdp(offerText);
  const nowhere = { address: "0.0.0.0", port: 9, sessionId: "0", version: 0 };
  return offer !== undefined && answerOffer(offer, nowhere).type === "agreed";
}
