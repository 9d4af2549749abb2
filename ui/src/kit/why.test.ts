import { CallWhy } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { lossPercent, mosGrade, preciseTime, whyLines } from "./why.ts";

const message = (at: number, label: string, wireId: string) => ({
  at,
  direction: "in",
  transport: "udp",
  local: "10.0.0.1:5060",
  remote: "10.0.0.7:5060",
  wireId,
  label,
  text: label,
});
const why = CallWhy.parse({
  call: {
    id: "c1",
    channel: "phone",
    callerNumber: "806",
    dialled: "8000",
    state: "ended",
    startedAt: 1_000,
    ticketIds: [],
    hasRecording: false,
  },
  moments: [
    { atMs: 10, type: "decision", text: "assistant" },
    { atMs: 500, type: "said", text: "您好" },
  ],
  wire: [message(1_000, "INVITE", "w1"), message(1_010, "200 INVITE", "w1"), message(1_200, "INVITE", "w2")],
  legs: [
    { id: "l1", number: "806", direction: "in", startedAt: 1_000, wireId: "w1", reasons: [{ code: "loss", value: 3 }] },
    {
      id: "l2",
      number: "8001",
      direction: "out",
      startedAt: 1_200,
      wireId: "w2",
      reasons: [{ code: "no-rtp", sinceAt: 1_300, from: "10.0.0.7:4000" }],
    },
  ],
});
const told = (filter: Parameters<typeof whyLines>[1]) =>
  whyLines(why, filter).map((line) => {
    if (line.kind === "moment") return line.moment.text;
    return line.kind === "message" ? `${line.message.label} ${line.leg?.number}` : line.reason.code;
  });

describe("why a call went as it did", () => {
  it("puts what was decided, sent and heard in the order in which it happened", () => {
    const all = ["INVITE 806", "200 INVITE 806", "assistant", "INVITE 8001", "no-rtp", "您好"];
    expect(told({ moments: true, messages: true })).toEqual(all);
    expect(told({ moments: false, messages: true })).toEqual(all.filter((text) => text !== "assistant" && text !== "您好"));
    expect(told({ moments: true, messages: true, leg: "l2" })).toEqual(["INVITE 8001", "no-rtp"]);
  });

  it("grades what was heard", () => {
    expect([4.3, 3.5, 2].map(mosGrade)).toEqual(["good", "fair", "poor"]);
    expect(lossPercent({ receivedPackets: 970, lostPackets: 30 })).toBe(3);
    expect(lossPercent({ receivedPackets: 0, lostPackets: 0 })).toBe(0);
    expect(preciseTime(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe("03:04:05.006");
  });
});
