import { type CallWhy, CallWhy as CallWhySchema, type CallWithMoments, type SignallingMessage } from "@sitebox/core/contract";

const BOX = "192.168.1.10:5060";
const CARRIER = "203.0.113.20:5060";
const PHONE = "192.168.1.31:5060";

type Step = readonly [atMs: number, direction: "in" | "out", peer: string, start: string, cseq: string];

const steps: readonly Step[] = [
  [0, "in", CARRIER, "INVITE sip:8000@192.168.1.10 SIP/2.0", "1 INVITE"],
  [4, "out", CARRIER, "SIP/2.0 100 Trying", "1 INVITE"],
  [380, "out", CARRIER, "SIP/2.0 200 OK", "1 INVITE"],
  [402, "in", CARRIER, "ACK sip:8000@192.168.1.10:5060 SIP/2.0", "1 ACK"],
  [12_900, "out", PHONE, "INVITE sip:8001@192.168.1.31:5060 SIP/2.0", "1 INVITE"],
  [12_960, "in", PHONE, "SIP/2.0 180 Ringing", "1 INVITE"],
  [15_200, "in", PHONE, "SIP/2.0 486 Busy Here", "1 INVITE"],
  [15_204, "out", PHONE, "ACK sip:8001@192.168.1.31:5060 SIP/2.0", "1 ACK"],
  [23_900, "out", CARRIER, "BYE sip:13857126640@203.0.113.20:5060 SIP/2.0", "2 BYE"],
  [23_925, "in", CARRIER, "SIP/2.0 200 OK", "2 BYE"],
];

/** A recorded call with the signalling of its two legs; the carrier's sound stopped for a while. */
export function recordedWhy({ moments, legs: _, ...call }: CallWithMoments): CallWhy {
  const wireIdOf = (peer: string) => (peer === CARRIER ? "a84b4c76e66710@203.0.113.20" : "7f3c2d9e@192.168.1.10");
  const wire = steps.map(([atMs, direction, peer, start, cseq]): SignallingMessage => {
    const status = /^SIP\/2\.0 (\d{3})/.exec(start)?.[1];
    const method = cseq.split(" ")[1] ?? "";
    return {
      at: call.startedAt + atMs,
      direction,
      transport: "udp",
      local: BOX,
      remote: peer,
      wireId: wireIdOf(peer),
      label: status === undefined ? method : `${status} ${method}`,
      ...(status !== undefined && { status: Number(status) }),
      text: [
        start,
        `Via: SIP/2.0/UDP ${direction === "in" ? peer : BOX};branch=z9hG4bK776asdhds;rport`,
        `From: <sip:${call.callerNumber}@203.0.113.20>;tag=1928301774`,
        "To: <sip:8000@192.168.1.10>;tag=a6c85cf",
        `Call-ID: ${wireIdOf(peer)}`,
        `CSeq: ${cseq}`,
        "Max-Forwards: 70",
        "Content-Length: 0",
        "",
        "",
      ].join("\r\n"),
    };
  });
  const because = ["来自外线「电信」，被叫 8000", "8000 是服务号码：由语音助手接听"];
  return CallWhySchema.parse({
    call,
    moments: [{ atMs: 6, type: "decision", text: "语音助手接听", data: { because } }, ...moments],
    wire,
    legs: [
      {
        id: "leg-1",
        number: call.callerNumber,
        direction: "in",
        line: "电信",
        startedAt: call.startedAt,
        answeredAt: call.startedAt + 400,
        endedAt: call.startedAt + 23_900,
        cause: "normal",
        wireId: wireIdOf(CARRIER),
        peer: CARRIER,
        codec: "PCMA",
        secure: false,
        stats: {
          receivedPackets: 1_082,
          sentPackets: 1_174,
          lostPackets: 31,
          jitterMs: 6.2,
          mos: 3.8,

          quietMs: 6_100,
        },
        reasons: [
          { code: "rtp-stopped", from: "203.0.113.20:16384", sinceAt: call.startedAt + 17_800 },
          { code: "loss", value: 2.8 },
        ],
      },
      {
        id: "leg-2",
        number: "8001",
        direction: "out",
        startedAt: call.startedAt + 12_900,
        endedAt: call.startedAt + 15_200,
        cause: "busy",
        wireId: wireIdOf(PHONE),
        peer: PHONE,
        codec: "PCMA",
        secure: true,
        reasons: [],
      },
    ],
  });
}
