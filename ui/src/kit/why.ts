import type { CallMoment, CallWhy, LegWhy, SignallingMessage } from "@sitebox/core/contract";

/** One line of the merged timeline. */
export type WhyLine =
  | { readonly kind: "moment"; readonly at: number; readonly moment: CallMoment }
  | { readonly kind: "message"; readonly at: number; readonly message: SignallingMessage; readonly leg: LegWhy | undefined }
  /** What was wrong with a leg's sound, where its beginning is known. */
  | { readonly kind: "media"; readonly at: number; readonly leg: LegWhy; readonly reason: LegWhy["reasons"][number] };

export interface WhyFilter {
  readonly moments: boolean;
  readonly messages: boolean;
  /** Of one leg only. */
  readonly leg?: string | undefined;
}

const rank = { media: 0, message: 1, moment: 2 } as const;

/** What was decided, said over the wire and heard, in the order in which it happened: what caused something stands before it. */
export function whyLines({ call, moments, wire, legs }: CallWhy, filter: WhyFilter): WhyLine[] {
  const legOf = new Map(legs.flatMap((leg) => (leg.wireId === undefined ? [] : [[leg.wireId, leg] as const])));
  const lines: WhyLine[] = [];
  if (filter.moments && filter.leg === undefined)
    for (const moment of moments) lines.push({ kind: "moment", at: call.startedAt + moment.atMs, moment });
  if (filter.messages)
    for (const message of wire) {
      const leg = message.wireId === undefined ? undefined : legOf.get(message.wireId);
      if (filter.leg === undefined || leg?.id === filter.leg) lines.push({ kind: "message", at: message.at, message, leg });
    }
  for (const leg of legs)
    for (const reason of leg.reasons)
      if (reason.sinceAt !== undefined && (filter.leg === undefined || filter.leg === leg.id))
        lines.push({ kind: "media", at: reason.sinceAt, leg, reason });
  return lines.sort((a, b) => a.at - b.at || rank[a.kind] - rank[b.kind]);
}

/** "good" from 4, "fair" from 3.1, worse is "poor" (ITU-T G.107, Annex B). */
export function mosGrade(mos: number): "good" | "fair" | "poor" {
  if (mos >= 4) return "good";
  return mos >= 3.1 ? "fair" : "poor";
}

/** Lost of what should have come, in percent with one digit. */
export const lossPercent = ({ receivedPackets, lostPackets }: { receivedPackets: number; lostPackets: number }): number =>
  receivedPackets + lostPackets === 0 ? 0 : Math.round((1_000 * lostPackets) / (receivedPackets + lostPackets)) / 10;

/** "12:01:03.120", in the reader's own time zone. */
export function preciseTime(at: number): string {
  const date = new Date(at);
  const two = (value: number, width = 2) => String(value).padStart(width, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}
