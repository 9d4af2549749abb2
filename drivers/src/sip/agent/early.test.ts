import { expect, test } from "vitest";
import type { DialOutcome, DialProgress, Leg } from "../../line/index.ts";
import { headerOf, type SipMessage, type SipRequest, type SipResponse, tagOf } from "../parser/index.ts";
import { type Sending, sdp } from "../testing/index.ts";
import { next, openSite, type Site } from "./site.testing.ts";

const RELIABLE = "Supported: 100rel";
const bodyOf = (message: SipMessage) => Buffer.from(message.body).toString();
const rackOf = (response: SipResponse, cseq = 1) => `RAck: ${headerOf(response, "rseq")} ${cseq} INVITE`;

/** A call that comes in and sounds before its answer. */
async function sounding(site: Site, sending: Sending = {}): Promise<{ leg: Leg; early: SipResponse }> {
  await site.phone.invite({ ...sending, headers: [RELIABLE, ...(sending.headers ?? [])] });
  const leg = await next(site.box);
  await leg.progress();
  return { leg, early: await site.phone.response(183) };
}

/** Repetitions of responses are passed over. */
async function final(site: Site, method: string): Promise<SipResponse> {
  for (;;) {
    const message = await site.phone.next();
    if (message.type === "response" && message.status >= 200 && message.cseq.method === method) return message;
  }
}

test("a caller that takes it hears 183 reliably, again and again until its PRACK", async () => {
  await using site = await openSite();
  const { early } = await sounding(site);
  expect([headerOf(early, "require"), bodyOf(early).startsWith("v=0")]).toEqual(["100rel", true]);
  for (const waitMs of [500, 1_000, 2_000, 4_000]) {
    await site.clock.advance(waitMs);
    expect(headerOf(await site.phone.response(183), "rseq")).toBe(headerOf(early, "rseq"));
  }
  await site.phone.inDialog("PRACK", early, { cseq: 2, headers: [rackOf(early)] });
  await site.phone.response(200);
  await site.clock.advance(32_000);
  await site.phone.inDialog("OPTIONS", early, { cseq: 3 });
  expect((await site.phone.response(200)).cseq.method).toBe("OPTIONS");
});

test("a caller that never confirms is refused after 64 T1", async () => {
  await using site = await openSite();
  const { leg } = await sounding(site);
  await site.clock.advance(32_000);
  expect((await final(site, "INVITE")).status).toBe(500);
  expect(await leg.ended).toBe("failed");
});

test("the answer waits for the PRACK, and says the same", async () => {
  await using site = await openSite();
  const { leg, early } = await sounding(site);
  const answering = leg.answer();
  await site.phone.inDialog("PRACK", early, { cseq: 2, headers: [rackOf(early)] });
  const said = [await site.phone.next(), await site.phone.next()] as SipResponse[];
  expect(said.map(({ status, cseq }) => [status, cseq.method])).toEqual([
    [200, "PRACK"],
    [200, "INVITE"],
  ]);
  expect(said.find(({ cseq }) => cseq.method === "INVITE")).toMatchObject({ body: early.body });
  await answering;
});

test("who requires reliable responses gets the ringing so too, one after the other", async () => {
  await using site = await openSite();
  await site.phone.invite({ headers: ["Require: 100rel"] });
  const leg = await next(site.box);
  const ringing = await site.phone.response(180);
  await leg.progress();
  await site.phone.inDialog("PRACK", ringing, { cseq: 2, headers: [rackOf(ringing)] });
  const said = [await site.phone.next(), await site.phone.next()] as SipResponse[];
  const early = said.find(({ status }) => status === 183);
  expect(Number(early && headerOf(early, "rseq"))).toBe(Number(headerOf(ringing, "rseq")) + 1);
});

test("a PRACK for nothing is 481", async () => {
  await using site = await openSite();
  const { early } = await sounding(site);
  for (const [cseq, rack] of [
    [2, "RAck: 1 1 INVITE"],
    [3, `RAck: ${headerOf(early, "rseq")} 9 INVITE`],
    [4, "RAck: nonsense"],
  ] as const) {
    await site.phone.inDialog("PRACK", early, { cseq, headers: [rack] });
    await site.phone.response(481);
  }
  await site.phone.inDialog("PRACK", early, { cseq: 5, headers: [rackOf(early)] });
  await site.phone.response(200);
});

