import { expect, test } from "vitest";
import type { Leg, TransferRequest } from "../../line/index.ts";
import { headerOf, type SipMessage, type SipRequest, type SipResponse, tagOf } from "../parser/index.ts";
import { sdp, WirePeer } from "../testing/index.ts";
import { answerTo, next, openSite, type Site } from "./site.testing.ts";

async function talking(site: Site, callId = "call-1"): Promise<{ leg: Leg; answer: SipResponse }> {
  await site.phone.invite({ callId });
  const leg = await next(site.box);
  await leg.answer();
  const answer = await site.phone.response(200);
  await site.phone.inDialog("ACK", answer, { callId });
  return { leg, answer };
}

async function transfer(leg: Leg): Promise<TransferRequest> {
  for await (const one of leg.requests) if (one.type === "transfer") return one;
  throw new Error("the leg ended");
}

const bodyOf = (message: SipMessage) => Buffer.from(message.body).toString();

/** Takes the next notification of the box, and says what it tells. */
async function notified(site: Site): Promise<readonly [fragment: string, state: string | undefined, request: SipRequest]> {
  const notify = await site.phone.requested("NOTIFY");
  expect(headerOf(notify, "content-type")).toMatch(/^message\/sipfrag/);
  await site.phone.respond(notify, 200);
  return [bodyOf(notify).trim(), headerOf(notify, "subscription-state")?.split(";")[0], notify];
}

test("a REFER is accepted at once, and its sender hears how the transfer goes", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  await site.phone.inDialog("REFER", answer, { cseq: 2, headers: ["Refer-To: <sip:8002@box.example>"] });
  await site.phone.response(202);
  const [trying, state, first] = await notified(site);
  expect([trying, state, headerOf(first, "event")]).toEqual(["SIP/2.0 100 Trying", "active", "refer"]);
  const { target, consulted, report } = await transfer(leg);
  expect([target, consulted]).toEqual(["8002", undefined]);
  report("trying");
  report("ringing");
  expect((await notified(site)).slice(0, 2)).toEqual(["SIP/2.0 180 Ringing", "active"]);
  report("answered");
  expect((await notified(site)).slice(0, 2)).toEqual(["SIP/2.0 200 OK", "terminated"]);
  report("failed");
  await leg.hangup("normal");
  await site.phone.respond(await site.phone.requested("BYE"), 200);
  report("busy");
});

test.for([
  ["busy", "SIP/2.0 486 Busy Here"],
  ["failed", "SIP/2.0 503 Service Unavailable"],
] as const)("a transfer that ended %s is told as %s, and another can be asked for", async ([progress, fragment]) => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  for (const [cseq, event] of [
    [2, "refer"],
    [3, "refer;id=3"],
  ] as const) {
    await site.phone.inDialog("REFER", answer, { cseq, headers: ["Refer-To: sip:8002@box.example"] });
    await site.phone.response(202);
    expect(headerOf((await notified(site))[2], "event")).toBe(event);
    (await transfer(leg)).report(progress);
    expect((await notified(site)).slice(0, 2)).toEqual([fragment, "terminated"]);
  }
});

test("who hangs up after its REFER still hears how it ended", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  await site.phone.inDialog("REFER", answer, { cseq: 2, headers: ["Refer-To: <sip:8002@box.example>"] });
  await site.phone.response(202);
  await notified(site);
  const { report } = await transfer(leg);
  await site.phone.inDialog("BYE", answer, { cseq: 3 });
  await site.phone.response(200);
  expect(await leg.ended).toBe("normal");
  report("answered");
  expect((await notified(site)).slice(0, 2)).toEqual(["SIP/2.0 200 OK", "terminated"]);
  await site.phone.inDialog("OPTIONS", answer, { cseq: 4 });
  await site.phone.response(481);
});

test("a transfer of which nothing is heard ends its subscription after five minutes", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  await site.phone.inDialog("REFER", answer, { cseq: 2, headers: ["Refer-To: <sip:8002@box.example>"] });
  await site.phone.response(202);
  await notified(site);
  await site.clock.advance(300_000);
  let last = (await notified(site))[2];
  // The answer to the first may still have been on its way when time went on.
  while (last.cseq.number === 1) last = (await notified(site))[2];
  expect(headerOf(last, "subscription-state")).toBe("terminated;reason=timeout");
  (await transfer(leg)).report("answered");
});

