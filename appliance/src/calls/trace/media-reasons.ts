import type { CallLeg, CallLegStats, CallMoment, MediaReason } from "@sitebox/core/contract";

/** From here on people notice. */
const NOTICED_LOSS_PERCENT = 2;
const NOTICED_JITTER_MS = 40;
/** A leg's far end is not expected to send within so long of its answer. */
const FIRST_PACKET_MS = 2_000;
const STOPPED_MS = 5_000;

/** What was wrong with a leg's sound, as far as its figures and the call's moments tell. `nowAt` stands in for the end of a leg that is up. */
export function mediaReasons(leg: CallLeg, moments: readonly CallMoment[], nowAt: number): MediaReason[] {
  const { stats, answeredAt } = leg;
  if (!stats || answeredAt === undefined) return [];
  const endAt = leg.endedAt ?? nowAt;
  const reasons: MediaReason[] = [];
  const device = deviceOf(leg);
  const from = device === undefined ? expectedFrom(leg, moments) : { from: device };
  if (stats.receivedPackets === 0 && endAt - answeredAt > FIRST_PACKET_MS)
    return [{ code: device === undefined ? "no-rtp" : "no-sound", sinceAt: answeredAt, ...from }, ...farReasons(stats)];
  if (stats.quietMs !== undefined && stats.quietMs > STOPPED_MS)
    reasons.push({ code: device === undefined ? "rtp-stopped" : "sound-stopped", sinceAt: endAt - stats.quietMs, ...from });
  const expected = stats.receivedPackets + stats.lostPackets;
  const loss = expected === 0 ? 0 : (100 * stats.lostPackets) / expected;
  if (loss >= NOTICED_LOSS_PERCENT)
    reasons.push({ code: device === undefined ? "loss" : "gaps", value: tenths(loss), ...(device && from) });
  return [...reasons, ...farReasons(stats)];
}

/** What the network on the way did. */
function farReasons({ remoteLossPercent = 0, jitterMs }: CallLegStats): MediaReason[] {
  const reasons: MediaReason[] = [];
  if (remoteLossPercent >= NOTICED_LOSS_PERCENT) reasons.push({ code: "far-loss", value: tenths(remoteLossPercent) });
  if (jitterMs >= NOTICED_JITTER_MS) reasons.push({ code: "jitter", value: tenths(jitterMs) });
  return reasons;
}

/**
 * The line, or the telephone, whose device has the sound, with no network on the way: a modem, a card. Signalling over a network has a peer, and
 * sound over one goes somewhere.
 */
const deviceOf = ({ line, number, peer, stats }: CallLeg): string | undefined =>
  peer === undefined && stats?.remote === undefined ? (line ?? number) : undefined;

/** Where its sound should have come from: as the timeline says, or where ours went. */
function expectedFrom({ id, stats }: CallLeg, moments: readonly CallMoment[]): { readonly from?: string } {
  const told = moments.findLast(({ data }) => data?.leg === id && (data.event === "quiet" || data.event === "given-up"));
  // Without an address the timeline names the side, which the leg does already.
  const said = typeof told?.data?.from === "string" && told.data.from.includes(":") ? told.data.from : undefined;
  const from = said ?? stats?.remote;
  return from === undefined ? {} : { from };
}

const tenths = (value: number) => Math.round(value * 10) / 10;
