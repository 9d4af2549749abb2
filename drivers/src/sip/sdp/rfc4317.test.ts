import { describe, expect, test } from "vitest";
import { localAudio } from "./ends.testing.ts";
import {
  formatSdp,
  type LocalAudio,
  makeAnswer,
  makeOffer,
  type OfferAnswer,
  parseSdp,
  type SessionDescription,
  startOfferAnswer,
  takeAnswer,
  takeOffer,
} from "./index.ts";

// After the examples of RFC 4317, with addresses in the place of its names. Alice is at 192.0.2.1, Bob at 192.0.2.2; one of them is us.
// We speak no iLBC and no video, so where the RFC's peer takes those, we take what is left.

const head = (name: string, version: number, address: string) =>
  `v=0\r\no=${name} 2890844526 ${version} IN IP4 ${address}\r\ns=\r\nc=IN IP4 ${address}\r\nt=0 0\r\n`;

function read(text: string): SessionDescription {
  const session = parseSdp(text);
  if (!session) throw new Error(`not read: ${text}`);
  return session;
}

const alice = (version: number, ...lines: string[]) =>
  read(head("alice", 2_890_844_525 + version, "192.0.2.1") + lines.map((line) => `${line}\r\n`).join(""));
const bob = (version: number, ...lines: string[]) =>
  read(head("bob", 2_808_844_563 + version, "192.0.2.2") + lines.map((line) => `${line}\r\n`).join(""));

const linesOf = (description: SessionDescription) =>
  formatSdp(description)
    .split("\r\n")
    .filter((line) => /^m=|^a=(?:send|recv|inactive)/.test(line));

/** Bob's codecs in the RFC's order, at the ports of its answers. */
const us = (port: number, change: Partial<LocalAudio> = {}) => localAudio({ port, codecs: ["PCMU", "PCMA"], ...change });

function answering(session: OfferAnswer, offer: SessionDescription, local: LocalAudio) {
  const taken = takeOffer(session, offer, local);
  if (taken.type !== "taken") throw new Error(taken.type);
  const made = makeAnswer(taken.next, local);
  if (made.type !== "answered") throw new Error(made.type);
  return { ...made, lines: linesOf(made.answer) };
}

function offering(session: OfferAnswer, local: LocalAudio) {
  const made = makeOffer(session, local);
  if (made.type !== "offered") throw new Error(made.type);
  return { ...made, lines: linesOf(made.offer) };
}

function agreeing(session: OfferAnswer, answer: SessionDescription) {
  const taken = takeAnswer(session, answer);
  if (taken.type !== "agreed") throw new Error(taken.type === "refused" ? taken.reason : taken.type);
  return taken;
}

const AUDIO_VIDEO = [
  "m=audio 49170 RTP/AVP 0 8 97",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:8 PCMA/8000",
  "a=rtpmap:97 iLBC/8000",
  "m=video 51372 RTP/AVP 31 32",
  "a=rtpmap:31 H261/90000",
  "a=rtpmap:32 MPV/90000",
];
const fresh = () => startOfferAnswer("2808844564");