test("an INVITE without an offer gets ours in the reliable 183, and the PRACK brings the answer", async () => {
  await using site = await openSite();
  await site.phone.request("INVITE", { headers: [site.phone.contact, RELIABLE] });
  const leg = await next(site.box);
  await leg.progress();
  const early = await site.phone.response(183);
  expect(bodyOf(early)).toContain("RTP/AVP 8 0 9 101");
  const headers = [rackOf(early), "Content-Type: application/sdp"];
  await site.phone.inDialog("PRACK", early, { cseq: 2, headers, body: sdp() });
  await site.phone.response(200);
  await leg.answer();
  const answer = await site.phone.response(200);
  expect([answer.cseq.method, answer.body.length]).toEqual(["INVITE", 0]);
  await site.phone.inDialog("ACK", answer);
});

test("without reliable responses an INVITE without an offer stays silent until its answer", async () => {
  await using site = await openSite();
  await site.phone.request("INVITE", { headers: [site.phone.contact] });
  const leg = await next(site.box);
  await leg.progress();
  await leg.hangup("busy");
  const said = [await site.phone.next(), await site.phone.next(), await site.phone.next()] as SipResponse[];
  expect(said.map(({ status }) => status)).toEqual([100, 180, 486]);
});

test("once the first offer is settled, an UPDATE may change it before the answer", async () => {
  await using site = await openSite();
  const { leg, early } = await sounding(site);
  await site.phone.inDialog("UPDATE", early, { cseq: 2, body: sdp(["a=sendonly"]) });
  await site.phone.response(500);
  await site.phone.inDialog("PRACK", early, { cseq: 3, headers: [rackOf(early)] });
  await site.phone.response(200);
  await site.phone.inDialog("UPDATE", early, { cseq: 4, body: sdp(["a=sendonly"]) });
  expect(bodyOf(await site.phone.response(200))).toContain("a=recvonly");
  await leg.answer();
  expect((await site.phone.response(200)).body.length).toBe(0);
});

test("we change it before the answer by UPDATE, too", async () => {
  await using site = await openSite();
  const { leg, early } = await sounding(site, { headers: ["Allow: INVITE, ACK, UPDATE"] });
  await leg.hold(true);
  await site.phone.inDialog("PRACK", early, { cseq: 2, headers: [rackOf(early)] });
  await site.phone.response(200);
  const holding = leg.hold(true);
  const update = await site.phone.requested("UPDATE");
  expect(bodyOf(update)).toContain("a=sendonly");
  await site.phone.respond(update, 200, { body: sdp(["a=recvonly"]) });
  await holding;
});

test("an offer in the PRACK is answered in its 200", async () => {
  await using site = await openSite();
  const { early } = await sounding(site);
  const headers = [rackOf(early), "Content-Type: application/sdp"];
  await site.phone.inDialog("PRACK", early, { cseq: 2, headers, body: sdp(["a=inactive"]) });
  expect(bodyOf(await site.phone.response(200))).toContain("a=inactive");
});

test("a caller that gives up while a reliable response is open leaves nothing", async () => {
  await using site = await openSite();
  const branch = await site.phone.invite({ headers: [RELIABLE] });
  const leg = await next(site.box);
  await leg.progress();
  await site.phone.response(183);
  await site.phone.request("CANCEL", { branch });
  expect(await leg.ended).toBe("no-answer");
  await leg.answer();
});

test("while it rings, it is said anew every minute", async () => {
  await using site = await openSite();
  await site.phone.invite();
  await next(site.box);
  await site.phone.response(180);
  for (let minute = 0; minute < 3; minute++) {
    await site.clock.advance(60_000);
    expect(await site.phone.next()).toMatchObject({ status: 180 });
  }
});

/** A dialled telephone: what it was sent, and what comes of it. */
async function dialled(site: Site): Promise<{ invite: SipRequest; dialling: Promise<DialOutcome>; progress: DialProgress[] }> {
  const progress: DialProgress[] = [];
  const dialling = site.box.dial(`sip:7000@127.0.0.1:${site.phone.port}`, {
    signal: new AbortController().signal,
    onProgress: (one) => progress.push(one),
  });
  return { invite: await site.phone.requested("INVITE"), dialling, progress };
}

/** A request of the telephone in the dialog that our INVITE opened. */
const from = (invite: SipRequest, tag = "phone") => ({
  callId: invite.callId,
  from: `<sip:7000@phone>;tag=${tag}`,
  to: `<sip:sitebox@127.0.0.1>;tag=${tagOf(invite.from)}`,
});

