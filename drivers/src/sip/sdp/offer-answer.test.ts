import { describe, expect, test } from "vitest";
import { described, localAudio } from "./ends.testing.ts";
import {
  formatSdp,
  makeAnswer,
  makeOffer,
  type OfferAnswer,
  rollback,
  startOfferAnswer,
  takeAnswer,
  takeOffer,
} from "./index.ts";

const fresh = () => startOfferAnswer("5");

/** What we answer and what is agreed; throws the refusal. */
function answered(offer: ReturnType<typeof described>, local = localAudio(), session: OfferAnswer = fresh()) {
  const taken = takeOffer(session, offer, local);
  if (taken.type !== "taken") throw new Error(taken.type === "refused" ? taken.reason : taken.type);
  const made = makeAnswer(taken.next, local);
  if (made.type !== "answered") throw new Error(made.type);
  return { ...made, text: formatSdp(made.answer), lines: mediaOf(made.answer) };
}

function offered(local = localAudio(), session: OfferAnswer = fresh(), options = {}) {
  const made = makeOffer(session, local, options);
  if (made.type !== "offered") throw new Error(made.type);
  return { ...made, text: formatSdp(made.offer), lines: mediaOf(made.offer) };
}

function accepted(session: OfferAnswer, answer: ReturnType<typeof described>) {
  const taken = takeAnswer(session, answer);
  if (taken.type !== "agreed") throw new Error(taken.type === "refused" ? taken.reason : taken.type);
  return taken;
}

const mediaOf = (description: ReturnType<typeof described>) =>
  formatSdp(description)
    .split("\r\n")
    .filter((line) => line.startsWith("m="));

const A_LAW = "m=audio 4000 RTP/AVP 8";

