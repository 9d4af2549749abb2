import type { CallWhy, LegWhy } from "@sitebox/core/contract";
import { locales, type WordKey } from "./locales/index.ts";

type Facts = Readonly<Record<string, string | number | undefined>>;
type Say = (key: WordKey, facts?: Facts) => string;

/** Why a call went as it did, to be sent to somebody who has no page: timeline, legs, ladder, and every message in full. */
export function whyText({ call, moments, legs, wire }: CallWhy, language: "zh-CN" | "en"): string {
  const say: Say = (key, facts = {}) =>
    locales[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? "-"));
  return [
    say("call", { id: call.id }),
    say("from", { caller: call.callerNumber || "-", dialled: call.dialled || "-", startedAt: dateTime(call.startedAt) }),
    "",
    `== ${say("timeline")}`,
    ...moments.map(({ atMs, type, text }) => `${time(call.startedAt + atMs)}  ${type.padEnd(8)}  ${text}`),
    "",
    `== ${say("legs")}`,
    ...legs.flatMap((leg) => legLines(leg, say)),
    "",
    `== ${say("ladder")}`,
    ...wire.map(({ at, direction, label, remote, transport }) =>
      [time(at), direction === "in" ? "<-" : "->", label.padEnd(16), `${remote} ${transport}`].join("  "),
    ),
    "",
    `== ${say("messages")}`,
    ...wire.flatMap(({ at, direction, remote, text }) => [
      `---- ${time(at)} ${direction === "in" ? "<-" : "->"} ${remote}`,
      text.replaceAll("\r\n", "\n").trimEnd(),
      "",
    ]),
  ].join("\n");
}

function legLines(leg: LegWhy, say: Say): string[] {
  const { stats } = leg;
  return [
    say("leg", {
      number: leg.number || "-",
      direction: say(leg.direction),
      line: leg.line,
      peer: leg.peer,
      codec: leg.codec,
      secure: leg.secure === undefined ? undefined : say(leg.secure ? "yes" : "no"),
      startedAt: time(leg.startedAt),
      endedAt: leg.endedAt && time(leg.endedAt),
      cause: leg.cause,
    }),
    ...(stats
      ? [
          say("media", {
            received: stats.receivedPackets,
            sent: stats.sentPackets,
            lost: stats.lostPackets,
            jitter: stats.jitterMs,
            mos: stats.mos,
          }),
        ]
      : []),
    ...leg.reasons.map(({ code, from, sinceAt, value }) =>
      say(code, { from: from ?? leg.peer, since: sinceAt && time(sinceAt), value }),
    ),
  ];
}

/** In the box's own time zone, as its site reads the clock. */
const two = (value: number, width = 2) => String(value).padStart(width, "0");
function time(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}
function dateTime(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time(at)}`;
}