describe("codecs (§2)", () => {
  test("§2.1, §2.2: audio is taken and video refused, each in its place", () => {
    const { lines, agreement } = answering(fresh(), alice(1, ...AUDIO_VIDEO), us(49_174));
    expect(lines).toEqual(["m=audio 49174 RTP/AVP 0", "a=sendrecv", "m=video 0 RTP/AVP 31 32"]);
    expect(agreement.remote).toMatchObject({ address: "192.0.2.1", port: 49_170, codec: "PCMU", payloadType: 0 });
  });

  test("§2.2: an answer with two codecs is followed by the first, and a second offer with one is taken", () => {
    const { next } = offering(fresh(), us(49_170));
    const first = agreeing(next, bob(1, "m=audio 49172 RTP/AVP 0 8", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000"));
    expect(first.agreement.remote).toMatchObject({ address: "192.0.2.2", port: 49_172, codec: "PCMU" });
    const second = answering(first.next, bob(2, "m=audio 49172 RTP/AVP 8", "a=rtpmap:8 PCMA/8000"), us(49_170));
    expect([second.lines[0], second.agreement.remote.codec]).toEqual(["m=audio 49170 RTP/AVP 8", "PCMA"]);
  });

  test("§2.4: of two audio streams one is taken, with the events that it has itself", () => {
    const offer = alice(
      1,
      "m=audio 49170 RTP/AVP 0",
      "a=rtpmap:0 PCMU/8000",
      "m=audio 49172 RTP/AVP 98",
      "a=rtpmap:98 telephone-event/8000",
      "a=sendonly",
    );
    const { lines, agreement } = answering(fresh(), offer, us(49_172));
    expect(lines).toEqual(["m=audio 49172 RTP/AVP 0", "a=sendrecv", "m=audio 0 RTP/AVP 98"]);
    expect(agreement.remote.telephoneEvent).toBeUndefined();
  });
});

describe("hold (§3)", () => {
  test("§3.1: Bob holds with sendonly, Alice answers recvonly, and Bob takes the call back", () => {
    const called = offering(fresh(), us(49_170));
    const up = agreeing(called.next, bob(1, "m=audio 49172 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"));
    const hold = answering(up.next, bob(2, "m=audio 49172 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "a=sendonly"), us(49_170));
    expect(hold.lines).toEqual(["m=audio 49170 RTP/AVP 0", "a=recvonly"]);
    expect(hold.agreement).toMatchObject({ held: true, remote: { send: false, receive: true } });
    const back = answering(hold.next, bob(3, "m=audio 49172 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"), us(49_170));
    expect(back.lines).toEqual(["m=audio 49170 RTP/AVP 0", "a=sendrecv"]);
    expect(back.agreement.held).toBe(false);
  });

  test("§3.2: both streams of a call are held, the refused one stays refused", () => {
    const events = ["m=audio 49172 RTP/AVP 98", "a=rtpmap:98 telephone-event/8000"];
    const up = answering(fresh(), alice(1, "m=audio 49170 RTP/AVP 0", ...events), us(49_172));
    const held = ["m=audio 49170 RTP/AVP 0", "a=sendonly", ...events, "a=sendonly"];
    const hold = answering(up.next, alice(2, ...held), us(49_172));
    expect(hold.lines).toEqual(["m=audio 49172 RTP/AVP 0", "a=recvonly", "m=audio 0 RTP/AVP 98"]);
    expect(hold.agreement.held).toBe(true);
  });
});

describe("streams that come and go (§4)", () => {
  test("§4.1: a second audio stream is refused, the first goes on", () => {
    const up = answering(fresh(), alice(1, "m=audio 49170 RTP/AVP 0"), us(49_172));
    const second = ["m=audio 49172 RTP/AVP 98", "a=rtpmap:98 telephone-event/8000", "a=sendonly"];
    const added = answering(up.next, alice(2, "m=audio 49170 RTP/AVP 0", ...second), us(49_172));
    expect(added.lines).toEqual(["m=audio 49172 RTP/AVP 0", "a=sendrecv", "m=audio 0 RTP/AVP 98"]);
    expect(added.agreement).toEqual(up.agreement);
  });

  test("§4.2, §4.3: video is added and taken away, and our own next offer still has its place", () => {
    const up = answering(fresh(), alice(1, "m=audio 49170 RTP/AVP 0"), us(49_172));
    const added = answering(up.next, alice(2, "m=audio 49170 RTP/AVP 0", "m=video 49172 RTP/AVP 31"), us(49_172));
    expect(added.lines).toEqual(["m=audio 49172 RTP/AVP 0", "a=sendrecv", "m=video 0 RTP/AVP 31"]);
    const removed = answering(added.next, alice(3, "m=audio 49170 RTP/AVP 0", "m=video 0 RTP/AVP 31"), us(49_172));
    // What we say is the same, and so is its version.
    expect(removed.answer).toEqual(added.answer);
    const ours = offering(removed.next, us(49_172));
    expect(ours.lines.filter((line) => line.startsWith("m="))).toEqual(["m=audio 49172 RTP/AVP 0 8 101", "m=video 0 RTP/AVP 31"]);
  });
});

describe("a third party sets the call up (§5)", () => {
  test("an offer without streams has nothing for us", () => {
    expect(takeOffer(fresh(), alice(1), us(49_172))).toMatchObject({ type: "refused", status: 488 });
  });

  test("asked for an offer, we make one, and held at first the call is taken up by the next offer", () => {
    const { lines, next } = offering(fresh(), us(49_172));
    expect(lines[0]).toBe("m=audio 49172 RTP/AVP 0 8 101");
    const hold = agreeing(next, alice(1, "c=IN IP4 0.0.0.0", "m=audio 49170 RTP/AVP 0"));
    expect(hold.agreement).toMatchObject({ held: true, remote: { send: false } });
    const up = answering(hold.next, alice(2, "m=audio 49170 RTP/AVP 0"), us(49_172));
    expect(up.agreement).toMatchObject({ held: false, remote: { address: "192.0.2.1", send: true, receive: true } });
  });
});