describe("an answer", () => {
  test("takes A-law before mu-law, and the offer's own number for telephone events", () => {
    const { text, agreement } = answered(described("m=audio 4000 RTP/AVP 0 18 8 97", "a=rtpmap:97 telephone-event/8000"));
    const head = ["v=0", "o=- 5 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0", "m=audio 10000 RTP/AVP 8 97"];
    const audio = ["a=rtpmap:8 PCMA/8000", "a=rtpmap:97 telephone-event/8000", "a=fmtp:97 0-15", "a=ptime:20", "a=sendrecv"];
    expect(text).toBe([...head, ...audio, ""].join("\r\n"));
    const remote = { address: "192.0.2.1", port: 4_000, codec: "PCMA", payloadType: 8, telephoneEvent: 97 };
    expect(agreement).toEqual({ remote: { ...remote, send: true, receive: true }, held: false });
  });

  test.for([
    ["m=audio 4000 RTP/AVP 9 8", "PCMA", 8],
    ["m=audio 4000 RTP/AVP 9", "G722", 9],
    ["m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 pcma/8000/1", "PCMA", 97],
    // Eight is something else here, and so nine is left.
    ["m=audio 4000 RTP/AVP 8 9\r\na=rtpmap:8 L16/8000", "G722", 9],
  ] as const)("%s is %s with number %s", ([line, codec, payloadType]) => {
    expect(answered(described(...line.split("\r\n"))).agreement.remote).toMatchObject({ codec, payloadType });
  });

  test("takes telephone events at 16 kHz from a peer that speaks G.722, and from no other", () => {
    const events = "a=rtpmap:98 telephone-event/16000";
    const wide = answered(described("m=audio 4000 RTP/AVP 9 98", events));
    expect([wide.agreement.remote.telephoneEvent, wide.text.includes(events)]).toEqual([98, true]);
    expect(answered(described("m=audio 4000 RTP/AVP 8 98", events)).agreement.remote.telephoneEvent).toBeUndefined();
    const both = answered(described("m=audio 4000 RTP/AVP 9 98 99", events, "a=rtpmap:99 telephone-event/8000"));
    expect(both.agreement.remote.telephoneEvent).toBe(99);
  });

  test("says every stream of the offer in its place, those that are not spoken with port 0", () => {
    const offer = described("m=video 4 RTP/AVP 31", "m=audio 6 RTP/SAVP 8", A_LAW, "m=audio 8 RTP/AVP 8", "m=image 5 udptl t38");
    expect(answered(offer).lines).toEqual([
      "m=video 0 RTP/AVP 31",
      "m=audio 0 RTP/SAVP 8",
      "m=audio 10000 RTP/AVP 8",
      "m=audio 0 RTP/AVP 8",
      "m=image 0 udptl t38",
    ]);
  });

  test("passes over lines of ICE, DTLS and bundles", () => {
    const session = ["a=group:BUNDLE a v", "a=ice-lite", "a=fingerprint:sha-256 00:11"];
    const audio = [A_LAW, "a=mid:a", "a=ice-ufrag:x", "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host", "a=setup:actpass"];
    const { lines } = answered(described(...session, ...audio, "m=video 0 RTP/AVP 31", "a=bundle-only", "a=mid:v"));
    expect(lines).toEqual(["m=audio 10000 RTP/AVP 8", "m=video 0 RTP/AVP 31"]);
  });

  test.for([
    ["a=ptime:30", 30],
    ["a=ptime:20", undefined],
    ["a=ptime:5", 10],
    ["a=ptime:240", 60],
    ["a=maxptime:10", 10],
    ["a=ptime:60\r\na=maxptime:40", 40],
    ["a=ptime:x", undefined],
  ] as const)("%j means packets of %s ms", ([line, packetMs]) => {
    expect(answered(described(A_LAW, ...line.split("\r\n"))).agreement.remote.packetMs).toBe(packetMs);
  });

  test.for([
    ["a=rtcp:5000", 5_000],
    ["a=rtcp:5000 IN IP4 192.0.2.1", 5_000],
    ["a=rtcp-mux", "muxed"],
    ["a=rtcp:0", undefined],
  ] as const)("%j means RTCP to %s", ([line, rtcp]) => {
    const { agreement, text } = answered(described(A_LAW, line));
    expect([agreement.remote.rtcp, text.includes("a=rtcp-mux")]).toEqual([rtcp, rtcp === "muxed"]);
  });

  test("the address of the stream counts before that of the session, IPv6 too", () => {
    expect(answered(described(A_LAW, "c=IN IP6 2001:db8::1")).agreement.remote.address).toBe("2001:db8::1");
  });

  test.for([
    ["m=video 4 RTP/AVP 31"],
    ["m=image 4 udptl t38"],
    ["m=audio 0 RTP/AVP 8", "m=image 4 udptl t38"],
    ["m=audio 4 RTP/AVP 18"],
    ["m=audio 0 RTP/AVP 8"],
    ["m=audio 4 UDP/TLS/RTP/SAVPF 8", "a=fingerprint:sha-256 00:11"],
    ["m=audio 4 RTP/AVP 8", "c=IN IP4 some.name"],
    [],
  ])("%j is refused with 488, and so it is in mid-call, where nothing changes", (media) => {
    const offer = described(...media);
    const first = fresh();
    expect(takeOffer(first, offer, localAudio())).toMatchObject({ type: "refused", status: 488, next: first });
    const { next } = answered(described(A_LAW));
    const silent = media.length === 1 && media[0] === "m=audio 0 RTP/AVP 8";
    if (!silent) expect(takeOffer(next, offer, localAudio())).toMatchObject({ type: "refused", status: 488, next });
  });
});

