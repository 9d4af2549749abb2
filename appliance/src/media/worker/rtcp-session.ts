import type { ReceptionReport } from "./reception.ts";
import { formatRtcp, type Rtcp, type SenderInfo } from "./rtcp-packet.ts";

/** The least time between reports, and before the first (RFC 3550 §6.2). With two members their bandwidth would allow more than that. */
const INTERVAL_MS = 5_000;
const FIRST_MS = INTERVAL_MS / 2;
/** Makes up for the reconsideration of timers, which with two members has nothing to reconsider (§6.3.1). */
const COMPENSATION = Math.E - 1.5;

export interface Sent {
  /** The RTP time of what is sent now. */
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}

interface Deps {
  readonly ssrc: number;
  /** The same in all sessions of a participant, and telling nothing of him (RFC 7022 §4.2). */
  readonly cname: string;
  /** 0 to 1, evenly: reports of several sessions are not to fall together. */
  readonly random: () => number;
}

/** One side of a session's RTCP: when to report and what, and what the far end's reports tell. */
export class RtcpSession {
  readonly #deps: Deps;
  #dueAt: number | undefined;
  #packetsAtReport: readonly [number, number] = [0, 0];
  #reported = false;
  #lastReport: { readonly middle: number; readonly at: number } | undefined;
  /** The way there and back, in ms. */
  rttMs: number | undefined;
  /** What the far end says it has lost of ours in all. */
  remoteLossPercent: number | undefined;
  /** How unevenly ours arrive there, in ms. */
  remoteJitterMs: number | undefined;
  #remoteFirst: number | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Whether it is time for a report; the first call starts the time running. */
  isDue(now: number): boolean {
    this.#dueAt ??= now + this.#interval(FIRST_MS);
    return now >= this.#dueAt;
  }

  /** A report to be sent now. */
  report(now: number, sent: Sent, reception: ReceptionReport | undefined): Buffer {
    this.#dueAt = now + this.#interval(INTERVAL_MS);
    return this.#format(now, sent, reception, false);
  }

  /** The farewell, where anything was ever sent (RFC 3550 §6.3.7). */
  farewell(now: number, sent: Sent, reception: ReceptionReport | undefined): Buffer | undefined {
    return this.#reported || sent.packets > 0 ? this.#format(now, sent, reception, true) : undefined;
  }

  /** Takes what the far end reports. `firstSequence` is the number of our first packet. */
  take({ sent, blocks }: Rtcp, now: number, firstSequence: number): void {
    if (sent) this.#lastReport = { middle: middleOf(sent), at: now };
    const block = blocks.find(({ ssrc }) => ssrc === this.#deps.ssrc);
    if (!block) return;
    this.#remoteFirst ??= firstSequence;
    const expected = block.highest - this.#remoteFirst + 1;
    // What it missed before its first packet is not its loss, so it may count fewer than we sent.
    if (expected > 0) this.remoteLossPercent = Math.max(0, Math.min(100, (100 * block.cumulativeLost) / expected));
    this.remoteJitterMs = block.jitter / 8;
    if (block.lastReport === 0) return;
    const rtt = (middleOf(timeOf(now)) - block.lastReport - block.delay) | 0;
    if (rtt >= 0) this.rttMs = (rtt * 1_000) / 65_536;
  }

  #format(now: number, sent: Sent, reception: ReceptionReport | undefined, leaves: boolean): Buffer {
    // Whoever has sent in the last two intervals is a sender (§6.4).
    const isSender = sent.packets > this.#packetsAtReport[0];
    this.#packetsAtReport = [this.#packetsAtReport[1], sent.packets];
    this.#reported = true;
    const last = this.#lastReport;
    const delay = last ? Math.round(((now - last.at) * 65_536) / 1_000) : 0;
    const block = reception && { ...reception, lastReport: last?.middle ?? 0, delay };
    const { ssrc, cname } = this.#deps;
    return formatRtcp(
      { ssrc, ...(isSender && { sent: { ...timeOf(now), ...sent } }), blocks: block ? [block] : [], leaves },
      cname,
    );
  }

  #interval(ms: number): number {
    return (ms * (0.5 + this.#deps.random())) / COMPENSATION;
  }
}

function timeOf(now: number): Pick<SenderInfo, "seconds" | "fraction"> {
  const seconds = Math.floor(now / 1_000);
  return { seconds: seconds >>> 0, fraction: Math.floor((now / 1_000 - seconds) * 2 ** 32) };
}

/** The middle 32 bits of an NTP time: 1/65536 s. */
const middleOf = ({ seconds, fraction }: Pick<SenderInfo, "seconds" | "fraction">) =>
  ((seconds & 0xffff) * 65_536 + (fraction >>> 16)) >>> 0;