const reliably = (rseq: number) => ["Require: 100rel", `RSeq: ${rseq}`];

test("a reliable response of a telephone is confirmed once and in order", async () => {
  await using site = await openSite();
  const { invite, dialling, progress } = await dialled(site);
  expect(headerOf(invite, "supported")).toContain("100rel");
  await site.phone.respond(invite, 180, { headers: reliably(7) });
  const first = await site.phone.requested("PRACK");
  expect(headerOf(first, "rack")).toBe("7 1 INVITE");
  await site.phone.respond(first, 200);
  await site.phone.respond(invite, 180, { headers: reliably(7) });
  await site.phone.respond(invite, 183, { headers: reliably(9), body: sdp() });
  await site.phone.respond(invite, 183, { headers: reliably(8), body: sdp() });
  const second = await site.phone.requested("PRACK");
  expect([headerOf(second, "rack"), second.cseq.number]).toEqual(["8 1 INVITE", first.cseq.number + 1]);
  await site.phone.respond(second, 200);
  await site.phone.respond(invite, 200);
  await site.phone.requested("ACK");
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  expect(progress.map(({ type }) => type)).toEqual(["ringing", "early-media"]);
  void outcome.leg.hangup("normal");
  expect((await site.phone.requested("BYE")).cseq.number).toBe(second.cseq.number + 1);
});

test("a telephone that sounds early may change it by UPDATE, and its answer need not say it again", async () => {
  await using site = await openSite();
  const { invite, dialling } = await dialled(site);
  await site.phone.respond(invite, 183, { headers: reliably(1), body: sdp() });
  await site.phone.respond(await site.phone.requested("PRACK"), 200);
  await site.phone.request("UPDATE", {
    ...from(invite),
    headers: [site.phone.contact, "Content-Type: application/sdp"],
    body: sdp(["a=sendonly"]),
  });
  expect(bodyOf(await site.phone.response(200))).toContain("a=recvonly");
  await site.phone.respond(invite, 200, { body: sdp() });
  await site.phone.requested("ACK");
  expect(await dialling).toMatchObject({ type: "answered" });
});

test("of several that a proxy rings, the one that answers has the call, whoever sounded before", async () => {
  await using site = await openSite();
  const { invite, dialling, progress } = await dialled(site);
  await site.phone.respond(invite, 183, { tag: "first", headers: reliably(1), body: sdp([], 4_000) });
  await site.phone.respond(await site.phone.requested("PRACK"), 200);
  await site.phone.respond(invite, 183, { tag: "second", headers: reliably(100), body: sdp([], 5_000) });
  const prack = await site.phone.requested("PRACK");
  expect([tagOf(prack.to), headerOf(prack, "rack")]).toEqual(["second", "100 1 INVITE"]);
  await site.phone.respond(prack, 200);
  await site.phone.respond(invite, 200, { tag: "second" });
  expect(tagOf((await site.phone.requested("ACK")).to)).toBe("second");
  expect(await dialling).toMatchObject({ type: "answered" });
  expect(progress.filter(({ type }) => type === "early-media")).toHaveLength(1);
  await site.phone.respond(invite, 200, { tag: "first", body: sdp() });
  expect(tagOf((await site.phone.requested("ACK")).to)).toBe("first");
  expect(tagOf((await site.phone.requested("BYE")).to)).toBe("first");
});

test("an answer without a Contact is acknowledged where it was rung", async () => {
  await using site = await openSite();
  const { invite, dialling } = await dialled(site);
  const [via] = invite.vias;
  const lines = [
    "SIP/2.0 200 OK",
    `Via: SIP/2.0/UDP ${via?.host}:${via?.port};branch=${via?.params.get("branch")}`,
    `From: <sip:sitebox@127.0.0.1>;tag=${tagOf(invite.from)}`,
    "To: <sip:7000@phone>;tag=bare",
    `Call-ID: ${invite.callId}`,
    "CSeq: 1 INVITE",
    "Content-Type: application/sdp",
    `Content-Length: ${sdp().length}`,
  ];
  await site.phone.write(`${lines.join("\r\n")}\r\n\r\n${sdp()}`);
  expect((await site.phone.requested("ACK")).uri).toMatchObject({ user: "7000", port: site.phone.port });
  expect(await dialling).toMatchObject({ type: "answered" });
});