describe("hold", () => {
  test.for([
    ["a=sendonly", false, true, true],
    ["a=inactive", false, false, true],
    ["a=recvonly", true, false, false],
    ["a=sendrecv", true, true, false],
    ["c=IN IP4 0.0.0.0", false, true, true],
    ["c=IN IP4 0.0.0.0\r\na=inactive", false, false, true],
    ["c=IN IP6 ::", false, true, true],
  ] as const)("%j in mid-call: send %s, receive %s, held %s; and back again", ([line, send, receive, held]) => {
    const before = answered(described(A_LAW));
    const during = answered(described(A_LAW, ...line.split("\r\n")), localAudio(), before.next);
    expect(during.agreement).toMatchObject({ remote: { address: "192.0.2.1", send, receive }, held });
    expect(answered(described(A_LAW), localAudio(), during.next).agreement).toEqual(before.agreement);
  });

  test("the session's direction counts where the stream has none", () => {
    expect(answered(described("a=sendonly", A_LAW)).agreement.held).toBe(true);
    expect(answered(described("a=sendonly", A_LAW, "a=sendrecv")).agreement.held).toBe(false);
  });

  test("port 0 in mid-call silences both ways, and a port takes it back", () => {
    const before = answered(described(A_LAW));
    const during = answered(described("m=audio 0 RTP/AVP 8"), localAudio(), before.next);
    expect(during.lines).toEqual(["m=audio 0 RTP/AVP 8"]);
    expect(during.agreement).toMatchObject({ held: true, remote: { port: 4_000, send: false, receive: false } });
    expect(answered(described(A_LAW), localAudio(), during.next).agreement).toEqual(before.agreement);
  });

  test("ours says sendonly, and the far end that answers recvonly or nothing has not put us on hold", () => {
    const { next } = answered(described(A_LAW));
    const hold = offered(localAudio({ direction: "sendonly" }), next);
    expect(hold.text).toContain("a=sendonly");
    const { agreement } = accepted(hold.next, described(A_LAW, "a=recvonly"));
    expect(agreement).toMatchObject({ held: false, remote: { send: true, receive: false } });
    expect(accepted(hold.next, described(A_LAW, "a=inactive")).agreement.held).toBe(true);
    expect(accepted(hold.next, described("m=audio 0 RTP/AVP 8")).agreement.held).toBe(true);
  });

  test("their offer while we hold is answered sendonly, and inactive where they hold too", () => {
    const { next } = answered(described(A_LAW));
    const local = localAudio({ direction: "sendonly" });
    expect(answered(described(A_LAW), local, next).text).toContain("a=sendonly");
    const both = answered(described(A_LAW, "a=sendonly"), local, next);
    expect([both.text.includes("a=inactive"), both.agreement.held]).toEqual([true, true]);
  });

  test("an offer that leaves them nothing to say keeps what was known of their hold", () => {
    const { next } = answered(described(A_LAW, "a=sendonly"));
    const hold = offered(localAudio({ direction: "inactive" }), next);
    expect(accepted(hold.next, described(A_LAW, "a=inactive")).agreement.held).toBe(true);
  });
});

