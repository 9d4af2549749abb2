import { expect, test } from "vitest";
import type { DialProgress, Leg, LegRequest } from "../../line/index.ts";
import { headerOf, type SipMessage, type SipRequest, type SipResponse } from "../parser/index.ts";
import { PlainRtpPort, sdp } from "../testing/index.ts";
import { next, openSite, type Site } from "./site.testing.ts";

async function talking(site: Site): Promise<{ leg: Leg; answer: SipResponse }> {
  await site.phone.invite();
  const leg = await next(site.box);
  await leg.answer();
  const answer = await site.phone.response(200);
  await site.phone.inDialog("ACK", answer);
  return { leg, answer };
}

const bodyOf = (message: SipMessage) => Buffer.from(message.body).toString();

async function request(leg: Leg): Promise<LegRequest> {
  for await (const one of leg.requests) return one;
  throw new Error("the leg ended");
}

/** Answers a re-INVITE of the box and takes its ACK. */
async function agree(site: Site, invite: SipRequest, direction: string): Promise<void> {
  await site.phone.respond(invite, 200, { body: sdp([direction]) });
  for (;;) {
    const message = await site.phone.next();
    // The clock may have run on while the answer was on its way.
    const repeated = message.type === "request" && message.method === "INVITE";
    if (!repeated) return expect(message).toMatchObject({ method: "ACK", cseq: { number: invite.cseq.number } });
  }
}

test.for([
  ["INVITE", "a=sendonly", "127.0.0.1"],
  ["INVITE", "a=inactive", "127.0.0.1"],
  ["INVITE", "a=sendrecv", "0.0.0.0"],
  ["UPDATE", "a=sendonly", "127.0.0.1"],
] as const)("a far end that holds by %s with %s at %s is heard, and so is the way back", async ([method, direction, address]) => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  await site.phone.inDialog(method, answer, { cseq: 2, body: sdp([direction], 4_000, address) });
  await site.phone.response(200);
  if (method === "INVITE") await site.phone.inDialog("ACK", answer, { cseq: 2 });
  expect(await request(leg)).toEqual({ type: "hold" });
  await site.phone.inDialog(method, answer, { cseq: 3, body: sdp() });
  await site.phone.response(200);
  if (method === "INVITE") await site.phone.inDialog("ACK", answer, { cseq: 3 });
  expect(await request(leg)).toEqual({ type: "resume" });
});

test("a re-INVITE that says the same as before asks for nothing", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  await site.phone.inDialog("INVITE", answer, { cseq: 2, body: sdp() });
  await site.phone.response(200);
  await site.phone.inDialog("ACK", answer, { cseq: 2 });
  await leg.hangup("normal");
  for await (const one of leg.requests) throw new Error(`asked for ${one.type}`);
});

test("we hold by a re-INVITE with sendonly and take back with sendrecv", async () => {
  await using site = await openSite();
  const { leg } = await talking(site);
  const holding = leg.hold(true);
  const held = await site.phone.requested("INVITE");
  expect(bodyOf(held)).toContain("a=sendonly");
  await agree(site, held, "a=recvonly");
  await holding;
  const resuming = leg.hold(false);
  const resumed = await site.phone.requested("INVITE");
  expect([bodyOf(resumed).includes("a=sendrecv"), resumed.cseq.number]).toEqual([true, held.cseq.number + 1]);
  await agree(site, resumed, "a=sendrecv");
  await resuming;
});

test("holding twice asks once", async () => {
  await using site = await openSite();
  const { leg } = await talking(site);
  const holding = Promise.all([leg.hold(true), leg.hold(true)]);
  await agree(site, await site.phone.requested("INVITE"), "a=recvonly");
  await holding;
});

test("while we hold, an offer of the far end is answered so", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  const holding = leg.hold(true);
  await agree(site, await site.phone.requested("INVITE"), "a=recvonly");
  await holding;
  await site.phone.inDialog("INVITE", answer, { cseq: 2, body: sdp() });
  expect(bodyOf(await site.phone.response(200))).toContain("a=sendonly");
});

test("a refused hold changes nothing, and the call goes on", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  const holding = leg.hold(true);
  await site.phone.respond(await site.phone.requested("INVITE"), 488);
  await site.phone.requested("ACK");
  await holding;
  await site.phone.inDialog("INVITE", answer, { cseq: 2, body: sdp() });
  expect(bodyOf(await site.phone.response(200))).toContain("a=sendrecv");
});