test("who refuses a notification hears no more", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  await site.phone.inDialog("REFER", answer, { cseq: 2, headers: ["Refer-To: <sip:8002@box.example>"] });
  await site.phone.response(202);
  await site.phone.respond(await site.phone.requested("NOTIFY"), 481);
  const { report } = await transfer(leg);
  await site.phone.inDialog("SUBSCRIBE", answer, { cseq: 3, headers: ["Event: refer"] });
  await site.phone.response(481);
  report("answered");
  await leg.hangup("normal");
  await site.phone.requested("BYE");
});

test("the subscription can be asked for again and ended", async () => {
  await using site = await openSite();
  const { answer } = await talking(site);
  await site.phone.inDialog("REFER", answer, { cseq: 2, headers: ["Refer-To: <sip:8002@box.example>"] });
  await site.phone.response(202);
  await notified(site);
  await site.phone.inDialog("SUBSCRIBE", answer, { cseq: 3, headers: ["Event: refer"] });
  expect(headerOf(await site.phone.response(200), "expires")).toBe("300");
  expect((await notified(site))[1]).toBe("active");
  await site.phone.inDialog("SUBSCRIBE", answer, { cseq: 4, headers: ["Event: refer", "Expires: 0"] });
  expect(headerOf(await site.phone.response(200), "expires")).toBe("0");
  expect((await notified(site))[1]).toBe("terminated");
  await site.phone.inDialog("SUBSCRIBE", answer, { cseq: 5, headers: ["Event: presence"] });
  await site.phone.response(489);
});

test("a REFER that wants no subscription gets none", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  const headers = ["Refer-To: <sip:8002@box.example>", "Refer-Sub: false", "Require: norefersub"];
  await site.phone.inDialog("REFER", answer, { cseq: 2, headers });
  expect(headerOf(await site.phone.response(202), "refer-sub")).toBe("false");
  (await transfer(leg)).report("answered");
  await leg.hangup("normal");
  await site.phone.requested("BYE");
});

test.for([
  ["without a Refer-To", [], 400],
  ["with two", ["Refer-To: <sip:1@a>", "Refer-To: <sip:2@a>"], 400],
  ["that cannot be read", ["Refer-To: <<>>"], 400],
  ["with a broken Replaces", ["Refer-To: <sip:8002@box?Replaces=nonsense>"], 400],
  ["to no number", ["Refer-To: <sip:box.example>"], 403],
  ["to a page", ["Refer-To: <http://box.example>"], 403],
  ["that asks for a BYE", ["Refer-To: <sip:8002@box;method=BYE>"], 403],
  ["to a call that is not ours", ["Refer-To: <sip:8002@box?Replaces=x%3Bto-tag%3Da%3Bfrom-tag%3Db>"], 403],
  ["that requires what nobody knows", ["Refer-To: <sip:8002@box>", "Require: magic"], 420],
] as const)("a REFER %s is refused", async ([, headers, status]) => {
  await using site = await openSite();
  const { answer } = await talking(site);
  await site.phone.inDialog("REFER", answer, { cseq: 2, headers: [...headers] });
  await site.phone.response(status);
});

test("a REFER outside any call is refused", async () => {
  await using site = await openSite();
  await site.phone.request("REFER", { headers: ["Refer-To: <sip:8002@box.example>"] });
  await site.phone.response(403);
});

test("an attended transfer names the leg that was asked", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site, "first");
  const second = await talking(site, "second@phone");
  const replaces = `second%40phone%3Bto-tag%3D${tagOf(second.answer.to)}%3Bfrom-tag%3Dphone`;
  await site.phone.inDialog("REFER", answer, {
    callId: "first",
    cseq: 2,
    headers: [`Refer-To: <sip:8000@box.example?Replaces=${replaces}>`],
  });
  await site.phone.response(202);
  const { consulted } = await transfer(leg);
  expect(consulted).toBe(second.leg);
});

