import type { CallLeg, CallMoment, MediaReason } from "@sitebox/core/contract";

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
  const from = expectedFrom(leg, moments);
  if (stats.receivedPackets === 0 && endAt - answeredAt > FIRST_PACKET_MS)
    reasons.push({ code: "no-rtp", sinceAt: answeredAt, ...from });
  else if (stats.quietMs !== undefined && stats.quietMs > STOPPED_MS)
    reasons.push({ code: "rtp-stopped", sinceAt: endAt - stats.quietMs, ...from });
  const expected = stats.receivedPackets + stats.lostPackets;
  const loss = expected === 0 ? 0 : (100 * stats.lostPackets) / expected;
  if (loss >= NOTICED_LOSS_PERCENT) reasons.push({ code: "loss", value: tenths(loss) });
  if ((stats.remoteLossPercent ?? 0) >= NOTICED_LOSS_PERCENT)
    reasons.push({ code: "far-loss", value: tenths(stats.remoteLossPercent ?? 0) });
  if (stats.jitterMs >= NOTICED_JITTER_MS) reasons.push({ code: "jitter", value: tenths(stats.jitterMs) });
  return reasons;
}

/** Where its sound should have come from: as the timeline says, or where ours went. */
function expectedFrom({ id, stats }: CallLeg, moments: readonly CallMoment[]): { readonly from?: string } {
  const told = moments.findLast(({ data }) => data?.leg === id && (data.event === "quiet" || data.event === "given-up"));
  // Without an address the timeline names the side, which the leg does already.
  const said = typeof told?.data?.from === "string" && told.data.from.includes(":") ? told.data.from : undefined;
  const from = said ?? stats?.remote;
  return from === undefined ? {} : { from };
}

const tenths = (value: number) => Math.round(value * 10) / 10;