test("two re-INVITEs that cross are both 491, and ours comes again within two seconds where the far end called", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  const holding = leg.hold(true);
  const first = await site.phone.requested("INVITE");
  const branch = await site.phone.inDialog("INVITE", answer, { cseq: 2, body: sdp() });
  await site.phone.response(491);
  await site.phone.inDialog("ACK", answer, { cseq: 2, branch });
  await site.phone.respond(first, 491);
  await site.phone.requested("ACK");
  await site.clock.advance(2_000);
  const second = await site.phone.requested("INVITE");
  expect(second.cseq.number).toBe(first.cseq.number + 1);
  await agree(site, second, "a=recvonly");
  await holding;
});

test("who called waits at least 2.1 s after a 491", async () => {
  await using site = await openSite();
  const dialling = site.box.dial(`sip:7000@127.0.0.1:${site.phone.port}`, { signal: new AbortController().signal });
  await site.phone.respond(await site.phone.requested("INVITE"), 200, { body: sdp() });
  await site.phone.requested("ACK");
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  const holding = outcome.leg.hold(true);
  await site.phone.respond(await site.phone.requested("INVITE"), 491);
  await site.phone.requested("ACK");
  await site.clock.advance(2_099);
  await outcome.leg.hangup("normal");
  await site.phone.requested("BYE");
  await holding;
});

test.for([408, 481])("a far end that answers a re-INVITE with %d has lost the call, which ends", async (status) => {
  await using site = await openSite();
  const { leg } = await talking(site);
  const holding = leg.hold(true);
  await site.phone.respond(await site.phone.requested("INVITE"), status);
  await site.phone.requested("ACK");
  await site.phone.requested("BYE");
  expect(await leg.ended).toBe("failed");
  await holding;
});

test("progress lets the caller hear us before the answer, and the answer says the same", async () => {
  await using site = await openSite();
  await site.phone.invite();
  const leg = await next(site.box);
  await leg.progress();
  const early = await site.phone.response(183);
  await leg.progress();
  await leg.answer();
  const answer = await site.phone.response(200);
  expect([headerOf(early, "content-type"), bodyOf(answer)]).toEqual(["application/sdp", bodyOf(early)]);
});

test("a leg knows how it is carried", async () => {
  await using site = await openSite();
  await site.phone.invite({ headers: ["User-Agent: Telephone 1.0"] });
  const leg = await next(site.box);
  await leg.answer();
  expect(leg.facts).toEqual({
    wireId: "call-1",
    peer: `127.0.0.1:${site.phone.port}`,
    userAgent: "Telephone 1.0",
    codec: "PCMA",
    secure: false,
  });
});

test("a dialled telephone that rings and sounds early is told of, and what it answers may say the same", async () => {
  await using site = await openSite();
  const progress: DialProgress[] = [];
  const dialling = site.box.dial(`sip:7000@127.0.0.1:${site.phone.port}`, {
    signal: new AbortController().signal,
    onProgress: (one) => progress.push(one),
  });
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 180);
  await site.phone.respond(invite, 183, { body: sdp() });
  await site.phone.respond(invite, 180);
  await site.phone.respond(invite, 200, { body: sdp() });
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  expect(progress).toEqual([{ type: "ringing" }, { type: "early-media", audio: outcome.leg.audio }]);
});

test("a dialled telephone is shown the caller's name, and asked to answer by itself", async () => {
  await using site = await openSite();
  const dialling = site.box.dial(`sip:7000@127.0.0.1:${site.phone.port}`, {
    signal: new AbortController().signal,
    callerNumber: "8000",
    callerName: '前台 "A"',
    answerAtOnce: true,
  });
  const invite = await site.phone.requested("INVITE");
  expect([invite.from.displayName, headerOf(invite, "answer-mode")]).toEqual(['前台 "A"', "Auto"]);
  expect([headerOf(invite, "call-info"), headerOf(invite, "alert-info")]).toEqual([
    expect.stringContaining(";answer-after=0"),
    expect.stringContaining("info=alert-autoanswer"),
  ]);
  await site.phone.respond(invite, 486);
  expect(await dialling).toEqual({ type: "busy" });
});

test("a leg whose sound broke is ended", async () => {
  await using site = await openSite();
  const { leg } = await talking(site);
  const [port] = site.ports;
  if (port instanceof PlainRtpPort) await port.break();
  await site.phone.requested("BYE");
  expect(await leg.ended).toBe("failed");
});