const extension = { extensions: [{ number: "8001", password: "secret" }], allowAnonymous: true };

test("an INVITE with Replaces needs a password, whoever sends it", async () => {
  await using site = await openSite(extension);
  const { answer } = await talking(site);
  const headers = [`Replaces: call-1;to-tag=${tagOf(answer.to)};from-tag=phone`];
  await site.phone.invite({ callId: "stranger", headers });
  await site.phone.response(401);
});

test.for([
  ["naming no call", "none;to-tag=a;from-tag=b", 481],
  ["without tags", "call-1", 400],
  ["for a call that should be early", "early-only", 486],
  ["for a call that rings here", "ringing", 481],
] as const)("an INVITE with Replaces %s is refused", async ([, value, status]) => {
  await using site = await openSite(extension);
  await using colleague = await WirePeer.open(site.box.address.udpPort);
  const { answer } = await talking(site);
  await site.phone.invite({ callId: "ringing" });
  const ringing = await site.phone.response(180);
  const text = {
    "early-only": `call-1;to-tag=${tagOf(answer.to)};from-tag=phone;early-only`,
    ringing: `ringing;to-tag=${tagOf(ringing.to)};from-tag=phone`,
  }[value as string];
  const replaces = `Replaces: ${text ?? value}`;
  const invitation = { callId: "replacing", from: "<sip:8001@box>;tag=colleague" };
  await colleague.invite({ ...invitation, headers: [replaces] });
  const challenge = await colleague.response(401);
  await colleague.invite({ ...invitation, cseq: 2, headers: [replaces, answerTo(challenge, { method: "INVITE" })] });
  await colleague.response(status);
});

test("an INVITE with Replaces comes in with the leg that it replaces", async () => {
  await using site = await openSite(extension);
  await using colleague = await WirePeer.open(site.box.address.udpPort);
  const { leg, answer } = await talking(site);
  const replaces = `Replaces: call-1;from-tag=phone;to-tag=${tagOf(answer.to)}`;
  const invitation = { callId: "replacing", from: "<sip:8001@box>;tag=colleague", body: sdp() };
  await colleague.invite({ ...invitation, headers: [replaces] });
  const challenge = await colleague.response(401);
  await colleague.invite({ ...invitation, cseq: 2, headers: [replaces, answerTo(challenge, { method: "INVITE" })] });
  const coming = await next(site.box);
  expect([coming.remote, coming.replaces]).toEqual(["8001", leg]);
});

/** Invites as extension 8001, whose telephone answers the challenge. */
async function inviteAs8001(colleague: WirePeer, callId: string, replaces: string): Promise<void> {
  const invitation = { callId, from: "<sip:8001@box>;tag=colleague" };
  await colleague.invite({ ...invitation, headers: [replaces] });
  const challenge = await colleague.response(401);
  await colleague.invite({ ...invitation, cseq: 2, headers: [replaces, answerTo(challenge, { method: "INVITE" })] });
}

test("what rings at one telephone is picked up at another by Replaces: who dialled gets that leg, and the first stops ringing", async () => {
  await using site = await openSite(extension);
  await using colleague = await WirePeer.open(site.box.address.udpPort);
  const dialling = site.box.dial(`sip:7000@127.0.0.1:${site.phone.port}`, { signal: new AbortController().signal });
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 180);
  const options = { callId: invite.callId, from: "<sip:7000@phone>;tag=phone", to: `<sip:box>;tag=${tagOf(invite.from)}` };
  await site.phone.request("OPTIONS", { ...options, cseq: 9 });
  await site.phone.response(200);
  await inviteAs8001(colleague, "pick-up", `Replaces: ${invite.callId};to-tag=${tagOf(invite.from)};from-tag=phone;early-only`);
  const answer = await colleague.response(200);
  await site.phone.respond(await site.phone.requested("CANCEL"), 200);
  await site.phone.respond(invite, 487);
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  expect(outcome.leg.remote).toBe("8001");
  await colleague.inDialog("ACK", answer, { callId: "pick-up", from: "<sip:8001@box>;tag=colleague", cseq: 2 });
  void outcome.leg.hangup("normal");
  await colleague.requested("BYE");
});
