import { randomBytes, randomInt } from "node:crypto";
import type { SipConfig } from "@sitebox/core/contract";
import type { AudioCodec, Digit, RtpPort, RtpRemote } from "../../line/index.ts";
import {
  type Agreement,
  formatSdp,
  KEY_BYTES,
  type LocalAudio,
  makeAnswer,
  makeOffer,
  type OfferAnswer,
  parseSdp,
  rollback,
  startOfferAnswer,
  staticNumber,
  takeAnswer,
  takeOffer,
} from "../sdp/index.ts";
import { Digits } from "./digits.ts";

export const SDP_TYPE = "application/sdp";

/** A-law first: nothing between a site and its lines is then converted. */
const CODECS: readonly AudioCodec[] = ["PCMA", "PCMU", "G722"];
const PACKET_MS = 20;

type SrtpConfig = SipConfig["srtp"];

export interface OfferOptions {
  /** Nobody on the way can read our signalling, so keys may be in it. */
  readonly secure?: boolean;
  /** The far end takes nothing but SRTP (it refused plain RTP with keys beside it), so nothing else is offered; unless SRTP is off. */
  readonly onlySecure?: boolean;
  /** The far end asked for an offer instead of making one, perhaps for another peer: nothing of before is taken for granted. */
  readonly anew?: boolean;
  /** Nothing is to change: only what was spoken of before is proposed, so that the description keeps its version (RFC 4028 §7.4). */
  readonly same?: boolean;
}

/** The sound of one call: its RTP session, and the offers and answers about it (RFC 3264). */
export class CallMedia implements AsyncDisposable {
  readonly port: RtpPort;
  readonly #srtp: SrtpConfig;
  readonly #digits = new Digits();
  readonly #listening: Promise<void>;
  /** Our offers that may still be answered, by their text: telephones that ring together have one each. */
  readonly #open = new Map<string, OfferAnswer>();
  #session: OfferAnswer = startOfferAnswer(String(randomInt(1, 2 ** 47)));
  #holding = false;

  constructor(port: RtpPort, options: { readonly srtp: SrtpConfig }) {
    this.port = port;
    this.#srtp = options.srtp;
    this.#listening = this.#listen();
  }

  get digits(): AsyncIterable<Digit> {
    return this.#digits.stream;
  }

  /** What was agreed last; undefined before. */
  get remote(): RtpRemote | undefined {
    return this.#session.agreed?.remote;
  }

  /** Whether the far end has us on hold, in whatever way it says so. */
  get held(): boolean {
    return this.#session.agreed?.held ?? false;
  }

  /** Whether our descriptions tell the far end to wait: we only send. */
  get holding(): boolean {
    return this.#holding;
  }

  /** Changes what our next description says. */
  hold(on: boolean): void {
    this.#holding = on;
  }

  /** A key that came in an INFO. */
  pressed(digit: Digit): void {
    this.#digits.take("info", digit);
  }

  /** Our proposal, as a peer that reaches us at `address` is to read it. The caller sees to it that no other offer is open. */
  offer(address: string, { secure = false, onlySecure = false, anew = false, same = false }: OfferOptions = {}): string {
    const local = this.#local(address, secure, onlySecure);
    const wanted = same ? { ...local, codecs: local.codecs.filter((codec) => this.#spokenOf(codec)) } : local;
    const made = makeOffer(rollback(this.#session), wanted, { anew });
    if (made.type === "glare") throw new Error("an offer is open");
    const text = formatSdp(made.offer);
    // Before the first agreement every telephone that rings is offered the same session; later each offer counts on from the last.
    if (this.#session.agreed) {
      this.#open.clear();
      this.#session = rollback(made.next);
    }
    this.#open.set(text, made.next);
    return text;
  }

  /** Agrees to what the far end proposes and lets sound flow; undefined when there is nothing to agree on. */
  answer(offerText: string, address: string): string | undefined {
    const offer = parseSdp(offerText);
    const local = this.#local(address, false);
    const taken = offer && takeOffer(this.#session, offer, local);
    const made = taken?.type === "taken" ? makeAnswer(taken.next, local) : undefined;
    if (made?.type !== "answered") return undefined;
    this.#agree(made.next, made.agreement);
    return formatSdp(made.answer);
  }

  /**
   * Takes the far end's answer; false when it agrees to nothing that we can speak, and then everything is as before the offer.
   * @param toOffer our offer that it answers, where several telephones were offered; the last one otherwise.
   */
  accept(answerText: string, toOffer = [...this.#open.keys()].at(-1)): boolean {
    const answer = parseSdp(answerText);
    const offered = this.#open.get(toOffer ?? "");
    const taken = answer && offered && takeAnswer(offered, answer);
    if (taken?.type !== "agreed") return false;
    this.#agree(taken.next, taken.agreement);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.port[Symbol.asyncDispose]();
    this.#digits.close();
    await this.#listening;
  }

  async #listen(): Promise<void> {
    for await (const digit of this.port.digits) this.#digits.take("rtp", digit);
  }

  #agree(next: OfferAnswer, { remote }: Agreement): void {
    this.#session = next;
    this.port.connect(remote);
  }

  /** Whether our last agreed description had the codec. */
  #spokenOf(codec: AudioCodec): boolean {
    const { agreed } = this.#session;
    const formats = agreed?.local.media[agreed.index]?.formats ?? [];
    return codec === agreed?.remote.codec || formats.includes(String(staticNumber(codec)));
  }

  #local(address: string, secure: boolean, onlySecure = false): LocalAudio {
    const srtp = onlySecure && this.#srtp !== "off" ? "require" : this.#srtp;
    // While we hold we may still send, e.g. music (RFC 3264 §8.4).
    return {
      ...localAudio(address, srtp, secure),
      port: this.port.localPort,
      direction: this.#holding ? "sendonly" : "sendrecv",
    };
  }
}

function localAudio(address: string, srtp: SrtpConfig, secure: boolean): LocalAudio {
  return {
    address,
    port: 9,
    codecs: CODECS,
    srtp: srtp === "prefer" && !secure ? "accept" : srtp,
    packetMs: PACKET_MS,
    direction: "sendrecv",
    newKey: () => new Uint8Array(randomBytes(KEY_BYTES)),
  };
}

/** Whether an offer has anything for us, without opening a port for it. */
export function isAnswerable(offerText: string, srtp: SrtpConfig): boolean {
  const offer = parseSdp(offerText);
  return offer !== undefined && takeOffer(startOfferAnswer("0"), offer, localAudio("0.0.0.0", srtp, false)).type === "taken";
}
