import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerOffer, buildOffer, formatSdp, parseSdp, readAnswer, type SessionDescription } from "./index.ts";

const local = { address: "192.0.2.9", port: 10_000, sessionId: "5", version: 3 };

const read = (...lines: string[]): SessionDescription => {
  const session = parseSdp(["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", ...lines].join("\r\n"));
  if (!session) throw new Error("it was not read");
  return session;
};

/** What we answer, as text, and what we then know of the far end. */
function answered(offer: SessionDescription) {
  const negotiation = answerOffer(offer, local);
  return negotiation.type === "agreed" ? { text: formatSdp(negotiation.answer), remote: negotiation.remote } : negotiation;
}

describe("answering", () => {
  test("takes A-law before mu-law, and the offer's own number for telephone events", () => {
    const { text, remote } = answered(read("m=audio 4000 RTP/AVP 0 18 8 97", "a=rtpmap:97 telephone-event/8000")) as ReturnType<
      typeof answered
    > & { text: string; remote: object };
    expect(text).toBe(
      [
        "v=0",
        "o=- 5 3 IN IP4 192.0.2.9",
        "s=-",
        "c=IN IP4 192.0.2.9",
        "t=0 0",
        "m=audio 10000 RTP/AVP 8 97",
        "a=rtpmap:8 PCMA/8000",
      ]
        .concat(["a=rtpmap:97 telephone-event/8000", "a=fmtp:97 0-15", "a=ptime:20", "a=sendrecv", ""])
        .join("\r\n"),
    );
    expect(remote).toEqual({
      address: "192.0.2.1",
      port: 4_000,
      codec: "PCMA",
      payloadType: 8,
      telephoneEvent: 97,
      send: true,
      receive: true,
    });
  });

  test.for([
    [[], [], true, true],
    [["a=sendonly"], [], false, true],
    [["a=recvonly"], [], true, false],
    [["a=inactive"], [], false, false],
    [["a=sendonly"], ["a=sendrecv"], true, true],
    [[], ["c=IN IP4 0.0.0.0"], false, true],
  ] as const)("session %j and media %j: send %s, receive %s", ([session, media, send, receive]) => {
    expect(answered(read(...session, "m=audio 4000 RTP/AVP 8", ...media))).toMatchObject({ remote: { send, receive } });
  });

  test("the address of the stream counts before that of the session, IPv6 too", () => {
    expect(answered(read("m=audio 4000 RTP/AVP 8", "c=IN IP6 2001:db8::1"))).toMatchObject({
      remote: { address: "2001:db8::1" },
    });
  });

  test("every stream of the offer is answered in its place, those that are not spoken with port 0", () => {
    const { text } = answered(
      read("m=video 4 RTP/AVP 31", "m=audio 6 RTP/SAVP 8", "m=audio 4000 RTP/AVP 8", "m=audio 8 RTP/AVP 8"),
    ) as { text: string };
    expect(text.split("\r\n").filter((line) => line.startsWith("m="))).toEqual([
      "m=video 0 RTP/AVP 31",
      "m=audio 0 RTP/SAVP 8",
      "m=audio 10000 RTP/AVP 8",
      "m=audio 0 RTP/AVP 8",
    ]);
  });

  test.for([
    ["m=video 4 RTP/AVP 31"],
    ["m=image 4 udptl t38"],
    ["m=audio 4 RTP/AVP 18"],
    ["m=audio 0 RTP/AVP 8"],
    ["m=audio 4 RTP/AVP 8", "c=IN IP4 some.name"],
    [],
  ])("%j is refused", (media) => {
    expect(answered(read(...media))).toMatchObject({ type: "refused" });
  });
});

test("our own offer is answered by ourselves with A-law both ways", () => {
  const offer = buildOffer(local);
  const negotiation = answerOffer(parseSdp(formatSdp(offer)) ?? offer, { ...local, port: 20_000 });
  if (negotiation.type !== "agreed") throw new Error("refused");
  expect(readAnswer(negotiation.answer)).toEqual({
    address: "192.0.2.9",
    port: 20_000,
    codec: "PCMA",
    payloadType: 8,
    telephoneEvent: 101,
    send: true,
    receive: true,
  });
});

test("an answer that leaves mu-law first means mu-law, and one that refuses the stream means nothing", () => {
  expect(readAnswer(read("m=audio 4000 RTP/AVP 0 8"))?.payloadType).toBe(0);
  expect(readAnswer(read("m=audio 0 RTP/AVP 8"))).toBeUndefined();
  expect(readAnswer(read())).toBeUndefined();
});

test.for([
  "",
  "hello",
  "v=1",
  "v=0\r\ns=-",
  "v=0\r\no=- 1 1 IN IP4 a\r\nm=audio",
  "v=0\r\no=- 1 1 IN IP4 a\r\nm=audio 99999 RTP/AVP 8",
  "v=0\r\no=- 1 1 ATM X a",
  "v=0\r\nnonsense",
])("%j is no description", (text) => {
  expect(parseSdp(text)).toBeUndefined();
});

test("no text makes reading throw, and whatever is read and answered can be read again", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "v=0",
      "o=- 1 1 IN IP4 192.0.2.1",
      "c=IN IP4 192.0.2.1",
      "m=audio 4 RTP/AVP 8 101",
      "m=video 4 RTP/AVP 31",
      "a=sendonly",
      "a=rtpmap:101 telephone-event/8000",
    ),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
      const session = parseSdp(["v=0", "o=- 1 1 IN IP4 192.0.2.1", ...lines].join("\r\n"));
      const negotiation = session && answerOffer(session, local);
      if (negotiation?.type === "agreed") expect(parseSdp(formatSdp(negotiation.answer))).toEqual(negotiation.answer);
    }),
  );
});