describe("an offer of ours", () => {
  test("names our codecs in order and telephone events", () => {
    expect(offered().lines).toEqual(["m=audio 10000 RTP/AVP 8 0 9 101"]);
  });

  test("keeps the streams that there were, in their places, and the numbers that they had (RFC 3264 §8)", () => {
    const { next } = answered(described("m=video 4 RTP/AVP 31", "m=audio 4000 RTP/AVP 0 101 96", "a=rtpmap:101 opus/48000/2"));
    expect(offered(localAudio(), next).lines).toEqual(["m=video 0 RTP/AVP 31", "m=audio 10000 RTP/AVP 0 8 9 96"]);
    const events = answered(described("m=audio 4000 RTP/AVP 0 8 97", "a=rtpmap:97 telephone-event/8000"));
    expect(offered(localAudio(), events.next).lines).toEqual(["m=audio 10000 RTP/AVP 8 0 9 97"]);
  });

  test("that says the same has the same version, and one that differs has the next", () => {
    const versionOf = (text: string) => /^o=- 5 ([0-9]+)/m.exec(text)?.[1];
    const first = offered();
    const { next } = accepted(first.next, described(A_LAW));
    const again = offered(localAudio(), next);
    expect([again.text, versionOf(again.text)]).toEqual([first.text, "1"]);
    const hold = offered(localAudio({ direction: "sendonly" }), rollback(again.next));
    const talk = offered(localAudio(), rollback(hold.next));
    expect([versionOf(hold.text), versionOf(talk.text)]).toEqual(["2", "3"]);
  });

  test("is answered with the first codec that is left, whatever its number", () => {
    const { next } = offered();
    expect(accepted(next, described("m=audio 4000 RTP/AVP 0 8")).agreement.remote.codec).toBe("PCMU");
    expect(accepted(next, described("m=audio 4000 RTP/AVP 18 97", "a=rtpmap:97 G722/8000")).agreement.remote).toMatchObject({
      codec: "G722",
      payloadType: 97,
    });
  });

  test.for([
    [["m=audio 0 RTP/AVP 8"]],
    [["m=audio 4000 RTP/AVP 18"]],
    [["m=video 4000 RTP/AVP 31"]],
    [[]],
    [[A_LAW, "c=IN IP4 x"]],
  ])("answered with %j is refused, and is as if it had never been made", ([media = []]) => {
    const { next } = offered();
    expect(takeAnswer(next, described(...media))).toMatchObject({ type: "refused", next: { ...rollback(next) } });
  });

  test("an answer with more or fewer streams, or a bundle, is taken where its audio is good", () => {
    const { next } = answered(described("m=video 4 RTP/AVP 31", A_LAW));
    const again = offered(localAudio(), next);
    expect(accepted(again.next, described("m=video 0 RTP/AVP 31", A_LAW, "m=audio 0 RTP/AVP 0")).agreement.remote.codec).toBe(
      "PCMA",
    );
    const { next: alone } = offered();
    expect(accepted(alone, described("a=group:BUNDLE 0", A_LAW, "a=mid:0", "m=video 9 RTP/AVP 31")).type).toBe("agreed");
  });

  test("crosses one of theirs: 491 for theirs, and none of ours while theirs is open", () => {
    const ours = offered();
    expect(takeOffer(ours.next, described(A_LAW), localAudio())).toEqual({ type: "glare", status: 491 });
    expect(makeOffer(ours.next, localAudio())).toEqual({ type: "glare", status: 491 });
    const theirs = takeOffer(fresh(), described(A_LAW), localAudio());
    if (theirs.type !== "taken") throw new Error(theirs.type);
    expect(makeOffer(theirs.next, localAudio())).toEqual({ type: "glare", status: 500 });
    expect(takeOffer(theirs.next, described(A_LAW), localAudio())).toEqual({ type: "glare", status: 500 });
  });

  test("answers to nothing are ignored", () => {
    expect(takeAnswer(fresh(), described(A_LAW))).toEqual({ type: "ignored" });
    expect(makeAnswer(fresh(), localAudio())).toEqual({ type: "ignored" });
  });

  test("a codec that cannot be spoken any more at the answer is refused then", () => {
    const taken = takeOffer(fresh(), described(A_LAW), localAudio());
    if (taken.type !== "taken") throw new Error(taken.type);
    expect(makeAnswer(taken.next, localAudio({ codecs: ["G722"] }))).toMatchObject({
      type: "refused",
      next: { state: "stable" },
    });
  });
});

describe("changes in mid-call", () => {
  test("of the codec, the packets and the address are taken", () => {
    const { next } = answered(described(A_LAW));
    const change = answered(described("m=audio 4100 RTP/AVP 0", "a=ptime:40", "c=IN IP4 192.0.2.7"), localAudio(), next);
    expect(change.agreement.remote).toMatchObject({ address: "192.0.2.7", port: 4_100, codec: "PCMU", packetMs: 40 });
    expect(change.text).toContain("a=ptime:40");
    expect(change.text).toContain("o=- 5 2 ");
  });

  test("a codec that is spoken stays when it is offered again among others", () => {
    const { next } = answered(described("m=audio 4000 RTP/AVP 0"));
    expect(answered(described("m=audio 4000 RTP/AVP 8 0"), localAudio(), next).agreement.remote.codec).toBe("PCMU");
  });

  test("RTCP that shares the port goes on to share it in our offers", () => {
    const { next } = answered(described(A_LAW, "a=rtcp-mux"));
    const again = offered(localAudio(), next);
    expect(again.text).toContain("a=rtcp-mux");
    expect(accepted(again.next, described(A_LAW, "a=rtcp-mux")).agreement.remote.rtcp).toBe("muxed");
    expect(accepted(again.next, described(A_LAW)).agreement.remote.rtcp).toBeUndefined();
  });

  test("number 101 is not given to events where it has been another codec", () => {
    const { next } = answered(described("m=audio 4000 RTP/AVP 8 101", "a=rtpmap:101 opus/48000/2"));
    expect(offered(localAudio(), next).lines).toEqual(["m=audio 10000 RTP/AVP 8 0 9 96"]);
  });
});
